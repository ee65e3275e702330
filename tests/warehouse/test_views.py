"""The views analysts read: whole rows on a few made-up nights, and what happens to retracted and deleted records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from made_records import MESH, NIGHT, annotation, article, comment, made_drugs, night, started

from her2lit.annotate.annotate import annotate_article
from her2lit.annotate.families import group_trials
from her2lit.pubmed.parse import iter_records
from her2lit.records import (
    Affiliation,
    Article,
    Author,
    Deletion,
    DigestItem,
    DrugTag,
    Evidence,
    Facet,
    Journal,
    MeshHeading,
    Outcome,
    SearchHit,
    SearchRun,
    Window,
)
from her2lit.topic.cues import DESIGNS
from her2lit.topic.landmarks import Report, Trial
from her2lit.topic.topic import load_topic
from warehouse.audit import require_clean, run_audits
from warehouse.connection import open_writer
from warehouse.digests import freeze_digest, read_digest_rows
from warehouse.ledger import finish_run, start_run
from warehouse.load import load_drugs, load_night, load_trials

SECOND, THIRD = NIGHT + timedelta(days=1), NIGHT + timedelta(days=2)
JUNE = date(2021, 6, 1)
T_DXD, TUCATINIB, TRASTUZUMAB = "trastuzumab-deruxtecan", "tucatinib", "trastuzumab"


def drug(drug_id, role="studied", **changes):
    words = Evidence(place="title", sentence=f"On {drug_id} here", start=3, end=3 + len(drug_id))
    return DrugTag(drug_id=drug_id, role=role, decided_by="text", evidence=words, n_mentions=2, **changes)


def facet(name, value, sentence="Said so.", place="abstract"):
    return Facet(facet=name, value=value, evidence=Evidence(place=place, sentence=sentence, start=0, end=4))


ON_TOPIC = (facet("tumour", "breast"), facet("her2_status", "positive"))


def estimate(endpoint, measure, value, **changes):
    plain = {"ci_low": None, "ci_high": None, "ci_level": None, "p": None, "arm": None, "timepoint_months": None}
    return Outcome(endpoint=endpoint, measure=measure, value=value, quote=f"{measure} {value}", **{**plain, **changes})


def person(name, *affiliations):
    return Author(last_name=name, initials="X", affiliations=tuple(Affiliation(text=text) for text in affiliations))


TRIAL = article(
    1,
    title="MADE-Breast01: trastuzumab deruxtecan against tucatinib in breast cancer",
    authors=(person("First", "Ward A, Paris, France."), person("Last", "Ward B, Boston, MA 02115, USA. Electronic address: x@y.org.")),
)  # fmt: skip
FOLLOW_UP = article(
    2, title="Later results of MADE-Breast01 in breast cancer", created_date=date(2021, 5, 1), authors=(person("First", "Ward B, Oxford, UK"),)
)  # fmt: skip
RETRACTED = article(3, title="Another trial of trastuzumab deruxtecan", authors=())
DELETED = article(4, title="A case of tucatinib", authors=())
LAB = article(5, title="Resistance to trastuzumab in cells", authors=(), mesh_headings=MESH)
LUNG = article(6, title="Trastuzumab deruxtecan in lung cancer", authors=())
NOTICE = article(7, title="Retraction", authors=(), comments_corrections=(comment("RetractionOf", 3),))

JUDGED = {
    1: annotation(
        TRIAL, design="phase3_rct", phase="3", n_patients=500, evidence_rank=95, trial_ids=("NCT00000001",),
        drugs=(drug(T_DXD), drug(TUCATINIB, "comparator")),
        facets=(*ON_TOPIC, facet("setting", "metastatic"), facet("line", "second"), facet("line", "third_plus"),
                facet("cns", "yes", "Brain metastases were allowed."), facet("safety", "ild"), facet("safety", "other")),
        outcomes=(estimate("PFS", "HR", 0.4, ci_low=0.3, ci_high=0.5, ci_level=95.0, p="<0.001"),
                  estimate("OS", "HR", 0.7, ci_low=0.8, ci_high=0.9, flags=("outside_ci",))),
    ),
    2: annotation(
        FOLLOW_UP, design="phase2", is_secondary=True, evidence_rank=70, n_patients=400, drugs=(drug(T_DXD), drug(TRASTUZUMAB, "prior")),
        facets=(*ON_TOPIC, facet("setting", "metastatic")), outcomes=(), finding="It lasted.",
    ),
    3: annotation(RETRACTED, design="other_rct", evidence_rank=99, drugs=(drug(T_DXD),), facets=(*ON_TOPIC, facet("safety", "ild")),
                  outcomes=(estimate("ORR", "rate_percent", 80.0),)),
    4: annotation(DELETED, design="case_report", evidence_rank=40, drugs=(drug(TUCATINIB),), facets=(*ON_TOPIC, facet("safety", "hepatic"))),
    5: annotation(LAB, design="preclinical", evidence_rank=30, drugs=(drug(TRASTUZUMAB),), outcomes=(),
                  facets=(*ON_TOPIC, facet("resistance", "yes", "Cells resisted.", "title"))),
    6: annotation(LUNG, design="observational", evidence_rank=50, drugs=(drug(T_DXD),), facets=(facet("tumour", "lung"),), outcomes=()),
    7: annotation(NOTICE, design="retraction_notice", evidence_rank=0, drugs=(drug(T_DXD),), facets=ON_TOPIC, outcomes=()),
}  # fmt: skip

LANDMARKS = (
    Trial(name="MADE-Breast01", names=("MADE-Breast01",), is_randomised=True, phase="3", drugs=(T_DXD, "letrozole"), nct=None,
          reports=(Report(pmid=1, title="MADE", journal="J Made Up", year=2021),
                   Report(pmid=4, title="CASE", journal="J Made Up", year=2021),
                   Report(pmid=90, title="OLD", journal="J Made Up", year=2001),
                   Report(pmid=91, title="GAP", journal="J Made Up", year=2020))),
)  # fmt: skip


def asked(strategy, arm, count, *, since=None, outcome="clean"):
    return SearchRun(
        strategy=strategy, arm=arm, strategy_sha256="s", term=f"{strategy}[tiab]", query_translation=None, warnings=(), count=count,
        window=Window(since=since, until=NIGHT) if since else None, started_at=started(), finished_at=started(), outcome=outcome,
    )  # fmt: skip


def run(connection, *articles, label, **changes):
    run_id = start_run(
        connection, kind="nightly", label=label, started_at=started(label), her2lit_version="1", rule_version="r"
    )
    handed = night(*articles, label=label, annotations=tuple(JUDGED[a.pmid] for a in articles), **changes)
    report = load_night(connection, replace(handed, run_id=run_id))
    finish_run(
        connection,
        run_id,
        outcome="clean",
        finished_at=started(label) + timedelta(seconds=9),
        report=report,
        n_requests=3,
    )


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Two nights: seven records of two trials, one retracted by a notice, one deleted; a digest that had shown both."""
    with open_writer(tmp_path_factory.mktemp("views") / "warehouse.duckdb") as connection:
        load_drugs(connection, made_drugs())
        load_trials(connection, LANDMARKS)
        hits = [SearchHit(strategy="harvest", arm="crdt", pmid=p) for p in (1, 3, 4, 5, 6)]
        hits += [SearchHit(strategy="keyword-her2", arm="provenance", pmid=p) for p in (1, 3, 5)]
        hits += [SearchHit(strategy="keyword-tucatinib", arm="provenance", pmid=p) for p in (1, 4)]
        searches = (asked("harvest", "crdt", 5, since=date(2019, 6, 1)), asked("keyword-her2", "provenance", 3),
                    asked("keyword-tucatinib", "provenance", 2), asked("topic-ild", "provenance", 0, outcome="held"))  # fmt: skip
        run(
            connection, TRIAL, RETRACTED, DELETED, LAB, LUNG, label=NIGHT, search_hits=tuple(hits), search_runs=searches
        )
        freeze_digest(
            connection, digest_id="week", period=Window(since=NIGHT, until=SECOND), frozen_at=started(NIGHT), subject="s", content_sha256="c",
            items=[DigestItem(position=i, section="new", event_id=i, pmid=p, drug_id=T_DXD) for i, p in enumerate((1, 3), 1)],
        )  # fmt: skip
        deletions = (Deletion(pmid=4, pmid_version=1),)
        lr = (SearchHit(strategy="harvest", arm="lr", pmid=2), SearchHit(strategy="harvest", arm="lr", pmid=1))
        run(connection, FOLLOW_UP, NOTICE, label=SECOND, deletions=deletions, search_hits=lr)
        yield connection


