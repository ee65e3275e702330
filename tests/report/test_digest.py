"""The weekly digest: what leads, what is counted, what a reader can rely on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from html_check import Outline
from hypothesis import given, settings
from hypothesis import strategies as st
from made_reports import alert, report_rows, row, run

from her2lit.records import DigestItem
from her2lit.report.digest import MAX_ENTRIES, MAX_HTML_BYTES, build_digest, build_view


def h2s(digest):
    return [text for tag, text in Outline(digest.html).headings if tag == "h2"]


def test_the_subject_says_date_and_counts_gravest_first():
    digest = build_digest(
        report_rows(
            row(1, design="phase3_rct", phase="3"),
            row(2),
            row(3, event_type="late_arrival"),
            row(900),
            row(910),
            alerts=(alert("corrected", 910), alert("retracted", 900)),
        )
    )

    assert digest.subject == (
        "HER2+ mBC evidence 2021-06-08: 1 retraction, 1 correction, 1 phase 3 RCT, 4 new papers, 1 late arrival"
    )


def test_a_retraction_leads_html_and_text_and_an_erratum_is_never_called_one():
    digest = build_digest(report_rows(row(900), row(910), alerts=(alert("corrected", 910), alert("retracted", 900))))

    for shown in (Outline(digest.html).words, digest.text):
        assert 0 < shown.index("RETRACTED") < shown.index("CORRECTED") < shown.lower().index("bottom line")
    correction = digest.text[digest.text.index("* CORRECTED") : digest.text.index("BOTTOM LINE")]
    assert "It is not retracted." in " ".join(correction.split())
    assert "RETRACTED" not in correction


def test_the_result_of_a_retracted_paper_is_not_repeated():
    digest = build_digest(report_rows(row(900, is_retracted=True), alerts=(alert("retracted", 900),)))

    assert "60.9%" not in digest.html + digest.text
    assert "[RETRACTED] Made-up trial 900" in digest.text
    assert digest.text.index("No new paper on this topic.") > 0


def test_a_retraction_off_topic_is_shown_a_correction_off_topic_is_counted():
    view = build_view(
        report_rows(
            row(900, is_on_topic=False),
            row(910, is_on_topic=False),
            alerts=(alert("retracted", 900), alert("corrected", 910)),
        ),
        max_entries=15,
    )

    assert [(a.word, a.pmid, a.is_on_topic) for a in view.alerts] == [("RETRACTED", 900, False)]
    assert view.n_counted_corrections == 1


def test_a_notice_whose_paper_is_not_known_here_is_told_as_a_notice():
    view = build_view(report_rows(row(5, design="retraction_notice"), row(6, design="erratum")), max_entries=15)

    assert [(a.word, a.level, a.pmid) for a in view.alerts] == [
        ("RETRACTION NOTICE", "red", 5),
        ("ERRATUM NOTICE", "yellow", 6),
    ]
    assert view.n_shown == 0


def test_an_old_erratum_of_a_late_arrival_is_a_mark_on_its_entry_and_no_alarm():
    rows = report_rows(row(7, event_type="late_arrival", is_corrected=True), alerts=(alert("corrected", 7),))

    view = build_view(rows, max_entries=15)

    assert view.alerts == ()
    assert view.late[0].warnings == ("CORRECTED",)


def test_every_main_drug_has_its_section_also_when_there_is_nothing_new():
    digest = build_digest(report_rows(row(1)))

    assert h2s(digest) == [
        "Warnings",
        "Bottom line",
        "Trastuzumab deruxtecan: 1 new paper",
        "Tucatinib: nothing new",
        "Trastuzumab: nothing new",
        "Papers per drug",
        "Receipt",
        "About this mail",
    ]


def test_a_quiet_week_still_has_its_receipt():
    digest = build_digest(report_rows())

    assert digest.subject == "HER2+ mBC evidence 2021-06-08: nothing new"
    assert digest.items == ()
    assert "Runs: 7 clean" in digest.text
    assert "Data as of: 2021-06-08 06:30 UTC" in digest.text


def test_a_failed_night_is_named_in_the_receipt():
    digest = build_digest(report_rows(runs=(run(6), run(7, "failed", "EutilsUnavailable:\nno answer"))))

    text = " ".join(digest.text.split())
    assert "Not clean: 2021-06-07 failed: EutilsUnavailable: no answer" in text
    assert "Nights without a clean run: 2021-06-02, 2021-06-03, 2021-06-04, 2021-06-05, 2021-06-07, 2021-06-08;" in text


def test_off_topic_papers_are_counted_and_not_shown():
    digest = build_digest(report_rows(row(1), row(2, title="Elsewhere", is_on_topic=False)))

    assert "Elsewhere" not in digest.html + digest.text
    assert "1 off topic" in digest.text


def test_a_paper_on_several_drugs_stands_in_full_once_and_is_pointed_to():
    rows = (row(1, drug_id="trastuzumab"), row(1, drug_id="tucatinib"), row(1, drug_id="capecitabine"))

    view = build_view(report_rows(*rows), max_entries=15)

    assert [(s.name, [e.pmid for e in s.entries], [e.pmid for e in s.pointers]) for s in view.sections] == [
        ("trastuzumab deruxtecan", [], []),
        ("tucatinib", [1], []),
        ("trastuzumab", [], [1]),
    ]
    assert view.sections[1].entries[0].other_drug_ids == ("trastuzumab", "capecitabine")


def test_a_drug_that_is_only_mentioned_is_no_evidence_on_it():
    view = build_view(report_rows(row(1, drug_id="tucatinib", role="background")), max_entries=15)

    assert [len(section.entries) + len(section.pointers) for section in view.sections] == [0, 0, 0]
    assert [entry.pmid for entry in view.no_drug] == [1]


def test_a_biosimilar_is_filed_under_its_reference_and_named():
    view = build_view(report_rows(row(1, drug_id="trastuzumab-dkst")), max_entries=15)

    assert [s.name for s in view.sections if s.entries] == ["trastuzumab"]
    assert view.sections[2].entries[0].drugs[0].name == "trastuzumab-dkst"


def test_deruxtecan_is_never_filed_under_trastuzumab():
    view = build_view(report_rows(row(1)), max_entries=15)

    assert [(s.drug_id, len(s.entries), len(s.pointers)) for s in view.sections] == [
        ("trastuzumab-deruxtecan", 1, 0),
        ("tucatinib", 0, 0),
        ("trastuzumab", 0, 0),
    ]


def test_at_most_fifteen_papers_are_shown_the_best_first_and_the_rest_is_counted():
    rows = [row(pmid, evidence_rank=pmid) for pmid in range(1, 21)]

    digest = build_digest(report_rows(*rows))

    assert [item.pmid for item in digest.items] == list(range(20, 5, -1))
    assert (digest.n_shown, digest.n_held_over) == (MAX_ENTRIES, 5)
    assert "5 held over to the next digest" in digest.text


def test_the_bottom_line_has_at_most_five_papers_and_none_with_a_warning():
    rows = [row(pmid, evidence_rank=pmid, has_concern=pmid == 9) for pmid in range(1, 10)]

    view = build_view(report_rows(*rows), max_entries=15)

    assert [entry.pmid for entry in view.bottom_line] == [8, 7, 6, 5, 4]


def test_a_mail_never_grows_past_the_size_at_which_it_is_cut():
    """
    Gmail cuts at about 102 KB; a mail of long titles and quotes shows fewer papers instead.
    """
    rows = [row(pmid, title="α" * 2500, finding="β" * 5000 + " end") for pmid in range(1, 16)]

    digest = build_digest(report_rows(*rows))

    assert len(digest.html.encode()) <= MAX_HTML_BYTES
    assert 0 < digest.n_shown < 15
    assert digest.n_shown + digest.n_held_over == 15


def test_a_quote_that_is_cut_says_so_and_is_the_abstracts_own_words():
    finding = "word " * 200 + "end."

    view = build_view(report_rows(row(1, finding=finding)), max_entries=15)

    [entry] = view.sections[0].entries
    assert entry.is_finding_cut
    assert finding.startswith(entry.finding)


def test_a_late_arrival_says_when_it_was_published():
    digest = build_digest(report_rows(row(1, event_type="late_arrival", pub_date="2019 Nov-Dec")))

    assert "late arrival, published 2019-11; added to PubMed 2021-06-06; found by “HER2”" in " ".join(
        digest.text.split()
    )


def test_new_and_indexed_in_one_week_is_one_entry():
    digest = build_digest(report_rows(row(1), row(1, event_id=11, event_type="indexed")))

    assert digest.items == (
        DigestItem(position=1, section="new", event_id=10, pmid=1, drug_id="trastuzumab-deruxtecan"),
    )
    assert "since then indexed with MeSH" in " ".join(digest.text.split())


def test_a_revision_is_told_only_when_the_words_changed():
    shown = row(1, event_type="revised", changed_fields=("abstract", "status"))
    silent = row(2, event_type="revised", changed_fields=("medline_pgn",))

    view = build_view(report_rows(shown, silent), max_entries=15)

    assert [entry.pmid for entry in view.revised] == [1]


def test_html_and_text_tell_the_same_in_the_same_order():
    digest = build_digest(
        report_rows(row(1), row(2, drug_id="tucatinib"), row(3, event_type="late_arrival"), alerts=(alert(),))
    )

    html = Outline(digest.html).words
    places = [(html.index(mark), digest.text.index(mark)) for mark in ("Made-up paper 900", "Late arrivals", "Receipt")]
    assert places == sorted(places)
    for pmid in (1, 2, 3):
        assert f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" in digest.html
        assert f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" in digest.text


def test_the_same_rows_give_the_same_bytes():
    rows = report_rows(row(1), row(2), alerts=(alert(),))

    assert build_digest(rows) == build_digest(replace(rows))


def test_the_mail_is_readable_by_everyone():
    """
    One h1, a language, no image, script or outside resource; layout tables say so, data tables have scopes.
    """
    outline = Outline(build_digest(report_rows(row(1), alerts=(alert(),))).html)

    assert outline.all("html") == [{"lang": "en"}]
    assert [text for tag, text in outline.headings if tag == "h1"] == ["HER2+ mBC evidence 2021-06-08"]
    assert [tag for tag, _ in outline.tags if tag in ("img", "script", "link", "iframe", "form", "object")] == []
    assert [t.get("role") for t in outline.all("table")] == ["presentation", None, None]
    assert {th.get("scope") for th in outline.all("th")} == {"col", "row"}
    assert all(a["href"].startswith("https://") for a in outline.all("a"))


def test_no_letter_is_smaller_than_16_px():
    html = build_digest(report_rows(row(1), alerts=(alert(),))).html

    sizes = [int(size) for size in re.findall(r"font-size:(\d+)px", html)]
    assert min(sizes) >= 16
    # The bars hold no words.
    assert html.count("font-size:0;") == html.count('class="fill"')
    assert len(sizes) + html.count("font-size:0;") == html.count("font-size:")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60))
def test_nothing_from_outside_becomes_markup(words):
    """
    Titles, quotes, sources and messages are shown as they are; the tree of tags stays the same.
    """
    plain = _everything_says("x")
    strange = _everything_says(words + "<b onclick='x'>&\"</p>")

    assert [tag for tag, _ in Outline(strange.html).tags] == [tag for tag, _ in Outline(plain.html).tags]


def _everything_says(words):
    return build_digest(
        report_rows(
            row(1, title=words, finding=words, journal=words, first_author=words, strategies=(words,), pub_date=words),
            alerts=(alert(title=words, notice_source=words),),
            runs=(run(7, "failed", words), run(8)),
        )
    )


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("2021 Jun 5", "2021-06"),
        ("2021 03", "2021-03"),
        ("1998 Dec-1999 Jan", "1998-12"),
        ("Winter 2020", "Winter 2020"),
        ("2021", "2021"),
        (None, "date not given"),
    ],
)
def test_a_printed_date_is_read_as_far_as_it_can_be(printed, shown):
    from her2lit.report.words import published

    assert published(printed) == shown


def test_a_doi_is_quoted_in_its_link_and_only_american_registry_numbers_are_linked():
    from her2lit.report.words import Link, links

    assert links(row(1, doi='10.1/a b"<', trial_ids=("nct00000001", "EudraCT 1"))) == (
        Link("PMID 1", "https://pubmed.ncbi.nlm.nih.gov/1/"),
        Link('doi:10.1/a b"<', "https://doi.org/10.1/a%20b%22%3C"),
        Link("nct00000001", "https://clinicaltrials.gov/study/NCT00000001"),
        Link("EudraCT 1", None),
    )


def test_a_paper_without_abstract_says_so():
    view = build_view(report_rows(row(1, finding=None, has_abstract=False)), max_entries=15)

    assert view.sections[0].entries[0].finding_note == "PubMed has no abstract for this record."


def test_dates_are_those_of_the_period_not_of_today():
    assert build_digest(report_rows()).digest_id == f"{date(2021, 6, 2)}_{date(2021, 6, 9)}"
