import pytest
from made_records import article, comment, night

from her2lit.errors import AuditRefused
from her2lit.topic.cues import DESIGNS, FACETS
from her2lit.topic.roles import ROLES
from warehouse.audit import require_clean, run_audits, table_audits
from warehouse.connection import open_writer
from warehouse.load import load_night
from warehouse.migrate import read_folder, sql_folder
from warehouse.rows import ANNOTATION_TABLES, ARTICLE_TABLES

#: Audit -> a statement that breaks what it holds.
BREAKAGES = {
    "one_current_version": "INSERT INTO article_versions SELECT * REPLACE (99 AS version_id) FROM article_versions",
    "version_key": "INSERT INTO article_versions SELECT * REPLACE (now()::TIMESTAMP AS seen_to) FROM article_versions",
    "version_interval": "UPDATE article_versions SET seen_to = seen_from - INTERVAL 1 DAY",
    "version_repeats_its_predecessor": "INSERT INTO article_versions SELECT * REPLACE (99 AS version_id, TIMESTAMP '2022-01-01' AS seen_from)"
    " FROM article_versions; UPDATE article_versions SET seen_to = TIMESTAMP '2022-01-01' WHERE version_id < 99",
    "one_judgement_holds": "INSERT INTO article_evidence SELECT * REPLACE (99 AS annotation_id) FROM article_evidence",
    "annotation_key": "INSERT INTO article_evidence SELECT * REPLACE (now()::TIMESTAMP AS superseded_at) FROM article_evidence",
    "annotation_has_version": "UPDATE article_evidence SET version_id = 99",
    "current_version_is_judged": "DELETE FROM article_evidence",
    "drug_is_known": "DELETE FROM drug_versions",
    "drug_agrees_with_its_versions": "UPDATE drugs SET drug_name = 'x' WHERE drug_id = 'tucatinib'",
    "drug_versions_follow_each_other": "INSERT INTO drug_versions SELECT * REPLACE (TIMESTAMP '2021-01-01' AS seen_from) FROM drug_versions",
    "versions_follow_each_other": "INSERT INTO article_versions SELECT * REPLACE"
    " (99 AS version_id, seen_from + INTERVAL 1 HOUR AS seen_from, seen_from + INTERVAL 1 DAY AS seen_to) FROM article_versions",
    "judgements_follow_each_other": "INSERT INTO article_evidence SELECT * REPLACE"
    " (99 AS annotation_id, annotated_at - INTERVAL 1 DAY AS annotated_at, annotated_at + INTERVAL 1 HOUR AS superseded_at)"
    " FROM article_evidence",
    "event_has_version": "UPDATE evidence_events SET version_id = 99",
    "evidence_lies_in_its_sentence": "UPDATE article_facets SET evidence_end = 10000",
    "rank_is_in_range": "UPDATE article_evidence SET evidence_rank = 101",
    "value_is_known": "UPDATE article_drugs SET role = 'praised'",
    "digest_key": "INSERT INTO digests SELECT 'd', DATE '2021-06-02', DATE '2021-06-09', TIMESTAMP '2021-06-09', 's', 'x' FROM range(2)",
    "digest_item_belongs_to_a_digest": "INSERT INTO digest_items VALUES ('gone', 1, 'new', 1, 1, NULL)",
    "trial_report_belongs_to_a_trial": "INSERT INTO trial_reports VALUES (1, 'gone', 't', 'j', 2021)",
    "drug_tag_key": "INSERT INTO article_drugs SELECT * FROM article_drugs",
    "drug_key": "INSERT INTO drugs SELECT * FROM drugs",
    "event_key": "INSERT INTO evidence_events SELECT * REPLACE ('revised' AS event_type) FROM evidence_events",
    "event_once": "INSERT INTO evidence_events SELECT * REPLACE (99 AS event_id) FROM evidence_events",
    "event_has_known_type": "UPDATE evidence_events SET event_type = 'mailed'",
    "arrival_told_once": "DELETE FROM evidence_events WHERE event_type = 'appeared'",
    "retraction_is_told": "UPDATE evidence_events SET event_type = 'reappeared' WHERE event_type = 'retracted'",
    "run_key": "INSERT INTO runs (run_id, label, attempt, kind, outcome, started_at, her2lit_version, rule_version)"
    " SELECT 'x', DATE '2021-06-05', 1, 'nightly', 'clean', TIMESTAMP '2021-06-05', '1', 'r' FROM range(2)",
    "watermark_key": "INSERT INTO watermarks SELECT 'harvest', 'crdt', DATE '2021-06-05', 'x' FROM range(2)",
    "find_index_is_whole": "INSERT INTO find_postings SELECT * FROM find_postings WHERE term = 'trastuzumab'",
}