def rows(connection, sql, *parameters):
    """Every row as a dict, so that a test says which column it means."""
    answer = connection.execute(sql, list(parameters))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def values(connection, sql):
    return connection.execute(sql).fetchall()


def test_a_current_article_says_everything_about_itself_once(nights):
    [row] = rows(nights, "SELECT * FROM out.current_articles WHERE pmid = 1")

    assert row == {
        "pmid": 1, "version_id": 1, "annotation_id": 1, "title": TRIAL.title, "first_author": "First X", "journal": "J Made Up",
        "journal_country": "Nowhere", "pub_date": "2021 Jun", "pub_year": 2021, "created_date": date(2021, 6, 3),
        "date_revised": date(2021, 6, 4), "first_seen_at": started(NIGHT), "doi": "10.1000/made.1", "pmcid": None,
        "has_abstract": True, "is_indexed": False, "design": "phase3_rct", "design_group": "randomised", "design_decided_by": "text",
        "is_secondary": False, "phase": "3", "n_patients": 500, "her2_status": ["positive"], "tumour": ["breast"],
        "setting": ["metastatic"], "line": ["second", "third_plus"], "has_cns": True, "has_resistance": False,
        "safety": ["ild", "other"], "evidence_rank": 95, "finding": None, "trial_ids": ["NCT00000001"], "is_retracted": False,
        "has_concern": False, "is_corrected": False, "is_on_topic": True, "rule_version": "rules-1",
    }  # fmt: skip


