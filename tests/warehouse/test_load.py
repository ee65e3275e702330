from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from made_records import MESH, NIGHT, annotation, article, comment, fingerprint, night, started

from her2lit.annotate.annotate import annotate_article
from her2lit.errors import WarehouseError
from her2lit.records import (
    AbstractSection,
    BatchRef,
    Deletion,
    LoadReport,
    ParsedArticle,
    PublicationType,
    Reject,
    SearchHit,
    SearchRun,
    Substance,
    Window,
)
from her2lit.topic.topic import load_topic
from warehouse.dimensions import EVER
from warehouse.load import load_drugs, load_night, load_strategies, load_trials

NEXT = NIGHT + timedelta(days=1)
THIRD = NIGHT + timedelta(days=2)


def rows(connection, sql, *parameters):
    return connection.execute(sql, list(parameters)).fetchall()


def events(connection, label=None):
    sql = "SELECT event_type, pmid FROM evidence_events WHERE run_label = coalesce(?, run_label) ORDER BY event_id"
    return rows(connection, sql, label)


def everything(connection):
    """Every row of every table outside the ledger."""
    tables = rows(connection, "SELECT table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY 1")
    ledger = {"runs", "search_runs", "search_hits", "watermarks", "fetch_batches", "rejects"}
    return {t: rows(connection, f'SELECT * FROM main."{t}" ORDER BY ALL') for (t,) in tables if t not in ledger}


def test_a_night_of_new_records_is_counted_and_told(writer):
    report = load_night(writer, night(article(1), article(2, created_date=date(2020, 1, 1))))

    assert report == LoadReport(
        n_articles=2,
        n_new=2,
        n_revised=0,
        n_unchanged=0,
        n_reannotated=0,
        events=(("appeared", 1), ("late_arrival", 1)),
    )
    assert events(writer) == [("appeared", 1), ("late_arrival", 2)]


def test_the_same_night_again_changes_nothing(writer):
    handed = night(article(1, mesh_headings=MESH), article(2))
    load_night(writer, handed)
    before = everything(writer)

    again = load_night(writer, handed)
    as_next_attempt = load_night(writer, replace(handed, run_id=f"{NIGHT}.2"))

    assert (again.has_changes, as_next_attempt.has_changes) == (False, False)
    assert again.n_unchanged == 2
    assert everything(writer) == before


def test_an_empty_night_loads_nothing(writer):
    before = everything(writer)

    report = load_night(writer, night())

    assert report == LoadReport(n_articles=0, n_new=0, n_revised=0, n_unchanged=0, n_reannotated=0)
    assert everything(writer) == before


def test_new_content_is_a_new_version_and_the_old_one_is_kept(writer):
    load_night(writer, night(article(1)))

    report = load_night(writer, night(article(1, title="Another title"), label=NEXT))

    assert (report.n_new, report.n_revised, report.events) == (0, 1, (("revised", 1),))
    assert rows(writer, "SELECT version_id, title, seen_from, seen_to FROM article_versions ORDER BY 1") == [
        (1, "Trastuzumab deruxtecan in made-up study 1", started(NIGHT), started(NEXT)),
        (2, "Another title", started(NEXT), None),
    ]
    assert rows(writer, "SELECT changed_fields FROM evidence_events WHERE event_type = 'revised'") == [(["title"],)]


def test_content_that_comes_back_is_a_third_version(writer):
    load_night(writer, night(article(1)))
    load_night(writer, night(article(1, title="Another title"), label=NEXT))

    load_night(writer, night(article(1), label=THIRD))

    assert rows(writer, "SELECT version_id, seen_to IS NULL FROM article_versions ORDER BY 1") == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert events(writer, THIRD) == [("revised", 1)]


def test_a_later_date_of_revision_alone_is_noted_without_a_version(writer):
    load_night(writer, night(article(1)))

    report = load_night(writer, night(article(1, date_revised=date(2021, 6, 9)), label=NEXT))

    assert not report.has_changes
    assert rows(writer, "SELECT version_id, date_revised FROM article_versions") == [(1, date(2021, 6, 9))]


def test_indexing_is_told_beside_the_revision(writer):
    load_night(writer, night(article(1)))

    load_night(writer, night(article(1, mesh_headings=MESH), label=NEXT))

    assert events(writer, NEXT) == [("revised", 1), ("indexed", 1)]
    assert rows(writer, "SELECT descriptor, qualifier FROM mesh_headings JOIN mesh_qualifiers USING (version_id)") == [
        ("Breast Neoplasms", "drug therapy")
    ]


