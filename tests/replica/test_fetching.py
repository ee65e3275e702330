"""EInfo, EPost, EFetch, ESummary and ELink. Numbers are the specification's."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from Bio import Medline
from replica_records import NOON, Asked, asked_over, element, heading, ids, link, record, write_corpus

from her2lit.pubmed.parse import parse_articles
from her2lit.replica.corpus import Corpus

BOOK = (
    '<PubmedBookArticle><BookDocument><PMID Version="1">9</PMID><ArticleIdList><ArticleId IdType="bookaccession">NBK1'
    '</ArticleId></ArticleIdList><Book><Publisher><PublisherName>P</PublisherName></Publisher><BookTitle book="b">Book.'
    "</BookTitle><PubDate><Year>2020</Year></PubDate></Book><Abstract><AbstractText>Text.</AbstractText></Abstract>"
    '</BookDocument><PubmedBookData><History><PubMedPubDate PubStatus="entrez"><Year>2020</Year><Month>1</Month><Day>2'
    "</Day></PubMedPubDate></History></PubmedBookData></PubmedBookArticle>"
)


@pytest.fixture
def asked(tmp_path):
    """Three articles and a book; 2 cites 1."""
    cites = (
        "<ReferenceList><Reference><Citation>One.</Citation><ArticleIdList>"
        '<ArticleId IdType="pubmed">1</ArticleId></ArticleIdList></Reference></ReferenceList>'
    )
    return asked_over(
        tmp_path,
        record(1, title="One.", abstract="HER2.", mesh=heading("Breast Neoplasms", "drug therapy")),
        record(2, title="Two &amp; a half.", references=cites, electronic="2021-05-30"),
        record(3, title="Three.", links=link("ErratumIn", 2)),
        BOOK,
    )


def pmids_of(body):
    """The PMIDs of an EFetch reply, in its order."""
    return [article.pmid for article in parse_articles(body, require_closed_root=True).articles]


def error_of(reply):
    """Status and ERROR text of a reply."""
    return reply.status, element("ERROR", reply.body.decode())


# -- A: control plane and happy paths ----------------------------------------------------------


@pytest.mark.case("1")
def test_einfo_list_names_pubmed(asked):
    assert re.findall("<DbName>(.*?)</DbName>", asked("einfo").body.decode()) == ["pubmed"]


@pytest.mark.case("2")
def test_einfo_pubmed_tells_build_count_and_fields(asked):
    text = asked("einfo", db="pubmed").body.decode()

    assert (element("DbBuild", text), element("Count", text), element("LastUpdate", text)) == (
        "Build-2021.06.08.00.00",
        "4",
        "2021/06/08 00:00",
    )
    assert {"CRDT", "EDAT", "MHDA", "MDAT", "TIAB"} <= set(re.findall("<Name>([A-Z]+)</Name>", text))


def test_einfo_in_json_tells_the_same(asked):
    info = json.loads(asked("einfo", db="pubmed", retmode="json").body)["einforesult"]["dbinfo"][0]

    assert (info["dbbuild"], info["count"], info["fieldlist"][0]["fullname"]) == (
        "Build-2021.06.08.00.00",
        "4",
        "All Fields",
    )


@pytest.mark.case("3")
@pytest.mark.parametrize("utility", ["einfo", "esearch", "epost", "efetch", "esummary"])
def test_einfo_bad_db(asked, utility):
    """Every utility refuses an unknown database with status 200."""
    assert error_of(asked(utility, db="nope", term="x", id="1")) == (200, "Invalid db name specified: nope")


@pytest.mark.case("21")
def test_epost_keeps_ids_for_efetch_and_esearch(asked):
    text = asked("epost", id="1,3,77").body.decode()
    web_env = element("WebEnv", text)

    assert text == (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE ePostResult PUBLIC "-//NLM//DTD epost 20090526//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20090526/epost.dtd"><ePostResult>\n'
        f"\t<QueryKey>1</QueryKey>\n\t<WebEnv>{web_env}</WebEnv>\n</ePostResult>\n"
    )
    assert pmids_of(asked("efetch", WebEnv=web_env, query_key="1", retmode="xml").body) == [1, 3]
    assert asked.found("#1", usehistory="y", WebEnv=web_env) == [1, 3]


@pytest.mark.case("21")
def test_epost_of_more_than_10000_ids_is_an_error(asked):
    status, text = error_of(asked("epost", id=",".join(map(str, range(1, 10_002)))))

    assert (status, "10000" in text) == (200, True)


def test_epost_says_which_ids_are_none(asked):
    text = asked("epost", id="1,abc").body.decode()
    nothing = asked("epost", id="abc").body.decode()

    assert element("InvalidIdList", text).strip() == "<Id>abc</Id>"
    assert re.findall("<ERROR>(.*?)</ERROR>", nothing) == [
        "Empty ID list; Nothing to store",
        "Some IDs have invalid value and were omitted. Maximum ID value 18446744073709551615",
    ]


@pytest.mark.case("22")
def test_efetch_ids_gives_every_record_once(asked):
    assert pmids_of(asked("efetch", id="3,1,3,2", retmode="xml").body) == [3, 1, 2]
    assert pmids_of(asked.pairs("efetch", ("id", "1"), ("id", "2"), ("retmode", "xml")).body) == [1, 2]


@pytest.fixture(scope="module")
def thousand(tmp_path_factory):
    """1,234 records."""
    return Corpus.from_files(
        [write_corpus(tmp_path_factory.mktemp("k") / "k.xml", *(record(n) for n in range(1, 1235)))]
    )


@pytest.mark.case("23")
def test_efetch_history_pages_equal_the_slices_of_the_search(thousand):
    """Three requests, the last one short."""
    asked = Asked(thousand)
    text = asked.search("title[ti]", usehistory="y")
    history = {"WebEnv": element("WebEnv", text), "query_key": "1", "retmode": "xml", "retmax": "500"}

    pages = [pmids_of(asked("efetch", retstart=str(start), **history).body) for start in (0, 500, 1000)]

    assert [len(page) for page in pages] == [500, 500, 234]
    assert [pmid for page in pages for pmid in page] == ids(text)


@pytest.mark.case("24")
def test_efetch_book_comes_between_articles(asked):
    body = asked("efetch", id="1,9", retmode="xml").body

    assert (pmids_of(body), body.count(b"<PubmedBookArticle>")) == ([1, 9], 1)


@pytest.mark.case("25")
def test_efetch_medline_text_is_read_by_biopython(asked):
    text = asked("efetch", id="1,3", rettype="medline", retmode="text").body.decode()

    one, three = Medline.parse(StringIO(text))
    assert {key: one[key] for key in ("PMID", "TI", "AB", "MH", "EDAT", "CRDT", "AU", "SO", "STAT")} == {
        "PMID": "1",
        "TI": "One.",
        "AB": "HER2.",
        "MH": ["Breast Neoplasms/drug therapy"],
        "EDAT": "2021/06/01 00:00",
        "CRDT": ["2021/06/01 00:00"],
        "AU": ["Smith JA"],
        "SO": "J Test. 2021 Jun;7(2).",
        "STAT": "Publisher",
    }
    assert three["EIN"] == ["J Test. 2021;7(2) PMID: 2"]


@pytest.mark.case("25")
def test_efetch_uilist_and_abstract_are_text(asked):
    """Without retmode the service answers in text as well."""
    assert asked("efetch", id="3,1", rettype="uilist", retmode="text").body == b"3\n1\n"
    abstract = asked("efetch", id="1").body.decode()
    assert "1. J Test. 2021 Jun;7(2)." in abstract
    assert "PMID: 1 [as supplied by publisher]" in abstract


@pytest.mark.case("26")
def test_esummary_json_has_an_error_in_the_place_of_an_unknown_id(asked):
    result = json.loads(asked("esummary", id="1,999999999,2", retmode="json").body)["result"]

    assert result["uids"] == ["1", "999999999", "2"]
    assert result["999999999"] == {"uid": "999999999", "error": "cannot get document summary"}
    assert (result["2"]["title"], result["2"]["epubdate"], result["2"]["authors"]) == (
        "Two & a half.",
        "2021 May 30",
        [{"name": "Smith JA", "authtype": "Author", "clusterid": ""}],
    )


def test_esummary_xml_has_an_error_in_the_place_of_an_unknown_id(asked):
    text = asked("esummary", id="1,999999999").body.decode()

    assert re.findall("<Id>(.*?)</Id>", text) == ["1"]
    assert element("ERROR", text) == "UID=999999999: cannot get document summary"


@pytest.mark.case("26b")
def test_esummary_json_of_more_than_500_ids_is_refused(asked):
    """With status 200; XML has no such limit."""
    many = ",".join(map(str, range(1, 502)))

    reply = asked("esummary", id=many, retmode="json")

    assert (reply.status, json.loads(reply.body)) == (
        200,
        {
            "header": {"type": "esummary", "version": "0.3"},
            "error": "Too many UIDs in request. Maximum number of UIDs is 500 for JSON format output.",
        },
    )
    assert asked("esummary", id=many).body.count(b"<DocSum>") == 4


def test_esummary_without_ids_is_an_error(asked):
    assert error_of(asked("esummary")) == (200, "Neither query_key nor id specified")


def linked(body):
    """(ids, linked ids) of every LinkSet."""
    return [
        (
            re.findall(r"<Id>(\d+)</Id>", s.partition("</IdList>")[0]),
            re.findall(r"<Id>(\d+)</Id>", s.partition("</IdList>")[2]),
        )
        for s in re.findall("<LinkSet>(.*?)</LinkSet>", body.decode(), re.DOTALL)
    ]


@pytest.mark.case("27")
def test_elink_union_and_one_to_one(asked):
    """A comma list shares one set, repeated ids get one each; unknown looks like unlinked."""
    name = ("linkname", "pubmed_pubmed_citedin")

    union = asked.pairs("elink", ("dbfrom", "pubmed"), ("id", "1,3"), name)
    each = asked.pairs("elink", ("dbfrom", "pubmed"), ("id", "1"), ("id", "3"), ("id", "777"), name)

    assert linked(union.body) == [(["1", "3"], ["2"])]
    assert linked(each.body) == [(["1"], ["2"]), (["3"], []), (["777"], [])]


def test_elink_refs_come_from_the_reference_list_in_json_too(asked):
    reply = asked("elink", dbfrom="pubmed", id="2", linkname="pubmed_pubmed_refs", retmode="json")

    assert json.loads(reply.body)["linksets"] == [
        {
            "dbfrom": "pubmed",
            "ids": ["2"],
            "linksetdbs": [{"dbto": "pubmed", "linkname": "pubmed_pubmed_refs", "links": ["1"]}],
        }
    ]


# -- C: window and history limits --------------------------------------------------------------


@pytest.fixture(scope="module")
def posted(thousand):
    """A WebEnv whose set #1 has 10,000 ids, most of them unknown."""
    asked = Asked(thousand)
    web_env = element("WebEnv", asked("epost", id=",".join(map(str, range(1, 10_001)))).body.decode())
    return asked, {"WebEnv": web_env, "query_key": "1", "retmode": "xml"}