@pytest.fixture(scope="module")
def shared_warehouse(empty_warehouse, tmp_path_factory):
    """A warehouse with one record, retracted the day it came."""
    path = tmp_path_factory.mktemp("audited") / "warehouse.duckdb"
    path.write_bytes(empty_warehouse.read_bytes())
    with open_writer(path) as connection:
        load_night(connection, night(article(1, comments_corrections=(comment("RetractionIn", 2),))))
        yield connection


@pytest.fixture
def retracted(shared_warehouse):
    """That warehouse, with whatever a test breaks put right afterwards."""
    shared_warehouse.execute("BEGIN")
    yield shared_warehouse
    shared_warehouse.execute("ROLLBACK")


def test_a_warehouse_that_was_only_loaded_passes_every_audit(retracted):
    results = run_audits(retracted)

    assert [result.name for result in results if not result.is_clean] == []
    assert {result.name for result in results} == {*BREAKAGES, *(name for name, _ in table_audits())}
    require_clean(results)


@pytest.mark.parametrize(("name", "sql"), BREAKAGES.items(), ids=list(BREAKAGES))
def test_an_audit_finds_what_breaks_its_rule(name, sql, retracted):
    retracted.execute(sql)

    found = {result.name: result for result in run_audits(retracted) if not result.is_clean}

    assert found[name].n_rows >= 1
    assert found[name].examples


def tables_with_rows(connection):
    """Child tables that the made record fills; the queries for the others are of the same make."""
    tables = (*ARTICLE_TABLES, *ANNOTATION_TABLES)
    return [t.name for t in tables if connection.execute(f"SELECT 1 FROM {t.name} LIMIT 1").fetchall()]


def test_every_child_table_is_held_to_its_key_and_its_parent(retracted):
    """
    A doubled row and an orphan are found in each table, whatever its key.
    """
    tables = tables_with_rows(retracted)
    for table in tables:
        retracted.execute(
            f"INSERT INTO {table} SELECT * FROM {table}; INSERT INTO {table} SELECT * REPLACE (98 AS pmid) FROM {table}"
        )

    found = {result.name for result in run_audits(retracted) if not result.is_clean}

    assert len(tables) >= 7
    assert found >= {f"{table}_has_{what}" for table in tables for what in ("key", "parent")}


def test_fixed_vocabularies_are_those_of_the_topic(retracted):
    """
    A word added to the topic and forgotten in the audit would hold back every snapshot.
    """
    [audit] = [file.text for file in read_folder(sql_folder("audits"), "audits") if file.name == "value_is_known"]
    for table, column, words in (
        ("article_evidence", "design", DESIGNS),
        ("article_facets", "facet", FACETS),
        ("article_drugs", "role", ROLES),
    ):
        for word in words:
            retracted.execute(f"UPDATE {table} SET {column} = ?", [word])

            assert retracted.execute(audit).fetchall() == [], word


def test_a_failed_audit_refuses_by_name_rule_and_example(retracted):
    retracted.execute(BREAKAGES["drug_is_known"])

    with pytest.raises(
        AuditRefused, match=r"drug_is_known \(1 rows\): Every drug .*\n.*trastuzumab-deruxtecan"
    ) as caught:
        require_clean(run_audits(retracted))

    assert caught.value.exit_code == 4
