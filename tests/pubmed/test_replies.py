"""Reading replies: the body decides what a reply is, and control replies become values."""

from __future__ import annotations

import csv

import pytest
from Bio import Entrez
from scripted import WEBENV, error_xml, post_xml, search_xml, set_xml

from her2lit.errors import EutilsReplyError
from her2lit.pubmed import replies
from her2lit.pubmed.replies import (
    HISTORY_LOST,
    INVALID_KEY,
    PERMANENT,
    RATE_LIMITED,
    TRANSIENT,
    HistorySet,
    SearchReply,
    declares_entities,
    find_trouble,
    read_databases,
    read_info,
    read_post,
    read_search,
)

HTML = b"<!DOCTYPE html>\n<html><head><title>NCBI/eutils202 - WWW Error 500 Diagnostic</title></head></html>"
RATE = b'{"error":"API rate limit exceeded","api-key":"203.0.113.7","count":"4","limit":"3"}'
PROXY = b"<eFetchResult><ERROR>proxy_stream(): backend said <html>502 Bad Gateway"


@pytest.mark.case("3", "44", "46", "49", "55", "55b", "75", "81")
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, search_xml([1]).encode(), None),
        (200, b"\xef\xbb\xbf\r\n" + search_xml([1]).replace("\n", "\r\n").encode(), None),
        (429, RATE, RATE_LIMITED),
        (200, RATE, RATE_LIMITED),
        (429, b"slow down", RATE_LIMITED),
        (400, b'{"error":"API key invalid","api-key":"k","type":"invalid","status":"unknown"}', INVALID_KEY),
        (500, b'{"error":"error forwarding request","api-key":"192.0.2.1","type":"ip",\n"status":"ok"}', TRANSIENT),
        (200, b'{"header":', TRANSIENT),
        (500, HTML, TRANSIENT),
        (502, HTML, TRANSIENT),
        (503, b"", TRANSIENT),
        (504, b"Gateway Time-out", TRANSIENT),
        (200, HTML, TRANSIENT),
        (200, b"", TRANSIENT),
        (200, b"  \n", TRANSIENT),
        (200, b'<?xml version="1.0"?>\n<!DOCTYPE eSearchResult PUBLIC "a" "b">\n', TRANSIENT),
        (200, search_xml([1]).encode()[:-20], TRANSIENT),
        (200, set_xml([1]).encode(), TRANSIENT),
        (200, b"Unable to route request!\n\nservice name: /http/service/ratecontrol", TRANSIENT),
        (200, error_xml("Search Backend failed: Database is not supported: pubmed").encode(), TRANSIENT),
        (200, error_xml("Search Backend failed: Unable to open connection to #PMQuerySrv?dbaf=p").encode(), TRANSIENT),
        (200, error_xml("Couldn't resolve #exLinkSrv2, the address table is empty.").encode(), TRANSIENT),
        (200, error_xml("NCBI C++ Exception: TXCLIENT readAll EOF").encode(), TRANSIENT),
        (400, error_xml("Error: External viewer error: Empty Response. Status: Timeout").encode(), TRANSIENT),
        (200, error_xml("Error: External viewer error: Empty Response. Status: Timeout").encode(), TRANSIENT),
        (400, PROXY, TRANSIENT),
        (400, error_xml("Failed to connect to PubOne service").encode(), TRANSIENT),
        (200, error_xml("something nobody has seen").encode(), TRANSIENT),
        (400, error_xml("something nobody has seen").encode(), PERMANENT),
        (200, error_xml("Unable to obtain query #1").encode(), HISTORY_LOST),
        (200, error_xml("Cannot retrieve history data. query_key: 1, WebEnv: MCID_1").encode(), HISTORY_LOST),
        (400, error_xml("Cannot retrieve history data: OUT OF RANGE. Parameter retstart=1 + 1").encode(), PERMANENT),
        (
            200,
            error_xml("Search Backend failed: Exception:\n'retstart' cannot be larger than 9998.").encode(),
            PERMANENT,
        ),
        (
            400,
            error_xml("Search backend cannot retrieve history data. Reason: 'retstart' cannot be larger").encode(),
            PERMANENT,
        ),
        (400, error_xml("ID list is empty! Possibly it has no correct IDs.").encode(), PERMANENT),
        (200, error_xml("Supplied id parameter is empty.").encode(), PERMANENT),
        (200, error_xml("Invalid db name specified: pub").encode(), PERMANENT),
        (200, error_xml("Empty term and query_key - nothing todo").encode(), PERMANENT),
        (400, b"Bad Request (400): Mandatory parameter: db - is omitted", PERMANENT),
        (414, HTML, PERMANENT),
        (404, HTML, PERMANENT),
        (301, b"", PERMANENT),
        (302, HTML, PERMANENT),
        (400, search_xml([1]).encode(), PERMANENT),
        (200, b'<!DOCTYPE eSearchResult [<!ENTITY a "b">]><eSearchResult>&a;</eSearchResult>', PERMANENT),
    ],
)
def test_the_body_decides_what_a_reply_is(status, body, kind):
    trouble = find_trouble(status, body, root="eSearchResult")

    assert (trouble and trouble.kind) == kind


