"""The page: works from a file, shows warnings first, is written only where it changed."""

from __future__ import annotations

import stat

import pytest
from html_check import Outline
from lxml import etree
from made_reports import alert, report_rows, row, run

from her2lit.errors import HomeError
from her2lit.report.site import build_site, write_site

ATOM = "{http://www.w3.org/2005/Atom}"


def test_there_is_a_first_page_and_a_page_and_a_feed_per_drug():
    pages = build_site(report_rows(row(1), row(1, drug_id="capecitabine")))

    assert sorted(pages) == [
        "drugs/capecitabine.html", "drugs/trastuzumab-deruxtecan.html", "drugs/trastuzumab.html", "drugs/tucatinib.html",
        "feeds/capecitabine.atom", "feeds/trastuzumab-deruxtecan.atom", "feeds/trastuzumab.atom", "feeds/tucatinib.atom",
        "index.html",
    ]  # fmt: skip


def test_every_page_stands_on_its_own():
    """
    No script, no image, nothing fetched: links to papers and to each other only.
    """
    pages = build_site(report_rows(row(1), alerts=(alert(),)))

    for name, html in pages.items():
        if name.endswith(".html"):
            outline = Outline(html)
            assert [tag for tag, _ in outline.tags if tag in ("img", "script", "link", "iframe", "object")] == []
            assert len(outline.all("h1")) == 1
            assert outline.all("html") == [{"lang": "en"}]
            inside = [a["href"] for a in outline.all("a") if not a["href"].startswith(("https://", "#"))]
            assert {link.removeprefix("../") for link in inside} <= set(pages)


def test_links_within_the_first_page_lead_somewhere():
    outline = Outline(build_site(report_rows(row(1), runs=(run(7, "failed", "why"),)))["index.html"])

    ids = {attributes["id"] for _, attributes in outline.tags if "id" in attributes}
    assert {a["href"][1:] for a in outline.all("a") if a["href"].startswith("#")} <= ids
    assert "Last problem: 2021-06-07 failed" in outline.words


def test_warnings_come_before_drugs_and_drugs_before_the_chart():
    headings = [
        text
        for tag, text in Outline(build_site(report_rows(row(1), alerts=(alert(),)))["index.html"]).headings
        if tag == "h2"
    ]

    assert headings == [
        "Warnings",
        "Trastuzumab deruxtecan: 1 paper",
        "Tucatinib: nothing new",
        "Trastuzumab: nothing new",
        "Papers by drug and month",
        "Runs",
    ]


def test_the_chart_has_its_numbers_as_a_table():
    html = build_site(report_rows())["index.html"]

    assert "<title>tucatinib, 2021-06: 3</title>" in html
    assert '<tr><th scope="row">tucatinib</th><td class="number">3</td><td class="number">3</td></tr>' in html


def test_an_empty_warehouse_has_a_page_that_says_so():
    html = build_site(report_rows(runs=(), data_as_of=None, drug_months=(), rule_version=None))["index.html"]

    assert "Data as of never: no data yet." in html
    assert "<svg" not in html


def test_a_feed_entry_keeps_its_id_when_title_and_findings_change():
    first, second = (
        etree.fromstring(build_site(report_rows(changed))["feeds/trastuzumab-deruxtecan.atom"].encode())
        for changed in (row(1), row(1, title="Renamed", design="phase3_rct", event_id=99, doi=None))
    )

    assert first.findtext(f"{ATOM}entry/{ATOM}id") == second.findtext(f"{ATOM}entry/{ATOM}id")
    assert first.findtext(f"{ATOM}entry/{ATOM}id") == "tag:her2lit.invalid,2021:pmid/1/drug/trastuzumab-deruxtecan"


def test_a_retraction_is_an_entry_of_its_own_in_the_feed_of_each_drug():
    feed = etree.fromstring(build_site(report_rows(alerts=(alert(),)))["feeds/tucatinib.atom"].encode())

    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == ["RETRACTED: Made-up paper 900"]


def test_a_feed_stays_xml_whatever_a_title_holds():
    title = "a\x0b<b>&\ufffe ]]>"

    feed = etree.fromstring(build_site(report_rows(row(1, title=title)))["feeds/trastuzumab-deruxtecan.atom"].encode())

    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "a\ufffd<b>&\ufffd ]]>"


def test_only_what_changed_is_written(tmp_path):
    pages = build_site(report_rows(row(1)))

    assert write_site(pages, tmp_path) == len(pages)
    assert write_site(pages, tmp_path) == 0
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()} == set(pages)


def test_the_page_of_a_drug_that_has_gone_quiet_is_removed(tmp_path):
    write_site(build_site(report_rows(row(1, drug_id="capecitabine"))), tmp_path)

    write_site(build_site(report_rows()), tmp_path)

    assert not (tmp_path / "drugs" / "capecitabine.html").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "site").write_text("a file")

    with pytest.raises(HomeError, match="The old pages stay"):
        write_site({"index.html": "x"}, tmp_path / "site")

    assert stat.S_ISREG((tmp_path / "site").stat().st_mode)


def test_a_drug_id_that_is_a_path_is_refused():
    from her2lit.records import DrugName

    drug = DrugName(drug_id="../x", drug_name="x", drug_class="made", is_her2_targeted=True, rolls_up_to=None)

    with pytest.raises(ValueError, match="no drug id"):
        build_site(report_rows(row(1, drug_id="../x"), drugs=(drug,)))
