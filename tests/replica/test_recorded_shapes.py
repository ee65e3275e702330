"""The replica's replies have the shapes of replies recorded from the real service, read from ../shared."""

from __future__ import annotations

import json

import pytest
from lxml import etree
from replica_records import asked_over, heading, record

SAFE = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)


@pytest.fixture
def recorded(shared):
    """Read one recorded reply."""
    return lambda name: (shared / "data" / "eutils" / name).read_bytes()


@pytest.fixture
def asked(tmp_path):
    """Two records, one of them with everything ESummary prints."""
    return asked_over(
        tmp_path, record(1, title="Biopython.", abstract="x", mesh=heading("Asthma"), completed="2021-06-02"), record(2)
    )


def prolog(body):
    """Declaration and DOCTYPE, without the white space between."""
    return b"".join(body.partition(b">")[0:2]), etree.fromstring(body, SAFE).getroottree().docinfo.doctype


def names(body):
    """The names of the root and of its children, in order."""
    root = etree.fromstring(body, SAFE)
    return [root.tag, *(child.tag for child in root)]


@pytest.mark.parametrize(
    ("file", "parameters"),
    [
        ("biopython__eSearch_01.xml", {"term": "biopython[tiab]"}),
        ("biopython__eSearch_02.xml", {"term": "biopython[tiab]", "usehistory": "y"}),
    ],
)
def test_esearch_has_the_recorded_elements_in_the_recorded_order(recorded, asked, file, parameters):
    ours = asked("esearch", **parameters).body
    theirs = recorded(file)

    assert (prolog(ours), names(ours)) == (prolog(theirs), names(theirs))


def test_an_empty_esearch_has_the_recorded_elements(recorded, asked):
    ours = asked("esearch", term="abcXYZ").body
    theirs = recorded("taxize__eSearch_04.xml")

    assert (prolog(ours), names(ours)) == (prolog(theirs), names(theirs))
    assert ours[ours.index(b"<ErrorList>") :].replace(b"abcXYZ", b"23424234234").strip() == (
        theirs[theirs.index(b"<ErrorList>") :].strip()
    )


def test_epost_equals_the_recorded_reply_but_for_its_webenv(recorded, asked):
    ours = asked("epost", id="1").body
    theirs = recorded("biopython__ePost_01.xml")

    def blank(body):
        root = etree.fromstring(body, SAFE)
        root.find("WebEnv").text = "W"
        return etree.tostring(root)

    assert (prolog(ours), blank(ours)) == (prolog(theirs), blank(theirs))


@pytest.mark.parametrize(
    ("file", "utility", "parameters"),
    [
        ("biopython__ePost_ERR_01.xml", "epost", {"db": "nothing"}),
        ("biopython__ePost_ERR_02.xml", "epost", {"id": "abc"}),
        ("biopython__eSummary_ERR_01.xml", "esummary", {}),
        ("sul_pub__eFetchErr_ERR_01.xml", "efetch", {"id": ""}),
        ("sul_pub__eFetchErr_ERR_02.xml", "efetch", {}),
    ],
)
def test_errors_equal_the_recorded_ones(recorded, asked, file, utility, parameters):
    ours = etree.fromstring(asked(utility, **parameters).body, SAFE)
    theirs = etree.fromstring(recorded(file), SAFE)

    assert (ours.tag, [each.text for each in ours]) == (theirs.tag, [each.text for each in theirs])


def test_error_statuses_equal_the_recorded_ones(shared, asked):
    folder = shared / "data" / "eutils"
    theirs = [json.loads((folder / f"sul_pub__eFetchErr_ERR_0{n}.xml.http.json").read_text())["status"] for n in (1, 2)]

    assert [asked("efetch", id="").status, asked("efetch").status] == theirs


def test_einfo_has_the_recorded_elements_and_only_fields_that_exist(recorded, asked):
    ours = etree.fromstring(asked("einfo", db="pubmed").body, SAFE)
    theirs = etree.fromstring(recorded("biopython__eInfo_02.xml"), SAFE)

    assert [each.tag for each in ours[0]] == [each.tag for each in theirs[0]]
    assert [each.tag for each in ours.find("DbInfo/FieldList/Field")] == [
        each.tag for each in theirs.find("DbInfo/FieldList/Field")
    ]

    def fields(root):
        return {(each.findtext("Name"), each.findtext("FullName")) for each in root.findall("DbInfo/FieldList/Field")}

    assert fields(ours) - fields(theirs) == set()


def test_esummary_has_the_recorded_items_in_the_recorded_order(recorded, asked):
    def items(body):
        first = etree.fromstring(body, SAFE).find("DocSum")
        return [(item.get("Name"), item.get("Type")) for item in first.findall("Item")]

    assert items(asked("esummary", id="1").body) == items(recorded("biopython__eSummary_01.xml"))


def test_elink_json_has_the_recorded_keys(recorded, asked):
    theirs = json.loads(recorded("pubmed_client__jsonLink_10.json"))

    ours = json.loads(asked("elink", dbfrom="pubmed", id="35123456", retmode="json").body)

    assert ours == theirs


def test_einfo_json_has_the_recorded_keys(recorded, asked):
    theirs = json.loads(recorded("pubmed_client__jsonInfo_08.json"))["einforesult"]["dbinfo"][0]

    ours = json.loads(asked("einfo", db="pubmed", retmode="json").body)["einforesult"]["dbinfo"][0]

    assert (list(ours), list(ours["fieldlist"][0]), list(ours["linklist"][0])) == (
        list(theirs),
        list(theirs["fieldlist"][0]),
        list(theirs["linklist"][0]),
    )