def test_deleted_records_are_hidden_and_retracted_ones_flagged(nights):
    current = "SELECT pmid, is_retracted, is_indexed FROM out.current_articles ORDER BY 1"
    assert values(nights, current) == [
        (1, False, False), (2, False, False), (3, True, False), (5, False, True), (6, False, False), (7, False, False),
    ]  # fmt: skip
    told = (
        "SELECT event_type, pmid, is_deleted, is_retracted FROM out.new_evidence WHERE pmid IN (3, 4) ORDER BY event_id"
    )
    assert values(nights, told) == [
        ("appeared", 3, False, True), ("appeared", 4, True, False), ("retracted", 3, False, True), ("deleted", 4, True, False),
    ]  # fmt: skip


def test_current_evidence_has_one_row_for_each_drug_and_the_words_that_named_it(nights):
    sql = "SELECT pmid, drug_id, drug_name, role, n_mentions, evidence_place, evidence_sentence, evidence_words FROM out.current_evidence"
    assert values(nights, f"{sql} WHERE pmid = 1 ORDER BY drug_id") == [
        (1, T_DXD, "Trastuzumab deruxtecan", "studied", 2, "title", f"On {T_DXD} here", T_DXD),
        (1, TUCATINIB, "Tucatinib", "comparator", 2, "title", f"On {TUCATINIB} here", TUCATINIB),
    ]
    assert values(nights, "SELECT count(*), count(DISTINCT (pmid, drug_id)) FROM out.current_evidence") == [(8, 8)]


