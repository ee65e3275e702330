"""Registry ids printed anywhere in a record, and the names of landmark trials."""

from __future__ import annotations

import re
from functools import lru_cache

from her2lit.annotate.document import Document
from her2lit.records import Evidence, Facet
from her2lit.topic.topic import Topic

_IDS = re.compile(
    r"\b(?:NCT ?-?(?P<nct>\d{8})"
    r"|ISRCTN ?-?(?P<isrctn>\d{8})"
    r"|UMIN[ -]?(?:CTR)?[ :-]*(?P<umin>(?:C)?0\d{8})"
    r"|(?P<chictr>ChiCTR(?:-[A-Z]{2,5})?-?\d{8,10})"
    r"|EudraCT(?:,? (?:number|no\.?))?[ :#(]*(?P<eudract>\d{4}-\d{6}-\d{2})"
    r"|(?P<japic>JapicCTI-?\d{6})"
    r"|(?P<ctri>CTRI/\d{4}/\d{2,3}/\d{6})"
    r"|(?P<actrn>ACTRN\d{14})"
    r"|(?P<jrct>jRCTs?\d{9,10})|(?P<ctr>CTR20\d{6})"
    r"|(?P<kct>KCT\d{7})|(?P<drks>DRKS\d{8})|(?P<irct>IRCT\d{8,}N\d+)|NTR ?(?P<ntr>\d{3,5}))\b",
    re.IGNORECASE,
)
#: Every id has so many digits in a row: a quick look before a slow one
_DIGITS = re.compile(r"\d{5}|(?:NTR|ntr) ?\d{3}")
_PREFIX = {"nct": "NCT", "isrctn": "ISRCTN", "umin": "UMIN", "ntr": "NTR", "eudract": "EudraCT "}


def read_trial_ids(document: Document) -> tuple[Facet, ...]:
    """Return every registry id of title, abstract, keywords and databank list, in order, once each."""
    found: dict[str, Facet] = {}
    for passage in document.passages:
        if not _DIGITS.search(passage.text):
            continue
        for match in _IDS.finditer(passage.text):
            name = _name(match)
            found.setdefault(name, _make(name, passage.evidence(*match.span())))
    for bank in document.article.databank_accessions:
        for match in _IDS.finditer(bank.accession or ""):
            name = _name(match)
            place = Evidence(place="databank", sentence=match.string, start=match.start(), end=match.end())
            found.setdefault(name, _make(name, place))
    return tuple(found.values())


@lru_cache(maxsize=4)
def landmark_pattern(topic: Topic) -> re.Pattern[str]:
    """Return one pattern over the names of randomised landmark trials, as written, longest first."""
    names = sorted(
        (name for trial in topic.trials if trial.is_randomised for name in trial.names), key=len, reverse=True
    )
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, names))})(?![A-Za-z0-9-])")


def _name(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    value = match.group(kind)
    return _PREFIX.get(kind, "") + (value if kind in ("chictr", "jrct", "japic") else value.upper())


def _make(name: str, evidence: Evidence) -> Facet:
    return Facet(facet="trial_id", value=name, evidence=evidence, rule="registry-id")
