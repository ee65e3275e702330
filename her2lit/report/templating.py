"""The one Jinja environment: everything from outside is escaped, an undefined name is an error."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from her2lit.report import colours


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the environment for the templates beside this module."""
    made = Environment(
        loader=PackageLoader("her2lit.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(light=colours.LIGHT, dark=colours.DARK)
    return made
