"""Every kind of fault, and when a plan strikes. Numbers are the specification's (section 9 E)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree
from replica_records import asked_over, element, ids, record

from her2lit.errors import ParseError, SettingsError
from her2lit.pubmed.parse import parse_articles
from her2lit.replica.disturb import KINDS, Circumstances
from her2lit.replica.faults import Fault, FaultPlan, FaultRule, load_fault_plan, read_fault_plan
from her2lit.replica.parameters import Parameters
from her2lit.replica.replies import Reply

#: Kinds that leave the answer alone; they are shown on the wire, in test_server.py
TRANSPORT = {
    "cut_chunk",
    "delay",
    "drip",
    "expire_history",
    "gzip_crc",
    "gzip_cut",
    "gzip_false",
    "reset_after_headers",
    "reset_connect",
    "stall",
}


@pytest.fixture
def asked(tmp_path):
    """Five records."""
    return asked_over(tmp_path, *(record(n) for n in range(1, 6)))


def disturbed(asked, kind, utility="efetch", **options):
    """The answer to a request for all five records, or for their PMIDs, disturbed."""
    parameters = {"id": "1,2,3,4,5", "retmode": "xml"} if utility == "efetch" else {"term": "title[ti]"}
    reply = asked(utility, **parameters)
    at = Circumstances(utility=utility, caller="203.0.113.7", has_key=False, options=options)
    return KINDS[kind].change(reply, at)


def pmids(reply):
    """The PMIDs of a whole EFetch reply."""
    return [article.pmid for article in parse_articles(reply.body, require_closed_root=True).articles]


def test_every_kind_changes_the_answer_or_its_way():
    assert {kind for kind, each in KINDS.items() if each.change is None} == TRANSPORT


@pytest.mark.case("69", "69b", "69c")
def test_429_is_json_without_retry_after_unless_planned(asked):
    plain = disturbed(asked, "rate_limit")

    assert (plain.status, plain.headers, json.loads(plain.body)) == (
        429,
        (),
        {"error": "API rate limit exceeded", "api-key": "203.0.113.7", "count": "4", "limit": "3"},
    )
    assert disturbed(asked, "rate_limit", retry_after=2).headers == (("Retry-After", "2"),)
    assert disturbed(asked, "rate_limit", status=200).status == 200


@pytest.mark.case("50", "51", "71", "72", "73", "74", "75", "78", "79", "80", "81", "97")
@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("server_error", 500, "NCBI/eutils202 - WWW Error 500 Diagnostic"),
        ("bad_gateway", 502, "502 Bad Gateway"),
        ("unavailable", 503, "503 Service Unavailable"),
        ("gateway_timeout", 504, "504 Gateway Time-out"),
        ("html_page", 200, "<html>"),
        ("backend_down", 200, "Search Backend failed: Database is not supported: pubmed"),
        ("viewer_timeout", 400, "External viewer error: Empty Response. Bytes read: 0 Status: Timeout"),
        ("proxy_error", 400, "proxy_stream()"),
        ("bad_request", 400, "ID list is empty!"),
        ("history_lost", 200, "Unable to obtain query #1"),
        ("history_lost_twice", 200, "Cannot retrieve history data"),
        ("invalid_key", 400, '"error":"API key invalid"'),
    ],
)
def test_service_errors_have_their_own_status_and_text(asked, kind, status, text):
    reply = disturbed(asked, kind)

    assert reply.status == status
    assert text in reply.body.decode()


@pytest.mark.case("80")
def test_a_proxy_error_is_cut_before_its_error_closes(asked):
    assert b"</ERROR>" not in disturbed(asked, "proxy_error").body


@pytest.mark.case("76", "77", "96")
def test_empty_and_rootless_bodies(asked):
    assert disturbed(asked, "empty_body").body == b""
    assert disturbed(asked, "prolog_only").body.endswith(b'pubmed_250101.dtd">\n')


@pytest.mark.case("83", "84")
@pytest.mark.parametrize(("kind", "options"), [("cut_clean", {"bytes": 700}), ("cut_records", {"records": 3})])
def test_a_truncated_document_is_never_taken_for_a_whole_one(asked, kind, options):
    with pytest.raises(ParseError):
        pmids(disturbed(asked, kind, **options))


@pytest.mark.case("85")
def test_records_go_missing_under_a_closed_root(asked):
    assert pmids(disturbed(asked, "drop_records", records=2)) == [1, 2, 3]
    assert pmids(disturbed(asked, "drop_records", pmid=2)) == [1, 3, 4, 5]


@pytest.mark.case("57", "58", "22")
def test_records_come_twice_unasked_or_in_another_order(asked):
    assert pmids(disturbed(asked, "repeat_records", records=2)) == [1, 2, 3, 4, 5, 1, 2]
    assert pmids(disturbed(asked, "extra_record", pmid=77)) == [1, 2, 3, 4, 5, 77]
    second = parse_articles(disturbed(asked, "repeat_records", version=2).body).articles
    assert [(each.pmid, each.pmid_version) for each in second][-1] == (1, 2)
    reordered = pmids(disturbed(asked, "reorder_records", seed=1))
    assert sorted(reordered) == [1, 2, 3, 4, 5] != reordered


@pytest.mark.case("90", "91")
def test_content_may_come_under_another_type_or_in_another_dress(asked):
    """All of it still good XML, but for the empty first line."""
    assert disturbed(asked, "content_type", type="text/html").content_type == "text/html"
    for kind in ("bom", "crlf", "content_type"):
        assert etree.fromstring(disturbed(asked, kind).body).tag == "PubmedArticleSet"
    assert disturbed(asked, "leading_newline").body.startswith(b"\n<?xml")


@pytest.mark.case("92")
@pytest.mark.parametrize("kind", ["bad_utf8", "control_character"])
def test_one_bad_byte_makes_the_document_ill_formed(asked, kind):
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(disturbed(asked, kind).body)


@pytest.mark.case("93")
def test_redirects_and_cookies(asked):
    away = disturbed(asked, "redirect", location="http://198.51.100.1/")

    assert (away.status, away.headers) == (301, (("Location", "http://198.51.100.1/"),))
    assert disturbed(asked, "set_cookie").headers[0][0] == "Set-Cookie"


@pytest.mark.case("94")
def test_entities_are_declared_and_referred_to(asked):
    assert b'<!ENTITY outside SYSTEM "file:///etc/hostname">' in disturbed(asked, "entity").body
    assert b"&inside;&outside;" in disturbed(asked, "entity").body
    assert disturbed(asked, "entity_bomb").body.count(b"<!ENTITY") == 10


@pytest.mark.case("31", "38", "40", "41")
def test_searches_may_lie(asked):
    zero = disturbed(asked, "zero", "esearch").body.decode()
    drift = disturbed(asked, "translation_drift", "esearch").body.decode()

    assert (element("Count", zero), ids(zero), element("OutputMessage", zero)) == ("0", [], "No items found.")
    assert element("Count", disturbed(asked, "count_drop", "esearch", percent=40).body.decode()) == "3"
    assert element("QueryTranslation", drift) == '"title"[Title] OR "drifted term"[MeSH Terms]'
    assert element("OutputMessage", disturbed(asked, "warning", "esearch", message="x<y").body.decode()) == "x&lt;y"


# -- plans -------------------------------------------------------------------------------------

NOTHING = Parameters(())


def struck(plan, n, utility="efetch", parameters=NOTHING, body=b""):
    """Which of *n* equal requests a plan disturbs, from 1."""
    return [i for i in range(1, n + 1) if plan.choose(utility, parameters, body)]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6]),
        ("times = 2", [1, 2]),
        ("nth = 3", [3]),
        ('utility = "esearch"', []),
        ('where = {retmode = "xml"}', []),
    ],
)
def test_a_rule_strikes_when_all_its_conditions_hold(when, expected):
    assert struck(read_fault_plan(f'[[fault]]\nkind = "unavailable"\n{when}'), 6) == expected


def test_a_plan_with_chance_is_the_same_for_the_same_seed():
    def plan(seed):
        return read_fault_plan(f'seed = {seed}\n[[fault]]\nkind = "delay"\nprobability = 0.3')

    once = struck(plan(7), 200)

    assert once == struck(plan(7), 200)
    assert once != struck(plan(8), 200)
    assert 30 < len(once) < 90


@pytest.mark.case("95")
def test_a_poison_record_spoils_every_batch_it_is_in():
    plan = read_fault_plan('[[fault]]\nkind = "viewer_timeout"\nholds_pmid = 3')
    batches = ([1, 2, 3], [3, 4], [1, 2], [33])

    spoilt = [
        bool(plan.choose("efetch", NOTHING, b"".join(b"<PMID>%d</PMID>" % pmid for pmid in batch))) for batch in batches
    ]

    assert spoilt == [True, True, False, False]


def test_the_first_rule_that_strikes_decides():
    rules = [FaultRule(fault=Fault(kind="delay"), nth=2), FaultRule(fault=Fault(kind="bom"))]
    plan = FaultPlan(rules)

    kinds = [plan.choose("efetch", NOTHING, b"").kind for _ in range(3)]

    assert kinds == ["bom", "delay", "bom"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[fault]]\nkind = "nope"', "'nope'"),
        ('[[fault]]\nkind = "bom"\nutility = "espell"', "'espell'"),
        ('[[fault]]\nkind = "stall"\nminutes = 3', "no option minutes"),
        ("[[fault", "no TOML"),
        ('[fault]\nkind = "bom"', "two brackets"),
        ("fault = 3", "two brackets"),
        ('sed = 7\n[[fault]]\nkind = "bom"', "no key sed"),
        ('seed = "x"', "seed = 'x', where a whole number"),
        ('[[fault]]\nkind = "bom"\nnth = "two"', "nth = 'two', where a whole number from 1"),
        ('[[fault]]\nkind = "bom"\nnth = 0', "nth = 0"),
        ('[[fault]]\nkind = "bom"\nprobability = 3', "a number from 0 to 1"),
        ('[[fault]]\nkind = "bom"\nprobability = true', "a number from 0 to 1"),
        ('[[fault]]\nkind = "bom"\nwhere = "x"', "a table of parameters"),
        ('[[fault]]\nkind = "stall"\nseconds = "long"', "a number of seconds"),
        ('[[fault]]\nkind = "count_drop"\npercent = -5', "a number from 0 to 100"),
    ],
)
def test_a_wrong_plan_is_refused_by_name(text, named):
    with pytest.raises(SettingsError, match=named):
        read_fault_plan(text)


def test_every_option_of_every_kind_is_checked():
    """An option without a rule for its values could end a running replica."""
    for name, kind in KINDS.items():
        for option in kind.options:
            with pytest.raises(SettingsError, match=f"{name} has {option} = "):
                read_fault_plan(f'[[fault]]\nkind = "{name}"\n{option} = [1]')


def test_a_plan_is_read_from_a_file(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('[[fault]]\nkind = "bom"\nnth = 1\n')

    assert struck(load_fault_plan(path), 3) == [1]
    with pytest.raises(SettingsError, match="cannot be read"):
        load_fault_plan(tmp_path / "absent.toml")


def test_faults_leave_what_they_do_not_fit_alone():
    reply = Reply(body=b"no records here")
    at = Circumstances(utility="efetch", caller="c", has_key=False, options={})

    unchanged = ("cut_records", "drop_records", "repeat_records", "extra_record", "reorder_records", "zero")
    assert [KINDS[kind].change(reply, at) for kind in unchanged] == [reply] * len(unchanged)


def test_the_documentation_lists_every_kind_with_its_options():
    page = (Path(__file__).parents[2] / "docs" / "replica.md").read_text(encoding="utf-8")

    for name, kind in KINDS.items():
        options = ", ".join(f"`{each}`" for each in kind.options) or "–"
        assert f"| `{name}` | {kind.summary} | {options} |" in page