def test_new_evidence_by_drug_counts_news_once_under_its_design(nights):
    """
    No notice, no deleted record and nothing off topic counts; a retracted paper counts, flagged, and is never the best.
    """
    counts = dict.fromkeys(("n_as_comparator", "n_randomised", "n_other_trials", "n_syntheses", "n_observational", "n_case_reports", "n_preclinical", "n_reviews", "n_other", "n_secondary", "n_cns", "n_resistance", "n_safety", "n_retracted", "n_with_concern", "n_corrected"), 0)  # fmt: skip

    found = rows(nights, "SELECT * FROM out.new_evidence_by_drug ORDER BY drug_id")

    assert found == [
        {**counts, "drug_id": TRASTUZUMAB, "drug_name": "Trastuzumab", "month": JUNE, "n_articles": 1, "n_preclinical": 1, "n_resistance": 1,
         "best_evidence_rank": 30, "best_pmid": 5},
        {**counts, "drug_id": T_DXD, "drug_name": "Trastuzumab deruxtecan", "month": JUNE, "n_articles": 3, "n_randomised": 2,
         "n_other_trials": 1, "n_secondary": 1, "n_cns": 1, "n_safety": 2, "n_retracted": 1, "best_evidence_rank": 95, "best_pmid": 1},
        {**counts, "drug_id": TUCATINIB, "drug_name": "Tucatinib", "month": JUNE, "n_articles": 1, "n_as_comparator": 1, "n_randomised": 1,
         "n_cns": 1, "n_safety": 1, "best_evidence_rank": 95, "best_pmid": 1},
    ]  # fmt: skip


def test_every_design_of_the_topic_has_a_group_so_that_counts_add_up(nights):
    grouped = dict(values(nights, "SELECT design, design_group FROM core.design_groups"))

    assert set(grouped) == set(DESIGNS)
    assert {design for design, group in grouped.items() if group == "notice"} == {
        "erratum", "expression_of_concern", "retraction_notice",
    }  # fmt: skip


def test_a_record_counts_in_each_line_it_names_and_as_unspecified_when_it_names_none(nights):
    sql = "SELECT drug_id, setting, line, n_articles, n_as_comparator, n_randomised, best_pmid, n_retracted FROM out.evidence_by_line_and_setting"
    assert values(nights, f"{sql} ORDER BY ALL") == [
        (TRASTUZUMAB, "unspecified", "unspecified", 1, 0, 0, 5, 0),
        (T_DXD, "metastatic", "second", 1, 0, 1, 1, 0),
        (T_DXD, "metastatic", "third_plus", 1, 0, 1, 1, 0),
        (T_DXD, "metastatic", "unspecified", 1, 0, 0, 2, 0),
        (T_DXD, "unspecified", "unspecified", 1, 0, 1, None, 1),
        (TUCATINIB, "metastatic", "second", 1, 1, 1, 1, 0),
        (TUCATINIB, "metastatic", "third_plus", 1, 1, 1, 1, 0),
    ]


def test_evidence_on_brain_metastases_brings_the_sentence_that_says_so(nights):
    found = rows(nights, "SELECT * FROM out.brain_metastases_evidence ORDER BY drug_id")

    assert [row["drug_id"] for row in found] == [T_DXD, TUCATINIB]
    assert found[0] == {
        "pmid": 1, "title": TRIAL.title, "first_author": "First X", "journal": "J Made Up", "pub_date": "2021 Jun",
        "created_date": date(2021, 6, 3), "drug_id": T_DXD, "drug_name": "Trastuzumab deruxtecan", "is_her2_targeted": True,
        "role": "studied", "design": "phase3_rct", "design_group": "randomised", "phase": "3", "n_patients": 500,
        "her2_status": ["positive"], "setting": ["metastatic"], "line": ["second", "third_plus"], "cns_place": "abstract",
        "cns_sentence": "Brain metastases were allowed.", "finding": None, "evidence_rank": 95, "trial_ids": ["NCT00000001"],
        "is_retracted": False, "has_concern": False, "is_corrected": False, "is_on_topic": True,
    }  # fmt: skip


