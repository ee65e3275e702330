"""
An ``Article`` as one JSON object, every value in it, and back.

Keys are the field names of ``her2lit.records``, ``pmid`` first; all keys are always there, with
null for "not given" and [] for an empty list. Dates are ISO 8601. docs/parsing.md shows one.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from her2lit.records import Article


def article_to_json(article: Article) -> str:
    """Return the article as one line of JSON, without a line break."""
    return json.dumps(article_to_dict(article), ensure_ascii=False, separators=(",", ":"))


def article_to_dict(article: Article) -> dict[str, Any]:
    """Return the article as plain dicts, lists, strings, numbers and None, ``pmid`` first."""
    return {"pmid": article.pmid, **_to_plain(article)}


def article_from_dict(values: Mapping[str, Any]) -> Article:
    """
    Return the article that ``article_to_dict`` was given.

    Raises:
        KeyError: A field without a default is missing.
        ValueError: A date is none.
    """
    return cast("Article", _from_plain(Article, values))


def _to_plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple):
        return [_to_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return {name: _to_plain(getattr(value, name)) for name in _field_types(value.__class__)}


@cache
def _field_types(record: type) -> dict[str, Any]:
    """Return field name -> type, optional types without their None."""
    hints = get_type_hints(record)
    return {field.name: _without_none(hints[field.name]) for field in fields(record)}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        [hint] = [part for part in get_args(hint) if part is not types.NoneType]
    return hint


def _from_plain(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if hint is date:
        return date.fromisoformat(value)
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        if parts[-1] is Ellipsis:
            return tuple(_from_plain(_without_none(parts[0]), item) for item in value)
        return tuple(_from_plain(_without_none(part), item) for part, item in zip(parts, value, strict=True))
    if hint in {str, int, bool}:
        return value
    known = _field_types(cast("type", hint))
    return hint(**{name: _from_plain(kind, value[name]) for name, kind in known.items() if name in value})
