import pytest
from made_records import article, comment, night

from her2lit.errors import AuditRefused
from warehouse.audit import require_clean, run_audits
from warehouse.connection import open_writer
from warehouse.load import load_night

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
    "drug_is_known": "DELETE FROM drugs",
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
    "child_rows_have_a_version": "UPDATE authors SET pmid = 98",
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
    assert {result.name for result in results} == set(BREAKAGES)
    require_clean(results)


@pytest.mark.parametrize(("name", "sql"), BREAKAGES.items(), ids=list(BREAKAGES))
def test_an_audit_finds_what_breaks_its_rule(name, sql, retracted):
    retracted.execute(sql)

    found = {result.name: result for result in run_audits(retracted) if not result.is_clean}

    assert found[name].n_rows >= 1
    assert found[name].examples


def test_a_failed_audit_refuses_by_name_rule_and_example(retracted):
    retracted.execute(BREAKAGES["drug_is_known"])

    with pytest.raises(
        AuditRefused, match=r"drug_is_known \(1 rows\): Every drug .*\n.*trastuzumab-deruxtecan"
    ) as caught:
        require_clean(run_audits(retracted))

    assert caught.value.exit_code == 4