def test_evidence_on_resistance_brings_the_sentence_that_says_so(nights):
    sql = "SELECT pmid, drug_id, role, design, resistance_place, resistance_sentence, is_on_topic FROM out.resistance_evidence"
    assert values(nights, sql) == [(5, TRASTUZUMAB, "studied", "preclinical", "title", "Cells resisted.", True)]


def test_safety_signals_count_papers_that_study_the_drug_and_name_the_harm(nights):
    found = rows(nights, "SELECT * FROM out.safety_signals ORDER BY drug_id, harm")

    assert [(row["drug_id"], row["harm"], row["pmids"]) for row in found] == [
        (T_DXD, "ild", [3, 1]),
        (T_DXD, "other", [1]),
    ]
    assert found[0] == {
        "drug_id": T_DXD, "drug_name": "Trastuzumab deruxtecan", "harm": "ild", "n_articles": 2, "n_articles_of_drug": 3,
        "n_randomised": 2, "n_other_trials": 0, "n_syntheses": 0, "n_observational": 0, "n_case_reports": 0,
        "first_created_date": date(2021, 6, 3), "last_created_date": date(2021, 6, 3), "pmids": [3, 1], "best_pmid": 1,
        "n_retracted": 1, "n_with_concern": 0,
    }  # fmt: skip


def test_the_outcome_table_has_each_estimate_by_drug_and_comparator(nights):
    found = rows(nights, "SELECT * FROM out.outcome_table ORDER BY pmid, position, drug_id")

    assert [(row["pmid"], row["position"], row["drug_id"], row["is_retracted"]) for row in found] == [
        (1, 1, T_DXD, False), (1, 2, T_DXD, False), (3, 1, T_DXD, True),
    ]  # fmt: skip
    assert found[0] == {
        "pmid": 1, "position": 1, "drug_id": T_DXD, "drug_name": "Trastuzumab deruxtecan", "studied_drug_ids": [T_DXD],
        "comparator_drug_ids": [TUCATINIB], "endpoint": "PFS", "measure": "HR", "value": 0.4, "ci_low": 0.3, "ci_high": 0.5,
        "ci_level": 95.0, "p": "<0.001", "arm": None, "timepoint_months": None, "quote": "HR 0.4", "evidence_sentence": None, "flags": [], "title": TRIAL.title,
        "created_date": date(2021, 6, 3), "design": "phase3_rct", "design_group": "randomised", "phase": "3", "is_secondary": False,
        "n_patients": 500, "setting": ["metastatic"], "line": ["second", "third_plus"], "evidence_rank": 95,
        "trial_ids": ["NCT00000001"], "is_retracted": False, "has_concern": False, "is_corrected": False, "is_on_topic": True,
    }  # fmt: skip
    assert found[1]["flags"] == ["outside_ci"]


def test_a_trial_is_one_family_by_registry_id_or_by_the_acronym_in_a_title(nights):
    [family] = rows(nights, "SELECT * FROM out.trial_families")

    assert family == {
        "trial_family": "NCT00000001", "trial": "MADE-Breast01", "trial_ids": ["NCT00000001"], "n_articles": 2, "pmids": [1, 2],
        "primary_pmid": 1, "primary_title": TRIAL.title, "primary_design": "phase3_rct", "primary_is_retracted": False,
        "drug_ids": [T_DXD, TUCATINIB], "first_created_date": date(2021, 5, 1), "last_created_date": date(2021, 6, 3),
        "most_patients": 500, "is_on_topic": True, "n_retracted": 0, "n_with_concern": 0,
    }  # fmt: skip


