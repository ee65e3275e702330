"""Identifiers in one written form: DOI, PMC id, ORCID, PMID."""

from __future__ import annotations

import re
from operator import mul

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMCID = re.compile(r"(?:PMC)?(\d+)(?:\.\d+)?", re.IGNORECASE | re.ASCII)
_ORCID = re.compile(r"(?<!\d)(\d{4})[- ]?(\d{4})[- ]?(\d{4})[- ]?(\d{3}[\dXx])(?!\d)", re.ASCII)
#: ISO 7064 doubles the sum at each of the first fifteen digits: each counts 2 to the number of doublings, modulo 11.
_ORCID_WEIGHTS = tuple(pow(2, 15 - place, 11) for place in range(15))
#: PMIDs are 8 digits today; anything longer is no PMID and would not fit the warehouse either.
_PMID = re.compile(r"0*([1-9]\d{0,8})", re.ASCII)


def normalise_doi(text: str | None) -> str | None:
    """Return a DOI in lower case without resolver or "doi:" before it, None if *text* holds none."""
    if text is None:
        return None
    found = _DOI.search(text)
    return found.group().lower() if found else None


def normalise_pmcid(text: str | None) -> str | None:
    """Return "PMC" and digits ("PMC1234567"), None if *text* is no PMC id."""
    found = _PMCID.fullmatch(text.strip()) if text else None
    return f"PMC{found.group(1)}" if found else None


def normalise_orcid(text: str | None) -> str | None:
    """
    Return an ORCID as 0000-0000-0000-0000, None unless its check character is right.

    NLM prints them bare, hyphenated or not, and as http and https URLs. The check character is
    ISO 7064 MOD 11-2: https://support.orcid.org/hc/en-us/articles/360006897674
    """
    found = _ORCID.search(text) if text else None
    if found is None:
        return None
    digits = "".join(found.groups()).upper()
    check = (12 - sum(map(mul, _ORCID_WEIGHTS, map(int, digits[:15])))) % 11
    if digits[15] != ("X" if check == 10 else str(check)):
        return None
    return "-".join((digits[:4], digits[4:8], digits[8:12], digits[12:]))


def read_pmid(text: str | None) -> int | None:
    """Return a PMID as a number, None if *text* is none."""
    found = _PMID.fullmatch(text.strip()) if text else None
    return int(found.group(1)) if found else None
