"""
Who may import whom: the table of docs/architecture.md, held by reading every import in the three packages.

Imports count wherever they stand, also inside functions and under TYPE_CHECKING; only the rule about
laziness looks at where.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from imports import ALL_IMPORTS, MODULES, PACKAGES, Import, imports_of

BASE = ("her2lit.errors", "her2lit.records")
OURS = ("her2lit", "warehouse", "flows")


@dataclass(frozen=True)
class Room:
    """What one room may import of ours (itself is always allowed), and of others beside the standard library."""

    ours: tuple[str, ...] = ()
    third_party: tuple[str, ...] = ()


#: The longest name that fits a module decides; a module without a room fails the test.
ROOMS = {
    # The package itself: its version, and her2lit.open(), the one lazy exception.
    "her2lit": Room(ours=OURS, third_party=("duckdb",)),
    "her2lit.__main__": Room(ours=("her2lit.cli",)),
    "her2lit.errors": Room(),
    "her2lit.records": Room(),
    "her2lit.clock": Room(),
    "her2lit.settings": Room(ours=("her2lit.errors",)),
    "her2lit.home": Room(ours=("her2lit.errors",)),
    "her2lit.journal": Room(ours=BASE),
    "her2lit.topic": Room(ours=BASE),
    "her2lit.annotate": Room(ours=(*BASE, "her2lit.topic")),
    "her2lit.report": Room(ours=BASE, third_party=("jinja2", "markupsafe")),
    "her2lit.pubmed": Room(
        ours=(*BASE, "her2lit.settings", "her2lit.clock", "her2lit.topic"),
        third_party=("requests", "urllib3", "lxml", "tenacity", "Bio", "numpy", "pyarrow"),
    ),
    # Records as columns, for files analysts and bulk loaders read.
    "her2lit.pubmed.tables": Room(ours=BASE, third_party=("numpy", "pyarrow")),
    "her2lit.mail": Room(ours=(*BASE, "her2lit.settings", "her2lit.clock")),
    "her2lit.replica": Room(ours=(*BASE, "her2lit.clock", "her2lit.pubmed"), third_party=("lxml", "numpy")),
    "warehouse": Room(ours=(*BASE, "her2lit.clock"), third_party=("duckdb", "pyarrow", "pandas")),
    # duckdb: only to name its exceptions; connections come from the warehouse.
    "flows": Room(ours=OURS, third_party=("prefect", "filelock", "duckdb")),
    "flows.steps": Room(ours=OURS, third_party=("filelock", "duckdb")),
    "flows.digest_steps": Room(ours=OURS, third_party=("filelock", "duckdb")),
    "flows.desk": Room(ours=OURS, third_party=("filelock", "duckdb")),
    "flows.backup": Room(ours=OURS),
    "flows.reconcile_steps": Room(ours=OURS, third_party=("filelock", "duckdb")),
    "her2lit.demo": Room(ours=OURS),
    "her2lit.cli": Room(ours=OURS, third_party=("click", "rich", "platformdirs", "filelock")),
}

#: Rooms under whose top level nothing but the standard library, click and light modules of ours is imported.
LAZY_ROOMS = ("her2lit", "her2lit.cli", "her2lit.demo")
LIGHT = (
    "her2lit",
    "her2lit.cli",
    "her2lit.clock",
    "her2lit.errors",
    "her2lit.home",
    "her2lit.records",
    "her2lit.settings",
    "click",
)

#: Standard-library modules that reach the outside world, and the only rooms that may.
OUTSIDE_WORLD = {
    "smtplib": ("her2lit.mail",),
    "socket": ("her2lit.pubmed", "her2lit.replica"),
    "http.server": ("her2lit.replica",),
    "http.client": ("her2lit.replica",),
    "socketserver": ("her2lit.replica",),
    "urllib.request": (),
    "ftplib": (),
    "subprocess": ("flows", "her2lit.cli"),
    "pickle": (),
    "shelve": (),
    "marshal": (),
    "random": ("her2lit.replica", "her2lit.pubmed"),
}

#: Calls that read the machine's clock; everything below the flows and the command line is handed a Clock.
CLOCK_CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep",
    "time.localtime", "time.gmtime",
}  # fmt: skip
CLOCK_ROOMS = ("her2lit.clock", "her2lit.cli", "her2lit.demo")

#: Names that read the environment; below these rooms settings are handed in.
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
ENVIRONMENT_ROOMS = (
    "her2lit",
    "her2lit.cli",
    "flows",
    "flows.desk",
    "flows.steps",
    "flows.digest_steps",
    "flows.reconcile_steps",
)


def is_within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def room_of(module: str) -> str:
    """Return the longest room name that *module* lies in; ``her2lit`` alone is no room for its sub-modules."""
    fitting = [room for room in ROOMS if is_within(module, (room,)) and (room != "her2lit" or module == room)]
    assert fitting, f"{module} has no room: give it a line in ROOMS and in docs/architecture.md"
    return max(fitting, key=len)


def is_allowed(found: Import) -> bool:
    room, package = room_of(found.module), found.target.partition(".")[0]
    if package not in PACKAGES:
        return package in sys.stdlib_module_names or package in ROOMS[room].third_party
    # `her2lit` alone holds the version; naming it does not open the package.
    return found.target == "her2lit" or is_within(found.target, (room, *ROOMS[room].ours))


def test_every_module_has_a_room():
    assert [module for module in MODULES if not room_of(module)] == []


def test_rooms_import_only_what_the_table_allows():
    """
    The table "Who may import whom" in docs/architecture.md.
    """
    assert [str(found) for found in ALL_IMPORTS if not is_allowed(found)] == []


def test_the_replica_uses_the_parser_only():
    """
    A replica that shared the client's code would share its mistakes, and could not show them.
    """
    reached = {found.target for found in ALL_IMPORTS if is_within(found.module, ("her2lit.replica",))}

    assert (
        sorted(reached & {f"her2lit.pubmed.{name}" for name in ("client", "search", "fetch", "query", "archive")}) == []
    )


def test_prefect_stays_in_the_flows_and_out_of_their_steps():
    """
    Logic can be called, tested and moved without Prefect; only the modules that declare flows know it.
    """
    users = {found.module for found in ALL_IMPORTS if is_within(found.target, ("prefect", "prefect_dask"))}

    assert sorted(users - {module for module in MODULES if is_within(module, ("flows",))}) == []
    assert users & {"flows.desk", "flows.steps", "flows.digest_steps", "flows.reconcile_steps"} == set()


@pytest.mark.parametrize("outside", OUTSIDE_WORLD)
def test_the_outside_world_has_one_door(outside):
    """
    Each way out of the process (network, mail, other programs, unsafe deserialising) is in its own room or nowhere.
    """
    users = [found for found in ALL_IMPORTS if is_within(found.target, (outside,))]

    assert [str(found) for found in users if not is_within(found.module, OUTSIDE_WORLD[outside])] == []


def test_the_command_line_loads_heavy_things_lazily():
    """
    ``her2lit --help`` starts at once because the command line imports what a command needs when it runs.
    """
    eager = [found for found in ALL_IMPORTS if found.is_top_level and room_of(found.module) in LAZY_ROOMS]

    heavy = [
        str(found)
        for found in eager
        if found.target.partition(".")[0] not in sys.stdlib_module_names
        and found.target not in LIGHT
        # A command's own module runs only when the command does; rich is small.
        and not (found.target.partition(".")[0] == "rich" and found.module != "her2lit.cli")
    ]
    assert heavy == []


def uses(names: set[str]) -> Iterator[tuple[str, int, str]]:
    """Yield (module, line, name) wherever one of the dotted *names* is read; ``from time import sleep`` too."""
    for module, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                dotted = ".".join(ast.unparse(node).split(".")[-2:])
                if dotted in names:
                    yield module, node.lineno, dotted
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if f"{node.module}.{alias.name}" in names:
                        yield module, node.lineno, f"{node.module}.{alias.name}"


def test_nothing_below_the_command_line_reads_a_clock_of_its_own():
    """
    Clock is passed in, so that a night can be replayed and a simulated clock sees every wait.
    """
    assert [use for use in uses(CLOCK_CALLS) if room_of(use[0]) not in CLOCK_ROOMS] == []


def test_nothing_below_flows_and_the_command_line_reads_the_environment():
    """
    Settings are read once, at the edge.
    """
    assert [use for use in uses(ENVIRONMENT) if room_of(use[0]) not in ENVIRONMENT_ROOMS] == []


def strings_of(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield string constants that are not docstrings or bare comments-as-strings."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node


def test_records_are_read_by_direct_paths():
    """
    A search through all descendants would take a cited paper's identifiers for the record's own (ReferenceList).
    """
    parsers = {
        module: tree for module, tree in MODULES.items() if is_within(module, ("her2lit.pubmed", "her2lit.replica"))
    }

    found = [
        f"{module}:{node.lineno} {node.value!r}"
        for module, tree in parsers.items()
        for node in strings_of(tree)
        if ".//" in node.value or "descendant::" in node.value
    ]
    walked = [
        f"{module}:{node.lineno} .{node.attr}"
        for module, tree in parsers.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"iterdescendants", "getiterator"}
    ]
    assert found + walked == []


def test_an_import_is_seen_wherever_it_stands():
    """
    The reader of imports itself: top level, function, TYPE_CHECKING, plain and from.
    """
    tree = ast.parse(
        "import os.path\n"
        "from her2lit import errors\n"
        "if TYPE_CHECKING:\n    from warehouse.load import load_night\n"
        "def run():\n    import duckdb\n"
    )

    seen = sorted((found.target, found.is_top_level) for found in imports_of("her2lit.topic.topic", tree))

    assert seen == [("duckdb", False), ("her2lit.errors", True), ("os.path", True), ("warehouse.load", False)]


@pytest.mark.parametrize(
    ("module", "target", "expected"),
    [
        ("her2lit.annotate.drugs", "her2lit.topic.topic", True),
        ("her2lit.annotate.drugs", "duckdb", False),
        ("her2lit.pubmed.client", "her2lit", True),
        ("her2lit.pubmed.client", "her2lit.replica.server", False),
        ("her2lit.report.digest", "requests", False),
        ("warehouse.load", "prefect", False),
        ("flows.nightly", "prefect", True),
        ("flows.steps", "prefect", False),
        ("her2lit.errors", "her2lit.records", False),
        ("her2lit.cli.sql", "warehouse.query", True),
        ("her2lit.cli.sql", "duckdb", False),
    ],
)
def test_the_table_says_yes_and_no(module, target, expected):
    assert is_allowed(Import(module, target, 1, is_top_level=True)) is expected