def test_child_rows_belong_to_their_version(writer):
    load_night(writer, night(article(1)))
    load_night(writer, night(article(1, authors=()), label=NEXT))

    assert rows(writer, "SELECT version_id, position, last_name, collective_name FROM authors ORDER BY ALL") == [
        (1, 1, "Maker", None),
        (1, 2, None, "The Makers"),
    ]
    assert rows(writer, "SELECT version_id, count(*) FROM abstract_sections GROUP BY 1 ORDER BY 1") == [(1, 2), (2, 2)]


def test_history_is_loaded_and_no_news(writer):
    load_night(writer, night(article(1, created_date=date(2019, 1, 1)), article(2), is_history=True))

    assert events(writer) == [("loaded", 1), ("appeared", 2)]


def test_the_highest_pmid_version_is_current_and_all_are_kept(writer):
    load_night(writer, night(article(1)))

    load_night(writer, night(article(1, pmid_version=2, title="Second version"), label=NEXT))

    assert rows(writer, "SELECT pmid_version, seen_to IS NULL FROM article_versions ORDER BY 1") == [
        (1, False),
        (2, True),
    ]
    assert events(writer, NEXT) == [("revised", 1)]


def test_a_lower_pmid_version_that_comes_later_is_kept_but_never_shown(writer):
    load_night(writer, night(article(1, pmid_version=2)))

    report = load_night(writer, night(article(1, title="First version"), label=NEXT))

    assert rows(writer, "SELECT pmid_version, seen_from = seen_to FROM article_versions ORDER BY 1") == [
        (1, True),
        (2, None),
    ]
    assert report.events == ()
    assert load_night(writer, night(article(1, title="First version"), label=THIRD)).n_unchanged == 1


def test_two_pmid_versions_of_one_night_are_one_arrival(writer):
    load_night(writer, night(article(1), article(1, pmid_version=2, title="Second version")))

    assert rows(writer, "SELECT pmid_version FROM article_versions WHERE seen_to IS NULL") == [(2,)]
    assert events(writer) == [("appeared", 1)]


def test_a_notice_marks_the_record_it_names(writer):
    load_night(writer, night(article(1)))

    load_night(writer, night(article(2, comments_corrections=(comment("RetractionOf", 1),)), label=NEXT))

    sql = "SELECT event_type, pmid, notice_pmid, ref_type FROM evidence_events WHERE run_label = ? ORDER BY event_id"
    assert rows(writer, sql, NEXT) == [("retracted", 1, 2, "RetractionOf"), ("appeared", 2, None, None)]
    assert rows(writer, "SELECT pmid, is_retracted FROM core.integrity_as_of(TIMESTAMP 'infinity')") == [(1, True)]


def test_the_retracted_record_s_own_word_later_is_not_told_again(writer):
    load_night(writer, night(article(1)))
    load_night(writer, night(article(2, comments_corrections=(comment("RetractionOf", 1),)), label=NEXT))

    retracted = article(
        1,
        comments_corrections=(comment("RetractionIn", 2, "J Made Up. 2021"),),
        publication_types=(PublicationType(name="Retracted Publication", ui="D016441"),),
    )
    load_night(writer, night(retracted, label=THIRD))

    assert events(writer, THIRD) == [("revised", 1)]


def test_a_retraction_without_a_pmid_on_the_other_end_is_told(writer):
    load_night(writer, night(article(1)))

    load_night(
        writer, night(article(1, comments_corrections=(comment("RetractionIn", None, "J Made Up"),)), label=NEXT)
    )

    assert events(writer, NEXT) == [("revised", 1), ("retracted", 1)]


def test_a_notice_that_is_withdrawn_reinstates(writer):
    load_night(writer, night(article(1), article(2, comments_corrections=(comment("RetractionOf", 1),))))

    load_night(writer, night(article(2), label=NEXT))

    assert events(writer, NEXT) == [("reinstated", 1), ("revised", 2)]


def test_a_notice_of_a_record_that_is_not_held_is_told_when_the_record_comes(writer):
    load_night(writer, night(article(2, comments_corrections=(comment("ExpressionOfConcernFor", 1),))))

    load_night(writer, night(article(1), label=NEXT))

    assert events(writer) == [("appeared", 2), ("appeared", 1), ("concern", 1)]


def test_a_deleted_record_has_no_current_version_and_may_come_back(writer):
    load_night(writer, night(article(1), article(2)))

    load_night(
        writer, night(label=NEXT, deletions=(Deletion(pmid=1, pmid_version=1), Deletion(pmid=5, pmid_version=1)))
    )
    assert events(writer, NEXT) == [("deleted", 1)]
    assert rows(writer, "SELECT pmid FROM article_versions WHERE seen_to IS NULL") == [(2,)]
    assert rows(writer, "SELECT event_type, title FROM out.new_evidence WHERE event_type = 'deleted'") == [
        ("deleted", "Trastuzumab deruxtecan in made-up study 1")
    ]

    report = load_night(writer, night(article(1), label=THIRD))
    assert events(writer, THIRD) == [("reappeared", 1)]
    assert (report.n_new, report.n_revised) == (0, 1)


