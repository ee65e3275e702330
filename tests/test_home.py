"""The home folder."""

import stat

import pytest

from her2lit.errors import HomeError
from her2lit.home import MARKER, Home, claim_for_demo, open_home, refuse_demo_home


def test_a_new_home_has_a_marker_and_its_rooms(tmp_path):
    home = open_home(tmp_path / "new" / "home", create=True)

    assert sorted(entry.name for entry in home.root.iterdir()) == [
        MARKER, "cache", "logs", "outbox", "prefect", "published", "raw", "site",
    ]  # fmt: skip


def test_only_the_owner_reads_the_mails(tmp_path):
    home = open_home(tmp_path / "home", create=True)

    assert stat.S_IMODE(home.outbox.stat().st_mode) == 0o700


def test_a_home_opens_again_and_keeps_what_it_holds(tmp_path):
    first = open_home(tmp_path / "home", create=True)
    (first.raw / "batch").write_text("kept", encoding="utf-8")

    again = open_home(tmp_path / "home", create=True)

    assert again == first
    assert (again.raw / "batch").read_text(encoding="utf-8") == "kept"


def test_a_foreign_folder_is_left_alone(tmp_path):
    """
    Files of somebody else are never mixed with ours.
    """
    (tmp_path / "thesis.doc").write_text("years of work", encoding="utf-8")

    with pytest.raises(HomeError, match="left alone"):
        open_home(tmp_path, create=True)

    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_start_killed_before_its_marker_was_complete_can_be_started_again(tmp_path):
    (tmp_path / f"{MARKER}.4711").write_text("half", encoding="utf-8")

    assert open_home(tmp_path, create=True) == Home(tmp_path)


def test_reading_needs_a_home_that_exists(tmp_path):
    with pytest.raises(HomeError, match="not a her2lit home"):
        open_home(tmp_path / "nowhere", create=False)


def test_a_file_is_no_home(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(HomeError, match="a file, not a folder"):
        open_home(tmp_path / "file", create=True)


def test_a_demo_never_joins_a_home_of_real_nights(tmp_path):
    home = open_home(tmp_path / "home", create=True)
    home.warehouse.write_text("real nights", encoding="utf-8")

    with pytest.raises(HomeError, match="holds real nights"):
        claim_for_demo(home)


def test_a_real_night_never_joins_a_demos_home(tmp_path):
    home = open_home(tmp_path / "home", create=True)
    claim_for_demo(home)
    home.warehouse.write_text("synthetic records", encoding="utf-8")

    claim_for_demo(home)  # a second demo continues it

    with pytest.raises(HomeError, match="synthetic records"):
        refuse_demo_home(home)
