"""her2lit subscribers and her2lit digest, as they are typed."""

import pytest
from click.testing import CliRunner

from her2lit.cli import cli
from her2lit.errors import UsageError, WarehouseError


def call(home, *arguments):
    return CliRunner().invoke(cli, ["--home", str(home), *arguments], standalone_mode=False, catch_exceptions=False)


def test_a_reader_is_added_listed_and_removed(tmp_path):
    added = call(tmp_path / "home", "subscribers", "add", "name@hospital.org")
    listed = call(tmp_path / "home", "subscribers", "list")
    removed = call(tmp_path / "home", "subscribers", "remove", "name@hospital.org")

    assert "name@hospital.org" not in added.output
    assert listed.output.strip().endswith("name@hospital.org")
    assert removed.output == "Removed.\n"
    assert "for the owner" in call(tmp_path / "home", "subscribers", "list").output


def test_what_is_no_address_is_refused(tmp_path):
    with pytest.raises(UsageError, match="plain mail address"):
        call(tmp_path / "home", "subscribers", "add", "nobody")


def test_a_digest_before_anything_was_published_says_what_to_do(tmp_path):
    call(tmp_path / "home", "subscribers", "list")

    with pytest.raises(WarehouseError, match="her2lit nightly"):
        call(tmp_path / "home", "digest", "--dry-run")
