"""
What independent readers make of PubMed XML, held beside our ``Article`` records.

Nothing here reads XML with our parser's help: files are cut at record borders by a regular expression,
texts are flattened by ``xml.etree``. A difference counts as explained only where a rule *predicts* one
side from the other: the mistake is played through, or our convention applied to their raw text.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

_RECORD = re.compile(rb"<(PubmedArticle|PubmedBookArticle)>.*?</\1>", re.DOTALL)
_BLANKS = re.compile(r"[ \t\r\n]+")
_MATHML = "{http://www.w3.org/1998/Math/MathML}"


def cut(path: Path) -> list[bytes]:
    """Return the bytes of every record of a file."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [found.group() for found in _RECORD.finditer(data)]


def squeezed(text: str | None) -> str | None:
    """Return *text* with XML white space as single blanks, None when nothing is left."""
    return _BLANKS.sub(" ", text).strip(" ") or None if text else None


def tree_of(fragment: str) -> ET.Element:
    """Return a fragment of XML as a tree."""
    # Texts of records that our own parser has let through, read once more by the standard library.
    return ET.fromstring(f'<x xmlns:mml="http://www.w3.org/1998/Math/MathML">{fragment}</x>')  # noqa: S314


def local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def plain(fragment: str | None) -> str | None:
    """Return all the text of a fragment in reading order: what is there, before any convention of ours."""
    if not fragment or ("<" not in fragment and "&" not in fragment):
        return squeezed(fragment)
    return squeezed("".join(tree_of(fragment).itertext()))


def shape(fragment: str | None) -> str | None:
    """Return tags and texts of a fragment, without attributes and prefixes; None where it has no tags."""
    if not fragment or "<" not in fragment:
        return None
    return squeezed(_shape_of(tree_of(fragment)))


def _shape_of(element: ET.Element) -> str:
    inner = "".join(
        f"<{local_name(child)}>{_shape_of(child)}</{local_name(child)}>{child.tail or ''}" for child in element
    )
    return (element.text or "") + inner


def with_marks(fragment: str) -> str | None:
    """Return the text of a fragment by our convention for digits in scripts: 10<sup>6</sup> is 10^6."""
    said = ""

    def walk(element: ET.Element) -> None:
        nonlocal said
        said += element.text or ""
        for child in element:
            before = said
            walk(child)
            script = said[len(before) :]
            mark = {"sup": "^", "sub": "_"}.get(local_name(child), "")
            if before[-1:].isdigit() and script.lstrip("+-\u2212\u2013")[:1].isdigit():
                said = before + mark + script
            said += child.tail or ""

    walk(tree_of(fragment))
    return squeezed(said)


def letters(text: str | None) -> Counter[str]:
    """Return how often each letter, digit and sign stands in *text*, joints of formulas and blanks aside."""
    return Counter(re.sub(r"[\s^_/√()\u2061-\u2064]", "", text or ""))


def without_twins(fragment: str) -> str:
    """Return the text of a fragment without the TeX and content twins of its formulas."""
    tree = tree_of(fragment)
    for parent in list(tree.iter()):
        for child in list(parent):
            if local_name(child) in {"annotation", "annotation-xml"}:
                parent.remove(child)
    return "".join(tree.itertext())


@dataclass(frozen=True, slots=True)
class Rule:
    """Why two readings differ: *says* for the table, *whose* is "theirs", "ours" or "both" (a matter of form)."""

    says: str
    whose: str
    fits: Callable[[object, object], bool] = field(compare=False)


SCRIPT_MARKS = Rule(
    "digits in a script after a digit are told from it: 10^6, not 106",
    "ours, on purpose",
    lambda ours, theirs: isinstance(theirs, str) and "<" in theirs and with_marks(theirs) == ours,
)
FORMULA = Rule(
    "MathML as one line in reading order, TeX twins left out; the same letters",
    "ours, on purpose",
    lambda ours, theirs: (
        isinstance(theirs, str)
        and "<math" in theirs.replace("mml:", "")
        and isinstance(ours, str)
        and letters(ours) == letters(without_twins(theirs))
    ),
)


@dataclass(slots=True)
class Tally:
    """How often two readings of each field were compared, and why they differed where they did."""

    oracle: str
    n_records: int = 0
    n_compared: Counter[str] = field(default_factory=Counter)
    #: (field, rule) -> PMIDs, in the order they were met
    explained: dict[tuple[str, Rule], list[int]] = field(default_factory=lambda: defaultdict(list))
    #: (field, PMID, ours, theirs)
    unexplained: list[tuple[str, int, object, object]] = field(default_factory=list)

    def compare(self, pmid: int, name: str, ours: object, theirs: object, rules: Iterable[Rule] = ()) -> None:
        """Compare one value; the first rule that fits explains a difference."""
        self.n_compared[name] += 1
        if ours == theirs:
            return
        for rule in rules:
            if rule.fits(ours, theirs):
                self.explained[name, rule].append(pmid)
                return
        self.unexplained.append((name, pmid, ours, theirs))

    def as_rows(self) -> Iterator[dict[str, object]]:
        """Yield the table: one row per field and rule, the most frequent first."""
        for (name, rule), pmids in sorted(self.explained.items(), key=lambda item: (-len(item[1]), item[0][0])):
            yield {
                "oracle": self.oracle,
                "field": name,
                "why": rule.says,
                "whose": rule.whose,
                "n_values": len(pmids),
                "n_records": len(set(pmids)),
                "pmids": list(dict.fromkeys(pmids))[:3],
            }
