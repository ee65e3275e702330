"""The parameters of one request: names as NCBI spells them, several values per name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

#: Never kept or shown: keys open a quota, addresses name a person.
_SECRET = frozenset({"api_key", "email"})
REDACTED = "REDACTED"


@dataclass(frozen=True, slots=True)
class Parameters:
    """(name, value) pairs in the order they came; names are case-sensitive, so ``webenv`` is not ``WebEnv``."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, *encoded: str) -> Parameters:
        """Read query strings and form bodies; blank values are kept, as NCBI tells them from absent ones."""
        return cls(tuple(pair for text in encoded for pair in parse_qsl(text, keep_blank_values=True)))

    def get(self, name: str) -> str | None:
        """Return the last value of *name*, None when it was not sent."""
        return next((value for key, value in reversed(self.pairs) if key == name), None)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return every value of *name*."""
        return tuple(value for key, value in self.pairs if key == name)

    def number(self, name: str, default: int) -> int:
        """Return a whole number of 0 or more, *default* when absent or not a number."""
        text = (self.get(name) or "").strip()
        return int(text) if text.isdecimal() else default

    def redacted(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs without secrets, for the log."""
        return tuple((key, REDACTED if key.lower() in _SECRET else value) for key, value in self.pairs)


def split_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of one or more ``id`` parameters, comma lists taken apart, blanks dropped."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