@pytest.mark.case("46")
def test_efetch_history_9999_is_http_400(posted):
    asked, history = posted

    status, text = error_of(asked("efetch", retstart="9999", **history))

    assert status == 400
    assert text.startswith(
        "Search backend cannot retrieve history data. Reason: Exception: 'retstart' cannot be larger than 9998."
    )


@pytest.mark.case("47")
def test_efetch_crossing_is_cut_in_silence(posted):
    """9,500 + 500 of exactly 10,000 gives 499."""
    asked, history = posted

    reply = asked("efetch", retstart="9500", retmax="500", rettype="uilist", **history)

    assert (reply.status, len(reply.body.split())) == (200, 499)


@pytest.mark.case("49")
def test_out_of_range_is_http_400(asked):
    web_env = element("WebEnv", asked("epost", id="1").body.decode())

    assert error_of(asked("efetch", WebEnv=web_env, query_key="1", retstart="1", retmode="xml")) == (
        400,
        (
            "Cannot retrieve history data: OUT OF RANGE. Parameter retstart=1 + 1 is greater than number of records "
            "available in history. History includes 1 IDs."
        ),
    )


@pytest.mark.case("50")
def test_webenv_expires_after_eight_idle_hours(asked):
    """Status 200. Use keeps it alive."""
    web_env = element("WebEnv", asked("epost", id="1").body.decode())
    history = {"WebEnv": web_env, "query_key": "1", "retmode": "xml"}
    asked.clock.sleep(7 * 3600)
    assert pmids_of(asked("efetch", **history).body) == [1]
    asked.clock.sleep(8 * 3600)
    assert pmids_of(asked("efetch", **history).body) == [1]
    asked.clock.sleep(8 * 3600 + 1)

    assert error_of(asked("efetch", **history)) == (200, "Unable to obtain query #1")
    assert error_of(asked("esearch", term="#1", usehistory="y", WebEnv=web_env)) == (200, "Unable to obtain query #1")


