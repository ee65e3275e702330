"""Every import in the three packages, read from the source: what the layer and packaging tests are about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("her2lit", "warehouse", "flows")


@dataclass(frozen=True)
class Import:
    """One import statement's target, seen from the module it stands in."""

    module: str
    target: str
    line: int
    is_top_level: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules() -> dict[str, ast.Module]:
    """Return every module of the three packages by its dotted name, parsed."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return found


MODULES = modules()


def imports_of(module: str, tree: ast.Module) -> Iterator[Import]:
    """Yield what *module* imports; ``from package import module`` yields the module, not only the package."""
    inside = {id(node) for function in _deferred(tree) for node in ast.walk(function)}
    for node in ast.walk(tree):
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports relatively; write the whole name"
            assert node.module is not None
            targets = [
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else node.module
                for alias in node.names
            ]
        for target in dict.fromkeys(targets):
            yield Import(module, target, node.lineno, is_top_level=id(node) not in inside)


def _deferred(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield functions and TYPE_CHECKING blocks: what stands in them does not run on import."""
    for node in ast.walk(tree):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function or (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")):
            yield node


ALL_IMPORTS = tuple(found for module, tree in MODULES.items() for found in imports_of(module, tree))
