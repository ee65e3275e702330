"""
The numbered cases of E-utilities and the tests that show them.

As a program (``python tests/support/eutils_cases.py``) it writes docs/conformance.md anew.
"""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "conformance.md"
SIDES = ("replica", "client")

HEAD = """\
# Conformance: every case and its tests

The specification that client and replica share numbers the ways E-utilities answer, well and badly. Each case has two sides: the replica can produce it, the client comes through it.

`pytest --case 47` runs the tests of case 47. A test names its cases with `@pytest.mark.case("47")`; those in `tests/replica` show the replica's side, all others the client's.
This page is written by `python tests/support/eutils_cases.py`; a test fails when it is stale, or when a side has neither a test nor a reason.
"""


@dataclass(frozen=True)
class Case:
    """One numbered case; a side that needs no test of its own says why."""

    number: str
    what: str
    no_replica: str | None = None
    no_client: str | None = None
    #: What a reader should know beside the tests
    remark: str | None = None

    def reason(self, side):
        """Why *side* has no test; None where it must have one."""
        return self.no_replica if side == "replica" else self.no_client


@dataclass(frozen=True)
class Part:
    """A group of cases."""

    title: str
    cases: tuple[Case, ...]


def read_parts():
    """All cases, by part, in the order of the specification."""
    data = tomllib.loads((TESTS / "support" / "eutils_cases.toml").read_text(encoding="utf-8"))
    return tuple(Part(part["title"], tuple(Case(**case) for case in part["case"])) for part in data["part"])


def read_cases():
    """All cases by number."""
    return {case.number: case for part in read_parts() for case in part.cases}


def find_tests(root=TESTS):
    """
    Return (side, number) -> the tests that show it, as "path::name" below *root*, sorted.

    Markers are read from the source, so that a run of one file sees the tests of all.
    """
    found = defaultdict(set)
    for path in sorted(root.rglob("test_*.py")):
        where = path.relative_to(root)
        side = "replica" if where.parts[0] == "replica" else "client"
        body = ast.parse(path.read_text(encoding="utf-8")).body
        named = {
            target.id: node.value for node in body if isinstance(node, ast.Assign) for target in node.targets
            if isinstance(target, ast.Name)
        }  # fmt: skip
        for node in body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in _numbers(node, named):
                    found[side, number].add(f"{where.as_posix()}::{node.name}")
    return {key: tuple(sorted(tests)) for key, tests in found.items()}


def _numbers(function, named):
    """The case numbers in the decorators of a test, those of single parameters and of marks with a name included."""
    for decorator in function.decorator_list:
        mark = named.get(decorator.id, decorator) if isinstance(decorator, ast.Name) else decorator
        for call in ast.walk(mark):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.case":
                yield from (ast.literal_eval(argument) for argument in call.args)


def render_page():
    """The documentation's page on all cases."""
    tests = find_tests()
    lines = [HEAD]
    for part in read_parts():
        lines += [
            f"## {part.title}",
            "",
            "| case | what | the replica's side | the client's side |",
            "|---|---|---|---|",
        ]
        for case in part.cases:
            sides = (_cell(tests.get((side, case.number), ()), case.reason(side)) for side in SIDES)
            what = f"{case.what}. {case.remark}" if case.remark else case.what
            lines.append(f"| {case.number} | {what} | {' | '.join(sides)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(tests, reason):
    """Names of tests with links to their files, or the reason why there is none."""
    links = (f"[{test.partition('::')[2]}](../tests/{test.partition('::')[0]})" for test in tests)
    return "<br>".join(links) or f"*{reason or 'no test yet'}*"


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