def test_a_sentinel_is_held_deleted_or_missing_and_due_only_where_the_searches_reach(nights):
    found = rows(nights, "SELECT * FROM out.sentinel_recall ORDER BY pmid")

    assert found[0] == {
        "pmid": 1, "trial": "MADE-Breast01", "title": "MADE", "journal": "J Made Up", "year": 2021, "drug_ids": [T_DXD, "letrozole"],
        "state": "held", "is_due": True, "checked_label": None, "is_in_pubmed": None, "is_matched": None,
        "first_seen_at": started(NIGHT), "arms": ["crdt", "lr"], "strategies": ["keyword-her2", "keyword-tucatinib"],
        "missed_drug_ids": ["letrozole"],
    }  # fmt: skip
    assert [(row["pmid"], row["state"], row["is_due"], row["missed_drug_ids"]) for row in found[1:]] == [
        (4, "deleted", True, None), (90, "not held", False, None), (91, "not held", True, None),
    ]  # fmt: skip


def test_the_yield_of_a_strategy_is_what_it_found_and_what_only_it_found(nights):
    sql = "SELECT strategy, arm, n_searches, n_not_clean, n_articles, n_current, n_on_topic, on_topic_share, n_only, n_only_on_topic"
    assert values(nights, f"{sql} FROM out.strategy_yield ORDER BY ALL") == [
        ("harvest", "crdt", 1, 0, 5, 4, 3, 0.75, 4, 2),
        ("keyword-her2", "provenance", 1, 0, 3, 3, 3, 1.0, 2, 2),
        ("keyword-tucatinib", "provenance", 1, 0, 2, 1, 1, 1.0, 1, 0),
        ("topic-ild", "provenance", 1, 1, 0, 0, 0, None, 0, 0),
    ]


def test_trends_by_journal_and_by_country_count_what_is_on_topic(nights):
    sql = "SELECT journal, nlm_unique_id, journal_country, month, n_articles, n_randomised, best_pmid, n_retracted FROM out.journal_trends"
    assert values(nights, f"{sql} ORDER BY month") == [
        ("J Made Up", "101", "Nowhere", date(2021, 5, 1), 1, 0, 2, 0),
        ("J Made Up", "101", "Nowhere", JUNE, 3, 2, 1, 1),
    ]
    sql = "SELECT country, month, n_articles, n_first_author, n_randomised, best_pmid, n_retracted FROM out.country_trends"
    assert values(nights, f"{sql} ORDER BY month, country NULLS LAST") == [
        ("United Kingdom", date(2021, 5, 1), 1, 1, 0, 2, 0),
        ("France", JUNE, 1, 1, 1, 1, 0),
        ("United States", JUNE, 1, 0, 1, 1, 0),
        (None, JUNE, 2, 0, 1, 5, 1),
    ]


@pytest.mark.parametrize(
    ("affiliation", "country"),
    [
        ("Ward, Guangzhou 510120, P.R.\N{NO-BREAK SPACE}China.", "China"),
        ("Ward, Seoul, Republic of Korea", "South Korea"),
        ("Ward, Tbilisi, Georgia.", "Georgia"),
        ("Ward, Boston, Massachusetts", "United States"),
        ("Ward, Köln, Germany; a.b@hospital.invalid", "Germany"),
        ("Ward, London SW3 6JJ, UK; E-mail: a@hospital.invalid.", "United Kingdom"),
        ("Kinshasa, Democratic Republic of the Congo", "Democratic Republic of the Congo"),
        ("Gustave Roussy, Villejuif.", None),
        ("Hospital of Peruvians", None),
    ],
)  # fmt: skip
def test_a_country_is_read_from_the_end_of_an_affiliation(writer, affiliation, country):
    load_night(writer, night(article(1, authors=(person("First", affiliation),))))

    found = values(writer, "SELECT country, is_first_author FROM core.article_countries")

    assert found == ([(country, True)] if country else [])


def test_an_alert_says_which_digests_had_shown_the_paper(nights):
    [alert] = rows(nights, "SELECT * FROM out.retraction_alerts")

    assert alert == {
        "event_id": alert["event_id"], "event_type": "retracted", "event_at": started(SECOND), "run_label": SECOND, "pmid": 3,
        "title": RETRACTED.title, "drug_ids": [T_DXD], "notice_pmid": 7, "notice_source": None, "ref_type": "RetractionOf",
        "is_deleted": False, "digest_ids": ["week"],
    }  # fmt: skip


