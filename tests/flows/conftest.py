"""Fixtures for whole nights over the synthetic records."""

import pytest
from nights import Stage, small_corpus


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory):
    """Where the replica's index is cached during the tests."""
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="session")
def lifecycle_corpus(index_folder):
    """The synthetic records on their own."""
    return small_corpus(index_folder)


@pytest.fixture
def stage(tmp_path, lifecycle_corpus):
    """A home, a clock at the first night and a strict replica that shares it."""
    with Stage(tmp_path / "home", lifecycle_corpus) as made:
        yield made
