"""The excerpt of MeSH the replica knows: which names exist, and what lies below them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from her2lit.replica.tokens import key_text, words

#: Key field -> table of mesh.toml
_TABLES = {"mh": "headings", "mj": "headings", "sh": "qualifiers", "pt": "publication_types"}


@cache
def _families() -> dict[str, dict[str, tuple[str, ...]]]:
    data = tomllib.loads(resources.files("her2lit.replica").joinpath("mesh.toml").read_text(encoding="utf-8"))
    return {
        table: {key_text(name): tuple(key_text(below) for below in names) for name, names in families.items()}
        for table, families in data.items()
    }


@cache
def stopwords() -> frozenset[str]:
    """Return the words PubMed ignores (PubMed User Guide, "Stopwords")."""
    return frozenset(resources.files("her2lit.replica").joinpath("stopwords.txt").read_text(encoding="utf-8").split())


@cache
def term_mappings() -> dict[tuple[str, ...], tuple[str, str]]:
    """Return what untagged words map to: the words -> (key field "mh" or "nm", name as MeSH writes it)."""
    data = tomllib.loads(resources.files("her2lit.replica").joinpath("atm.toml").read_text(encoding="utf-8"))
    tables = (("mh", data["headings"]), ("nm", data["substances"]))
    return {
        tuple(words(entry)): (field, name)
        for field, names in tables
        for name, entries in names.items()
        for entry in entries
    }


def is_known(key_field: str, name: str) -> bool:
    """Tell whether the excerpt knows *name* (normalised) as a heading, qualifier or publication type."""
    family = _families()[_TABLES[key_field]]
    return name in family or any(name in below for below in family.values())


def explode(key_field: str, name: str) -> tuple[str, ...]:
    """Return *name* and everything the excerpt knows below it, normalised."""
    return (name, *_families()[_TABLES[key_field]].get(name, ()))