@pytest.mark.case("77", "82", "83", "86")
def test_wherever_a_reply_is_cut_it_may_come_whole_the_next_time():
    """Never a refusal: a DOCTYPE cut in the middle is no declaration of entities."""
    body = search_xml([1]).strip().encode()

    kinds = {find_trouble(200, body[:n], root="eSearchResult").kind for n in range(len(body))}

    assert kinds == {TRANSIENT}


def test_every_error_collected_from_issues_is_recognised(shared):
    """None of the error texts that users of E-utilities reported passes as an answer."""
    with (shared / "data/eutils/errors_verbatim_from_issues.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    bodies = [(int(row["http_status"] or 200), row[next(k for k in row if k.startswith("body"))]) for row in rows]
    errors = [(s, b.replace("\\n", "\n").encode()) for s, b in bodies if not b.startswith(("(", "<?xml", "empty page"))]

    unrecognised = [body for status, body in errors if find_trouble(status, body, root="eSearchResult") is None]

    assert (len(errors) > 12, unrecognised) == (True, [])


@pytest.mark.parametrize("pattern", ["*__eSearch_*.xml", "*__ePost_0*.xml"])
def test_recorded_replies_are_read_as_biopython_reads_them(shared, pattern):
    """``Bio.Entrez`` is the independent oracle for control replies."""
    n_compared = 0
    for path in sorted((shared / "data/eutils").glob(pattern)):
        body = path.read_bytes()
        try:
            with path.open("rb") as stream:
                oracle = Entrez.read(stream)
        except (ValueError, RuntimeError, OSError):
            continue  # a DTD that Biopython does not carry, or an error document
        if "Count" in oracle and "RetMax" in oracle:
            ours = read_search(body)
            assert (str(ours.count), [str(pmid) for pmid in ours.pmids]) == (oracle["Count"], list(oracle["IdList"]))
            assert (ours.webenv, ours.query_key) == (oracle.get("WebEnv"), oracle.get("QueryKey"))
            n_compared += 1
        elif "WebEnv" in oracle and not oracle.get("InvalidIdList"):
            assert read_post(body) == HistorySet(webenv=oracle["WebEnv"], query_key=oracle["QueryKey"])
            n_compared += 1
    assert n_compared > 0


def test_a_search_reply_is_read_whole():
    body = search_xml(
        [34091830, 33759669],
        count=2,
        translation='"her2"[Title/Abstract] AND 2021/06/05:2021/06/07[Date - Create]',
        errors=[("PhraseNotFound", "the")],
        warnings=[("QuotedPhraseNotFound", '"body battery"[tiab]'), ("OutputMessage", "x < y")],
        history=True,
    )

    assert read_search(body.encode()) == SearchReply(
        count=2,
        retmax=2,
        retstart=0,
        pmids=(34091830, 33759669),
        query_key="1",
        webenv=WEBENV,
        query_translation='"her2"[Title/Abstract] AND 2021/06/05:2021/06/07[Date - Create]',
        warnings=(
            "PhraseNotFound: the",
            'QuotedPhraseNotFound: "body battery"[tiab]',
            "OutputMessage: x < y",
        ),
    )


@pytest.mark.parametrize("count", ["", "abc", "-1", "1e3", "12 345"])
def test_a_count_is_a_decimal_number_or_no_answer(count):
    body = search_xml([]).replace("<Count>0</Count>", f"<Count>{count}</Count>")

    with pytest.raises(EutilsReplyError):
        read_search(body.encode())


def test_a_posted_set_is_read():
    assert read_post(post_xml().encode()) == HistorySet(webenv=WEBENV, query_key="1")


def test_ids_that_epost_refused_are_no_answer():
    body = post_xml().replace("<QueryKey>", "<InvalidIdList><Id>-1</Id></InvalidIdList><QueryKey>")

    with pytest.raises(EutilsReplyError, match="refused 1 ids"):
        read_post(body.encode())


def test_einfo_of_pubmed_is_read(shared):
    info = read_info((shared / "data/eutils/biopython__eInfo_02.xml").read_bytes())

    assert (info.db_name, info.db_build, info.last_update) == ("pubmed", "Build-2025.11.27.06.33", "2025/11/27 06:33")
    assert {"CRDT", "EDAT", "MHDA", "MDAT"} <= set(info.fields)


@pytest.mark.case("1")
def test_the_list_of_databases_is_read(shared):
    assert "pubmed" in read_databases((shared / "data/eutils/biopython__eInfo_01.xml").read_bytes())


@pytest.mark.case("94")
@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a PUBLIC "b" "c" [<!ENTITY x "y">]><a/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
    ],
)
def test_entities_are_refused_unread(body):
    assert declares_entities(body)
    with pytest.raises(EutilsReplyError, match="entities"):
        replies.read_search(body)


def test_an_ordinary_doctype_is_no_declaration():
    assert not declares_entities(set_xml([1]).encode())