def test_a_judgement_by_new_rules_is_kept_beside_the_old_one(writer):
    held = article(1)
    load_night(writer, night(held))

    report = load_night(
        writer, night(held, label=NEXT, annotations=(annotation(held, rule_version="rules-2", design="review"),))
    )

    assert (report.n_reannotated, report.n_unchanged, report.has_changes) == (1, 1, True)
    assert rows(
        writer, "SELECT rule_version, design, annotated_at, superseded_at FROM article_evidence ORDER BY 1"
    ) == [
        ("rules-1", "phase2", started(NIGHT), started(NEXT)),
        ("rules-2", "review", started(NEXT), None),
    ]
    assert rows(writer, "SELECT annotation_id, drug_id FROM article_drugs ORDER BY 1") == [
        (1, "trastuzumab-deruxtecan"),
        (2, "trastuzumab-deruxtecan"),
    ]


def test_a_record_is_judged_again_when_its_indexing_arrives_and_the_first_judgement_stays(writer):
    """The text says neither how the patients were allotted nor which drug was given; NLM's indexing later does."""
    topic = load_topic()
    load_drugs(writer, topic.drugs, seen_at=started(NIGHT))
    text = AbstractSection(
        label=None, nlm_category=None, text="120 patients with brain metastases were treated; patients were older."
    )
    published = article(1, title="Fatigue in HER2-positive breast cancer", abstract=(text,), substances=())
    indexed = replace(
        published,
        mesh_headings=MESH,
        publication_types=(PublicationType(name="Randomized Controlled Trial", ui="D016449"),),
        substances=(Substance(name="Ado-Trastuzumab Emtansine", ui="D000080044", registry_number=None),),
    )

    load_night(writer, night(published, annotations=(annotate_article(published, topic),)))
    load_night(writer, night(indexed, label=NEXT, annotations=(annotate_article(indexed, topic),)))

    assert rows(writer, "SELECT version_id, design, design_decided_by FROM article_evidence ORDER BY 1") == [
        (1, "observational", "text"),
        (2, "other_rct", "publication_type"),
    ]
    assert rows(writer, "SELECT version_id, drug_id, decided_by FROM article_drugs ORDER BY 1") == [
        (2, "trastuzumab-emtansine", "substance")
    ]
    assert rows(writer, "SELECT pmid, design, design_decided_by FROM out.current_evidence") == [
        (1, "other_rct", "publication_type")
    ]
    assert rows(writer, "SELECT design FROM out.evidence_as_of(?)", started(NIGHT)) == [("observational",)]


def test_a_judgement_can_be_loaded_for_a_record_already_held(writer):
    held = article(1)
    load_night(writer, night(held, annotations=()))

    report = load_night(writer, night(label=NEXT, annotations=(annotation(held), annotation(article(99)))))

    assert report.n_reannotated == 0
    assert rows(writer, "SELECT version_id, pmid FROM article_evidence") == [(1, 1)]


def test_searches_hits_batches_and_rejects_are_kept_once(writer):
    at = datetime(2021, 6, 5, 2, 30, tzinfo=UTC)
    search = SearchRun(
        strategy="harvest", arm="crdt", strategy_sha256="s", term="t", query_translation=None, warnings=("a: b",), count=1,
        window=Window(since=date(2021, 6, 1), until=NIGHT), started_at=at, finished_at=at, outcome="clean",
    )  # fmt: skip
    handed = night(
        article(1),
        search_runs=(search, search),
        search_hits=(SearchHit(strategy="review", arm="provenance", pmid=1),),
        batches=(BatchRef(batch_sha256="b", pmids=(1, 2), fetched_at=at),),
        rejects=(Reject(pmid=2, offset=10, reason="broken"), Reject(pmid=None, offset=20, reason="broken")),
        watermarks=(("harvest", "crdt", NIGHT),),
    )
    load_night(writer, handed)
    load_night(writer, handed)

    naive = datetime(2021, 6, 5, 2, 30)
    assert rows(writer, "SELECT position, warnings, count, window_since, started_at FROM search_runs ORDER BY 1") == [
        (1, ["a: b"], 1, date(2021, 6, 1), naive),
        (2, ["a: b"], 1, date(2021, 6, 1), naive),
    ]
    assert rows(writer, "SELECT strategy, arm, pmid, seen_at FROM search_hits") == [
        ("review", "provenance", 1, started())
    ]
    assert rows(writer, "SELECT batch_sha256, pmids, fetched_at FROM fetch_batches") == [("b", [1, 2], naive)]
    assert rows(writer, "SELECT pmid, byte_offset, reason FROM rejects ORDER BY 2") == [
        (2, 10, "broken"),
        (None, 20, "broken"),
    ]
    assert rows(writer, "SELECT strategies FROM out.new_evidence") == [(["review"],)]