def test_what_came_late_says_how_late(nights):
    assert values(nights, "SELECT pmid, drug_id, days_late FROM out.late_arrivals ORDER BY drug_id") == [
        (2, TRASTUZUMAB, 36), (2, T_DXD, 36),
    ]  # fmt: skip


def test_late_indexing_says_how_late(writer):
    load_night(writer, night(article(1)))
    load_night(writer, night(article(1, mesh_headings=MESH), label=THIRD))

    assert values(writer, "SELECT event_type, pmid, days_late FROM out.late_indexed") == [("indexed", 1, 4)]


def test_drug_month_counts_by_creation_and_shows_empty_months(nights):
    sql = "SELECT drug_id, month, n_articles FROM out.drug_month WHERE drug_id <> 'letrozole' ORDER BY ALL"
    assert values(nights, sql) == [
        (TRASTUZUMAB, date(2021, 5, 1), 0), (TRASTUZUMAB, JUNE, 1), (T_DXD, date(2021, 5, 1), 1), (T_DXD, JUNE, 3),
        (TUCATINIB, date(2021, 5, 1), 0), (TUCATINIB, JUNE, 1),
    ]  # fmt: skip


def test_run_health_and_search_log_say_what_was_asked_and_how_it_went(nights):
    first = rows(nights, "SELECT * FROM out.run_health ORDER BY started_at")[0]
    assert first == {
        "run_id": f"{NIGHT}.1", "label": NIGHT, "kind": "nightly", "outcome": "clean", "started_at": started(NIGHT),
        "finished_at": started(NIGHT) + timedelta(seconds=9), "duration_s": 9, "n_articles": 5, "n_new": 5, "n_revised": 0,
        "n_unchanged": 0, "n_reannotated": 0, "n_rejects": 0, "n_events": 5, "n_requests": 3, "n_searches": 4,
        "n_searches_not_clean": 1, "her2lit_version": "1", "rule_version": "r", "message": None,
        "n_drifted": 0, "n_absent": 0,
    }  # fmt: skip
    logged = rows(nights, "SELECT * FROM out.search_log ORDER BY position")[0]
    assert {name: logged[name] for name in ("run_label", "source", "platform", "strategy", "arm", "term", "count", "window_since")} == {
        "run_label": NIGHT, "source": "PubMed", "platform": "NCBI E-utilities", "strategy": "harvest", "arm": "crdt",
        "term": "harvest[tiab]", "count": 5, "window_since": date(2019, 6, 1),
    }  # fmt: skip


