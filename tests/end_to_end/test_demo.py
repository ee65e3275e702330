"""The whole straight line, on real records: the demo's four nights, its digest, and what may not change."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date

import duckdb
import pytest
from contents import contents

from warehouse.samples import sample_queries

#: Sample queries about what four nights need not show.
UNANSWERED = {
    "mesh_more_than_30_days_late", "named_by_indexing_only", "nights_without_a_clean_run", "searches_to_look_at",
    "trials_with_several_reports",
}  # fmt: skip

pytestmark = [pytest.mark.xdist_group("prefect"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory, update_file):
    """The demo as a user runs it, in a process of its own; its home and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "home"
    finished = run_her2lit("demo", "--out", str(folder), timeout=500)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder, finished.stdout


@pytest.fixture(scope="module")
def snapshot(demo):
    """The published snapshot, opened as an analyst opens it."""
    connection = duckdb.connect(str(demo[0] / "published" / "her2lit.duckdb"), read_only=True)
    yield connection
    connection.close()


def run_her2lit(*arguments, timeout=120, **environ):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")} | environ
    return subprocess.run(
        [sys.executable, "-m", "her2lit", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def arms_by_night(snapshot, pmid):
    return snapshot.execute(
        """
        SELECT DISTINCT runs.label, search_hits.arm
        FROM search_hits JOIN runs USING (run_id)
        WHERE search_hits.pmid = ? AND search_hits.arm IN ('crdt', 'lr', 'mhda')
        ORDER BY ALL
        """,
        [pmid],
    ).fetchall()


def first_night(snapshot, pmid):
    [(night,)] = snapshot.execute("SELECT min(run_label) FROM out.new_evidence WHERE pmid = ?", [pmid]).fetchall()
    return night


def drugs_of(snapshot, pmid):
    return dict(
        snapshot.execute(
            "SELECT DISTINCT drug_id, role FROM out.new_evidence WHERE pmid = ? AND drug_id IS NOT NULL", [pmid]
        ).fetchall()
    )


def test_t_dm1_in_cell_culture_is_found_the_night_after_it_was_created(snapshot):
    """
    34091830 entered PubMed on 2021-06-06: the night of the 7th finds it by [crdt].
    """
    assert first_night(snapshot, 34091830) == date(2021, 6, 7)
    assert (date(2021, 6, 7), "crdt") in arms_by_night(snapshot, 34091830)
    assert drugs_of(snapshot, 34091830)["trastuzumab-emtansine"] == "studied"
    assert "trastuzumab" not in drugs_of(snapshot, 34091830)


@pytest.mark.parametrize(
    ("pmid", "drug"),
    [(33759669, "trastuzumab-deruxtecan"), (34014777, "trastuzumab-emtansine"), (33663941, "neratinib")],
)
def test_older_records_revised_on_7_june_arrive_on_the_8th_by_lr(snapshot, pmid, drug):
    arms = arms_by_night(snapshot, pmid)

    assert first_night(snapshot, pmid) == date(2021, 6, 8)
    assert (date(2021, 6, 8), "lr") in arms
    assert drugs_of(snapshot, pmid)[drug] == "studied"


@pytest.mark.parametrize("pmid", [33961794, 33961795])
def test_colorectal_papers_on_the_same_drug_are_not_harvested(snapshot, pmid):
    """
    They name no breast cancer anywhere, so no strategy asks for them.
    """
    assert arms_by_night(snapshot, pmid) == []
    assert snapshot.execute("SELECT count(*) FROM article_versions WHERE pmid = ?", [pmid]).fetchall() == [(0,)]


def test_annotated_from_the_file_the_colorectal_papers_are_about_the_drug_and_not_about_breast(update_file):
    from her2lit.annotate.annotate import annotate_article
    from her2lit.pubmed.parse import parse_articles
    from her2lit.pubmed.xml_cut import RecordCutter, read_blocks
    from her2lit.topic.topic import load_topic

    wanted = {33961794, 33961795}
    with update_file.open("rb") as file:
        # The two among 20,788: only what names them is worth parsing.
        named = [
            piece.data
            for piece in RecordCutter(read_blocks(file)).pieces()
            if any(b">%d</PMID>" % pmid in piece.data[:400] for pmid in wanted)
        ]
    articles = parse_articles(b"<PubmedArticleSet>" + b"".join(named) + b"</PubmedArticleSet>").articles
    annotations = {article.pmid: annotate_article(article, load_topic()) for article in articles}

    assert set(annotations) == wanted
    for annotation in annotations.values():
        tumours = {facet.value for facet in annotation.facets if facet.facet == "tumour"}
        drugs = {tag.drug_id for tag in annotation.drugs}
        assert "trastuzumab-deruxtecan" in drugs
        assert "trastuzumab" not in {t.drug_id for t in annotation.drugs if t.role == "studied"}
        assert tumours == {"colorectal"}


def test_every_keyword_of_the_review_says_which_papers_it_brought(snapshot):
    """
    Provenance strategies are intersected with the night's PMIDs on the history server.
    """
    rows = snapshot.execute(
        "SELECT DISTINCT strategy FROM search_hits WHERE pmid = 33759669 AND arm = 'provenance'"
    ).fetchall()

    assert len(rows) >= 3, rows


@pytest.mark.parametrize("sample", sample_queries(), ids=[sample.name for sample in sample_queries()])
def test_every_sample_query_answers_on_the_demo(sample, snapshot):
    answer = snapshot.execute(sample.sql).fetchall()

    assert answer or sample.name in UNANSWERED


def test_a_late_indexing_a_correction_and_a_retraction_are_seen_once_each(snapshot):
    rows = snapshot.execute(
        """
        SELECT event_type, count(*) FROM evidence_events
        WHERE event_type IN ('indexed', 'corrected', 'retracted') AND pmid >= 990000000
        GROUP BY event_type ORDER BY event_type
        """
    ).fetchall()

    assert rows == [("corrected", 1), ("indexed", 1), ("retracted", 1)]


def test_the_retraction_leads_the_mail(demo):
    [mail] = list((demo[0] / "outbox").glob("*.eml"))
    import email
    import email.policy

    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)

    assert "1 retraction" in message["Subject"]
    assert message.get_body(("plain",)) is not None
    assert message.get_body(("html",)) is not None


def test_no_request_was_too_fast(demo):
    assert ", 0 of them too fast," in demo[1]


def test_the_command_that_the_demo_ends_with_works(demo):
    import shlex

    line = next(line.strip() for line in demo[1].splitlines() if line.strip().startswith("her2lit --home"))
    shown = run_her2lit(*shlex.split(line)[1:])

    assert shown.returncode == 0, shown.stderr
    assert "33759669" in shown.stdout


def test_status_says_that_the_last_night_was_clean(demo):
    shown = run_her2lit("--home", str(demo[0]), "status")

    assert shown.returncode == 0
    assert "2021-06-08" in shown.stdout
    assert "CLEAN" in shown.stdout


def test_a_second_demo_brings_nothing_new_and_leaves_the_snapshot_alone(demo):
    """
    No row outside the run ledger changes and the published file is not replaced.
    """
    published = demo[0] / "published" / "her2lit.duckdb"
    before = (published.stat().st_ino, published.stat().st_mtime_ns, contents(demo[0] / "warehouse.duckdb"))

    again = run_her2lit("demo", "--out", str(demo[0]), timeout=500)

    assert again.returncode == 0, again.stdout + again.stderr
    assert "nothing new" in again.stdout
    assert (published.stat().st_ino, published.stat().st_mtime_ns, contents(demo[0] / "warehouse.duckdb")) == before
    assert len(list((demo[0] / "outbox").glob("*.eml"))) == 1


def test_neither_address_nor_key_is_written_anywhere_but_the_private_file(demo):
    """
    A planted address is grepped for in every byte of the home, Prefect's own database included.
    """
    planted = b"demo@her2lit.invalid"
    found = [
        str(path.relative_to(demo[0]))
        for path in demo[0].rglob("*")
        if path.is_file() and path.name != "private.duckdb" and planted in path.read_bytes()
    ]

    assert found == []