def test_efetch_without_ids_or_webenv_is_http_400(asked):
    assert error_of(asked("efetch", retmode="xml")) == (400, "WebEnv parameter is required")


@pytest.mark.case("52")
def test_set_changes_between_search_and_fetch(tmp_path):
    """The slice is one short, never shifted."""
    asked = asked_over(
        tmp_path,
        *(record(n) for n in (1, 2, 3, 4)),
        '<?her2lit-replica delete="3" at="2021-06-08T10:00:00-04:00"?>',
    )
    text = asked.search("title[ti]", usehistory="y")
    asked.clock.sleep(3 * 3600)
    history = {"WebEnv": element("WebEnv", text), "query_key": "1", "retmode": "xml", "retmax": "2"}

    assert ids(text) == [4, 3, 2, 1]
    assert [pmids_of(asked("efetch", retstart=start, **history).body) for start in ("0", "2")] == [[4], [2, 1]]


# -- D: what has no record ---------------------------------------------------------------------


@pytest.mark.case("53")
def test_unknown_pmid_is_absent(asked):
    reply = asked("efetch", id="1,32816848", retmode="xml")

    assert (reply.status, pmids_of(reply.body)) == (200, [1])
    assert b"id: 32816848 Error occurred: The following PMID is not available: 32816848" in (
        asked("efetch", id="1,32816848", rettype="medline", retmode="text").body
    )