def test_views_of_an_empty_warehouse_are_empty_and_not_an_error(empty_warehouse):
    with open_writer(empty_warehouse) as connection:
        for (name,) in values(connection, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'out'"):
            assert values(connection, f"SELECT * FROM out.{name}") == [], name


# ---------------------------------------------------------------------------------------------
# As it was
# ---------------------------------------------------------------------------------------------


def test_a_frozen_digest_can_be_read_again_to_the_row_whatever_came_later(writer):
    """
    Later nights revise, judge anew, correct, retract and delete its papers; a drug is renamed, one dropped; a strategy finds more.
    """
    hits = (SearchHit(strategy="keyword-her2", arm="provenance", pmid=1),)
    run(writer, TRIAL, RETRACTED, DELETED, LAB, label=NIGHT, search_hits=hits)
    period = Window(since=NIGHT - timedelta(days=6), until=SECOND)
    frozen_at = started(NIGHT) + timedelta(hours=6)
    then = rows(writer, "SELECT * FROM out.new_evidence ORDER BY ALL")
    articles_then = rows(writer, "SELECT * FROM out.articles_as_of(TIMESTAMP 'infinity') ORDER BY pmid")
    told = read_digest_rows(writer, period.since, period.until).evidence
    items = [
        DigestItem(position=i, section="new", event_id=row.event_id, pmid=row.pmid, drug_id=row.drug_id)
        for i, row in enumerate(told, 1)
    ]
    freeze_digest(
        writer, digest_id="week", period=period, frozen_at=frozen_at, subject="s", content_sha256="c", items=items
    )

    class Renamed:
        drug_id, name, drug_class, is_her2_targeted, rolls_up_to = TRASTUZUMAB, "Herceptin", "renamed", False, None

    load_drugs(
        writer,
        [*(d for d in made_drugs() if d.drug_id not in (TRASTUZUMAB, TUCATINIB)), Renamed()],
        seen_at=started(SECOND),
    )
    revised = replace(TRIAL, title="Another title", mesh_headings=(MeshHeading(descriptor="Neoplasms", descriptor_ui="D009369", major_topic=False),),
                      journal=Journal(title="Other"), comments_corrections=(comment("ErratumIn", 8),))  # fmt: skip
    judged = annotation(revised, rule_version="rules-2", design="review", drugs=(), facets=())
    later = (SearchHit(strategy="topic-ild", arm="provenance", pmid=1),)
    load_night(writer, night(revised, NOTICE, label=SECOND, annotations=(judged, JUDGED[7]), search_hits=later))
    load_night(writer, night(label=THIRD, deletions=(Deletion(pmid=4, pmid_version=1), Deletion(pmid=5, pmid_version=1)),
                             annotations=(annotation(RETRACTED, rule_version="rules-2", design="other"),)))  # fmt: skip

    [(as_of,)] = values(writer, "SELECT frozen_at FROM digests WHERE digest_id = 'week'")
    assert rows(writer, "SELECT * FROM out.evidence_as_of(?) ORDER BY ALL", as_of) == then
    kept = [
        {**row, "seen_to": None} for row in rows(writer, "SELECT * FROM out.articles_as_of(?) ORDER BY pmid", as_of)
    ]
    assert kept == articles_then
    now = rows(writer, "SELECT * FROM out.new_evidence ORDER BY ALL")
    assert now != then
    assert values(writer, "SELECT DISTINCT drug_name FROM out.new_evidence WHERE drug_id = 'trastuzumab'") == [
        ("Herceptin",)
    ]
    assert {row["pmid"] for row in then} == {item.pmid for item in items} == {1, 3, 4, 5}
    assert rows(writer, "SELECT * FROM out.evidence_as_of(?)", datetime(2021, 6, 1)) == []


def test_a_paper_deleted_before_the_digest_is_told_of_as_removed_only(nights):
    told = read_digest_rows(nights, NIGHT, THIRD).evidence

    assert [row.event_type for row in told if row.pmid == 4] == ["deleted"]


@pytest.mark.shared
def test_trial_families_are_those_that_the_annotation_groups(writer, shared):
    """
    The same rule stands in SQL and in her2lit.annotate.families; on real records both say the same.
    """
    topic = load_topic()
    articles = [r for r in iter_records(shared / "gold" / "dev_records.xml.gz") if isinstance(r, Article)]
    records = {a.pmid: (a, annotate_article(a, topic)) for a in articles}
    families = group_trials(records.values(), topic)
    load_trials(writer, topic.trials)
    load_drugs(writer, topic.drugs)
    held = [a for a, _ in records.values()]

    load_night(writer, night(*held, annotations=tuple(judged for _, judged in records.values())))

    sql = "SELECT trial_family, trial_ids, trial, primary_pmid, pmids FROM out.trial_families ORDER BY trial_family"
    found = [(key, tuple(ids), trial, primary, tuple(pmids)) for key, ids, trial, primary, pmids in values(writer, sql)]
    assert found == [(f.key, f.trial_ids, f.acronym, f.primary_pmid, f.pmids) for f in families]
    assert sum(trial is not None for _, _, trial, _, _ in found) >= 3
    assert len(found) >= 10
    # Real judgements pass the audits too: words lie in their sentences, vocabularies are known.
    require_clean(run_audits(writer))