def test_a_watermark_never_moves_back(writer):
    load_night(writer, night(watermarks=(("harvest", "crdt", NEXT), ("harvest", "lr", NIGHT))))

    load_night(writer, night(label=NEXT, watermarks=(("harvest", "crdt", NIGHT), ("harvest", "lr", NEXT))))

    assert rows(writer, "SELECT arm, watermark FROM watermarks ORDER BY 1") == [("crdt", NEXT), ("lr", NEXT)]


def test_a_load_that_fails_leaves_the_warehouse_as_it_was(writer):
    before = everything(writer)
    broken = ParsedArticle(article=article(1), fingerprint=fingerprint(article(1)), batch_sha256=None)

    with pytest.raises(WarehouseError):
        load_night(writer, night(articles=(broken,), watermarks=(("harvest", "crdt", NIGHT),)))

    assert everything(writer) == before
    assert rows(writer, "SELECT * FROM watermarks") == []
    assert load_night(writer, night(article(1))).n_new == 1


def test_dimensions_say_what_the_topic_says(writer):
    """
    A drug that the topic drops or renames is dropped or renamed here, and the same topic changes nothing.
    """

    class Named:
        name, kind, title, text, sha256 = "review", "provenance", "Reviews", "a[tiab]", "s"
        drug_id, drug_class, is_her2_targeted, rolls_up_to = "tucatinib", "tyrosine kinase inhibitor", True, None

    load_drugs(writer, [Named()], seen_at=started())
    load_drugs(writer, [Named()], seen_at=started(NEXT))
    load_strategies(writer, [Named()])
    load_strategies(writer, [Named()])

    assert rows(writer, "SELECT * FROM drugs") == [("tucatinib", "review", "tyrosine kinase inhibitor", True, None)]
    sql = "SELECT drug_id, drug_name, seen_from, seen_to FROM drug_versions WHERE drug_id IN ('tucatinib', 'letrozole') ORDER BY ALL"
    assert rows(writer, sql) == [
        ("letrozole", "Letrozole", EVER, started()),
        ("tucatinib", "Tucatinib", EVER, started()),
        ("tucatinib", "review", started(), None),
    ]
    assert rows(writer, "SELECT * FROM strategies") == [("review", "provenance", "Reviews", "a[tiab]", "s")]


def test_landmark_trials_and_their_papers_are_those_of_the_topic(writer):
    topic = load_topic()

    load_trials(writer, topic.trials[:1])
    load_trials(writer, topic.trials)

    reports = [(r.pmid, t.name) for t in topic.trials for r in t.reports]
    assert rows(writer, "SELECT count(*) FROM trials") == [(len(topic.trials),)]
    assert rows(writer, "SELECT pmid, trial FROM trial_reports ORDER BY 1") == sorted(reports)
    [nala] = [t for t in topic.trials if t.name == "NALA"]
    assert rows(writer, "SELECT * FROM trials WHERE trial = 'NALA'") == [
        (nala.name, list(nala.names), nala.is_randomised, nala.phase, nala.nct, list(nala.drugs))
    ]


def test_what_was_known_at_an_earlier_night_can_be_read_again(writer):
    """
    evidence_as_of reproduces an old night to the row although the record was revised, re-judged and retracted since.
    """
    first = article(1)
    load_night(writer, night(first))
    then = rows(writer, "SELECT * FROM out.new_evidence ORDER BY ALL")
    as_of = started(NIGHT) + timedelta(hours=1)

    revised = article(1, title="Trastuzumab after all", comments_corrections=(comment("RetractionIn", 2),))
    judged = annotation(revised, rule_version="rules-2", design="review", drugs=())
    load_night(writer, night(revised, article(2), label=NEXT, annotations=(judged, annotation(article(2)))))

    assert rows(writer, "SELECT * FROM out.evidence_as_of(?) ORDER BY ALL", as_of) == then
    assert rows(writer, "SELECT DISTINCT title, is_retracted FROM out.new_evidence WHERE pmid = 1") == [
        ("Trastuzumab after all", True)
    ]
    assert rows(writer, "SELECT title FROM out.articles_as_of(?)", as_of) == [(first.title,)]
    assert rows(writer, "SELECT * FROM out.articles_as_of(?)", started(NIGHT) - timedelta(days=1)) == []
