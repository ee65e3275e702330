import pytest
from made_records import article, night

from her2lit.errors import WarehouseError
from warehouse.connection import open_writer
from warehouse.load import load_night
from warehouse.query import run_query

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(1000000) AS b"


@pytest.fixture
def database(warehouse_path):
    """A file with one record."""
    with open_writer(warehouse_path) as connection:
        load_night(connection, night(article(1)))
    return warehouse_path


def test_a_question_is_answered_with_names_types_and_rows(database):
    result = run_query(database, "SELECT pmid, drug_id FROM new_evidence WHERE pmid = ?", timeout_s=10, parameters=(1,))

    assert (result.columns, result.types) == (("pmid", "drug_id"), ("BIGINT", "VARCHAR"))
    assert (result.rows, result.is_cut) == (((1, "trastuzumab-deruxtecan"),), False)


def test_a_question_that_takes_too_long_is_stopped(database):
    with pytest.raises(WarehouseError, match=r"longer than 0\.3 s"):
        run_query(database, ENDLESS, timeout_s=0.3)


@pytest.mark.parametrize("sql", ["", "SELECT 1; SELECT 2", "SELEC 1", "SELECT * FROM nowhere", "DROP TABLE main.drugs"])
def test_what_is_not_one_question_is_refused_with_a_reason(database, sql):
    with pytest.raises(WarehouseError, match=r"statement|DuckDB did not accept"):
        run_query(database, sql, timeout_s=10)


def test_an_answer_that_is_too_long_is_cut_and_says_so(database):
    result = run_query(database, "SELECT * FROM range(100)", timeout_s=10, max_rows=3)

    assert (result.rows, result.is_cut) == (((0,), (1,), (2,)), True)


def test_an_error_that_only_shows_while_reading_rows_is_ours_too(database):
    with pytest.raises(WarehouseError, match="did not accept"):
        run_query(
            database, "SELECT CASE WHEN range > 5000 THEN error('late') ELSE '' END FROM range(10000)", timeout_s=10
        )
