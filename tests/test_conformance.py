"""The table of numbered cases: complete, true, and the same in the documentation."""

from __future__ import annotations

import re

from eutils_cases import PAGE, SIDES, find_tests, read_cases, render_page


def test_the_cases_are_those_of_the_specification(shared):
    """Every number of section 9 and every letter below one, in its order."""
    text = (shared / "reference" / "eutils.md").read_text(encoding="utf-8")
    section = text.partition("\n## 9. ")[2].partition("\n## 10. ")[0]

    lettered = set(re.findall(r"\b(\d{1,2}[b-e])\b", section))

    assert set(read_cases()) == {str(number) for number in range(1, 101)} | lettered


def test_every_case_has_a_test_on_both_sides_or_a_reason_why_not():
    tests = find_tests()

    bare = {
        (side, number)
        for number, case in read_cases().items()
        for side in SIDES
        if (side, number) not in tests and case.reason(side) is None
    }

    assert bare == set()


def test_a_reason_for_having_no_test_stands_only_where_there_is_none():
    tests = find_tests()

    stale = {
        (side, number)
        for number, case in read_cases().items()
        for side in SIDES
        if case.reason(side) is not None and (side, number) in tests
    }

    assert stale == set()


def test_marks_are_read_wherever_they_stand(tmp_path):
    """On the function, on one parameter, or under a name of their own."""
    (tmp_path / "replica").mkdir()
    lines = (
        'TWO = pytest.mark.case("2", "3")',
        '@pytest.mark.case("1")',
        "def test_a(): pass",
        "@TWO",
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.case("4b"))])',
        "def test_b(x): pass",
        "def test_c(): pass",
    )
    (tmp_path / "replica" / "test_made.py").write_text("\n".join(lines))

    assert find_tests(tmp_path) == {
        ("replica", "1"): ("replica/test_made.py::test_a",),
        ("replica", "2"): ("replica/test_made.py::test_b",),
        ("replica", "3"): ("replica/test_made.py::test_b",),
        ("replica", "4b"): ("replica/test_made.py::test_b",),
    }


def test_a_test_names_only_cases_that_exist():
    assert {number for _, number in find_tests()} - set(read_cases()) == set()


def test_the_page_in_the_documentation_is_the_one_the_tests_make():
    """Write it anew with ``python tests/support/eutils_cases.py``."""
    assert PAGE.read_text(encoding="utf-8") == render_page()
