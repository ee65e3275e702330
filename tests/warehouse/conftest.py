"""Fixtures for the warehouse: a fresh one with its drugs known."""

import pytest
from made_records import made_drugs

from warehouse.connection import open_writer
from warehouse.load import load_drugs


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory):
    """A migrated file with drugs and nothing else, made once; copied by whoever writes."""
    path = tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb"
    with open_writer(path) as connection:
        load_drugs(connection, made_drugs())
    return path


@pytest.fixture
def warehouse_path(empty_warehouse, tmp_path):
    """A warehouse of this test's own."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(empty_warehouse.read_bytes())
    return path


@pytest.fixture
def writer(warehouse_path):
    """A connection to a warehouse of this test's own."""
    with open_writer(warehouse_path) as connection:
        yield connection
