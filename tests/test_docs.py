"""What the documents promise: links lead somewhere, commands and options exist, queries run, settings are read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from imports import PACKAGES, ROOT

from her2lit import errors
from her2lit.cli import cli
from warehouse.connection import open_writer
from warehouse.query import run_query

DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
}
SOURCE = "\n".join(
    path.read_text(encoding="utf-8") for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))
)


def code_lines(text: str) -> Iterator[str]:
    """Yield every line of fenced code (continued lines joined) and every piece of inline code."""
    fenced = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for block in fenced:
        yield from block.replace("\\\n", " ").splitlines()
    without_blocks = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", without_blocks)


def documented_commands() -> dict[str, list[str]]:
    """Return every call of her2lit in the documents, as "document: line" -> its words after the program's name."""
    found = {}
    for name, text in DOCUMENTS.items():
        for line in code_lines(text):
            call = re.search(r"(?:^|[\s/]|&& )her2lit (?=[a-z-])(.*)", line)
            if call and (re.match(r"(\w+=\S* )*(\.?[\w./\\]*)her2lit ", line) or "&& " in line):
                found[f"{name}: {line}"] = shlex.split(call[1], comments=True)
    return found


COMMANDS = documented_commands()


def anchors_of(file: Path) -> set[str]:
    """Return the anchors that a forge makes of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_every_relative_link_leads_to_a_file_and_a_heading():
    broken = []
    for name, text in DOCUMENTS.items():
        for target in re.findall(r"\]\(([^)\s]+)\)|<img[^>]+src=\"([^\"]+)\"", text):
            link = next(filter(None, target))
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            file = ((ROOT / name).parent / path) if path else ROOT / name
            is_there = file.resolve().is_relative_to(ROOT) and file.exists()
            if not is_there or (anchor and anchor not in anchors_of(file)):
                broken.append(f"{name}: {link}")
    assert broken == []


@pytest.mark.parametrize("what", ["demo", "test"])
def test_the_readme_says_the_two_commands_word_for_word(what):
    """
    `.ci/run` reads them from between these markers, so what CI runs is what a newcomer types.
    """
    [command] = re.findall(rf"<!-- {what}-command -->\n```sh\n(.*)\n```\n<!-- end -->", DOCUMENTS["README.md"])

    program = {"demo": "her2lit demo", "test": "pytest"}[what]
    assert command == (
        f'python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e ".[{what}]" && .venv/bin/{program}'
    )


def options_of(command: click.Command) -> dict[str, click.Parameter]:
    """Return the options of *command* by every name they have."""
    own = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    help_option = click.Option(["--help", "-h"], is_flag=True)
    return {name: option for option in (*own, help_option) for name in (*option.opts, *option.secondary_opts)}


def unknown_words(words: list[str]) -> Iterator[str]:
    """Yield the commands and options among *words* that her2lit does not know."""
    command: click.Command = cli
    options, left = options_of(cli), iter(words)
    for word in left:
        if word.startswith("-"):
            name, _, value = word.partition("=")
            if name not in options:
                yield word
            elif not options[name].is_flag and not value:
                next(left, None)
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            if found is None:
                yield word
                return
            command, options = found, options_of(found)


@pytest.mark.parametrize("call", COMMANDS)
def test_every_documented_command_exists_with_its_options(call):
    assert list(unknown_words(COMMANDS[call])) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--home", "nightly", "demo", "--out", "x"], []),
        (["--hom", "x", "demo"], ["--hom", "x"]),
        (["demo", "--outt=x", "--timings"], ["--outt=x"]),
        (["nigthly", "--since", "2026-01-01"], ["nigthly"]),
    ],
)
def test_an_unknown_word_is_noticed(words, expected):
    assert list(unknown_words(words)) == expected


def test_documents_call_her2lit_at_all():
    """
    The finder of calls itself: without it the test above would pass over nothing.
    """
    said = {word for words in COMMANDS.values() for word in words}

    assert {"demo", "nightly", "sql", "status"} <= said


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory):
    """A migrated warehouse without a row: enough to see whether a query can be asked."""
    path = tmp_path_factory.mktemp("docs") / "empty.duckdb"
    with open_writer(path):
        pass
    return path


@pytest.mark.parametrize(
    "call",
    [
        call
        for call, words in COMMANDS.items()
        if "sql" in words[:-1] and not words[words.index("sql") + 1].startswith("-")
    ],
)
def test_every_documented_query_runs(call, empty_warehouse):
    words = COMMANDS[call]
    query = words[words.index("sql") + 1]

    assert run_query(empty_warehouse, query, timeout_s=20).columns


def test_every_view_the_readme_names_exists(empty_warehouse):
    table = re.search(r"\| view \|.*?\n\n", DOCUMENTS["README.md"], re.DOTALL)
    assert table
    named = set(re.findall(r"`(\w+)`", re.sub(r"\|[^|]*\|$", "", table[0], flags=re.MULTILINE)))

    views = run_query(
        empty_warehouse, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'out'", timeout_s=20
    ).rows

    assert named - {name for (name,) in views} == set()


def test_settings_are_documented_and_documented_settings_are_read():
    def settings(text: str) -> set[str]:
        return set(re.findall(r"\bHER2LIT_[A-Z_]+\b", text))

    assert settings(DOCUMENTS["README.md"]) >= settings(SOURCE)
    assert settings("\n".join(DOCUMENTS.values())) <= settings(SOURCE)


def test_the_exit_codes_are_those_of_the_errors():
    documented = {int(code) for code in re.findall(r"^\| (\d) \|", DOCUMENTS["README.md"], re.MULTILINE)}

    raised = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.Her2litError)
    }

    assert documented == {0, *raised}


def test_every_path_the_documents_name_exists():
    missing = []
    for name, text in DOCUMENTS.items():
        for piece in code_lines(text):
            is_path = re.fullmatch(r"(?:her2lit|warehouse|flows|tests|bench|docs|\.ci)/[\w./-]*", piece)
            if is_path and not (ROOT / piece).exists():
                missing.append(f"{name}: {piece}")
    assert missing == []