@pytest.mark.case("54")
def test_all_unknown_is_an_empty_set(asked):
    """Against the DTD, as the service does."""
    reply = asked("efetch", id="32816848", retmode="xml")

    assert reply.body.endswith(b'pubmed_250101.dtd">\n<PubmedArticleSet></PubmedArticleSet>\n')


@pytest.mark.case("55", "55b")
def test_bad_ids(asked):
    assert error_of(asked("efetch", id="00000000", retmode="xml")) == (
        400,
        "ID list is empty! Possibly it has no correct IDs.",
    )
    assert error_of(asked("efetch", id="", retmode="xml")) == (200, "Supplied id parameter is empty.")


@pytest.mark.case("56")
def test_delete_then_return(tmp_path):
    """Missing on one night, back on a later one."""
    asked = asked_over(
        tmp_path,
        record(1, valid_from="2021-06-01T00:00:00-04:00"),
        '<?her2lit-replica delete="1" at="2021-06-08T10:00:00-04:00"?>',
        record(1, valid_from="2021-06-10T00:00:00-04:00"),
        at=NOON,
    )
    seen = []
    for _ in range(3):
        seen.append((pmids_of(asked("efetch", id="1", retmode="xml").body), asked.found("1[uid]")))
        asked.clock.sleep(24 * 3600)

    assert seen == [([1], [1]), ([], []), ([1], [1])]


#: Versions of record 1 by day of June 2021: its links, publication types and status.
TIMELINES = {
    "retracted, with the notice's PMID": ("RetractionIn", 2, "Retracted Publication"),
    "retracted, without it": ("RetractionIn", None, "Retracted Publication"),
    "concern": ("ExpressionOfConcernIn", 2, None),
    "retracted and republished": ("RetractedandRepublishedIn", 2, "Retracted Publication"),
    "corrected": ("ErratumIn", 2, None),
}


@pytest.mark.case("67", "67b", "67c", "67d", "67e")
@pytest.mark.parametrize(("ref_type", "notice", "kind"), TIMELINES.values(), ids=TIMELINES)
def test_a_notice_is_there_from_its_day_on_at_both_ends(tmp_path, ref_type, notice, kind):
    """Each night shows the version of that night, by its property word, its publication type and its links."""
    back = ref_type.replace("In", "Of") if "Retraction" in ref_type else ref_type.removesuffix("In") + "For"
    back = back.replace("RepublishedFor", "RepublishedFrom")
    asked = asked_over(
        tmp_path,
        record(1, valid_from="2021-06-01T00:00:00-04:00"),
        record(
            1,
            types=("Journal Article", *((kind,) if kind else ())),
            links=link(ref_type, notice),
            revised="2021-06-09",
            valid_from="2021-06-09T00:00:00-04:00",
        ),
        record(2, links=link(back, 1), revised="2021-06-09"),
    )
    word, word_of_notice = f"has{ref_type.lower()}", f"has{back.lower()}"
    before = asked.found(f"{word} OR {word_of_notice}")
    asked.clock.sleep(24 * 3600)

    assert before == []
    assert (asked.found(word), asked.found(word_of_notice)) == ([1], [2])
    assert asked.found('"Retracted Publication"[pt]') == ([1] if kind else [])
    [now] = parse_articles(asked("efetch", id="1", retmode="xml").body).articles
    assert [(each.ref_type, each.pmid) for each in now.comments_corrections] == [(ref_type, notice)]


@pytest.mark.case("68")
def test_a_record_passes_through_its_statuses(tmp_path):
    days = (("Publisher", 1), ("In-Process", 9), ("MEDLINE", 10))
    asked = asked_over(
        tmp_path,
        *(record(1, status=status, valid_from=f"2021-06-{day:02d}T00:00:00-04:00") for status, day in days),
    )
    seen = []
    for _ in days:
        seen.append([len(asked.found(f"{word}[sb]")) for word in ("publisher", "inprocess", "medline")])
        asked.clock.sleep(24 * 3600)

    assert seen == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
