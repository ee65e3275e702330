"""Where a record names drugs: longest match with masks, ambiguous names, regimens, elliptical conjugates.

The one rule above all: a conjugate is never its naked antibody. Names and masks compete at each
place, the longest wins and consumes its text, and a name that a payload word follows never ends
there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from her2lit.annotate.document import Document, Passage
from her2lit.annotate.normalise import normalise
from her2lit.topic.lexicon import Condition
from her2lit.topic.topic import Drug, Mask, Regimen, Topic

#: Blanks, hyphens and slashes inside a name are interchangeable; a payload may stand in brackets.
_SEPARATOR = r"[ /)\]-]{1,4}\(?"
#: Typesetters lose the blank of a conjugate: "trastuzumabderuxtecan"
_LOST_SEPARATOR = r"[ /)\]-]{0,4}\(?"
_PAYLOAD = (
    r"(?![\])]?[ /-]{0,3}\(?(?:(?:vc|mcc|mc|smcc|seco)-?){0,2}[a-z]*"
    r"(?:tecan|dotin|tansine?|tasine|limod|mazine|tesirine|auristatin|maytansine?|maytansinoid|calicheamicin|deruxt[a-z]+"
    r"|deruxdeca|duocarm[a-z]+|mmae|mmaf|dm1|dm4|dxd|duba|xetan)\b)"
)
_TAIL = r"(?![A-Za-z0-9])"
#: Names of these never end where a payload word follows
_ANTIBODIES = frozenset({"anti-HER2 mAb", "bispecific"})
#: Between a conjugate and the payload word of a second one
_ELLIPSIS = re.compile(r"[ )]*(?:,|/|;)?[ ]*(?:and/or|or|and|versus|vs\.?|/)?[ -]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """One unmasked naming of a drug, as a half-open span of a passage's normalised text."""

    drug_id: str
    passage: Passage
    start: int
    end: int
    #: "name", "ambiguous", "regimen", "mask" or "ellipsis"
    how: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a matched form stands for."""

    drug_ids: tuple[str, ...]
    how: str
    #: None: counts always
    needs: Condition | None = None
    #: The separators of an abbreviation are literal: T-DM1 never widens to TDM-1
    exact: str | None = None
    #: Whether upper and lower case differ, too (regimens and ambiguous abbreviations)
    is_cased: bool = False

    def fits(self, form: str) -> bool:
        """Return whether *form* is written as this entry wants it."""
        if self.exact is None:
            return True
        return form == self.exact if self.is_cased else form.casefold() == self.exact.casefold()


@dataclass(frozen=True, slots=True)
class _Case:
    """A conditional form at its place, to be judged when the whole record has been read."""

    entry: _Entry
    passage: Passage
    start: int
    end: int


class Matcher:
    """The names of one topic, compiled. Make it with ``matcher_for``."""

    def __init__(self, topic: Topic) -> None:
        self._drugs = topic.drug_by_id
        self._never = {name.casefold() for name in topic.lexicon.never_accept}
        self._entries: dict[str, list[_Entry]] = defaultdict(list)
        self._masks = tuple((mask, _mask_pattern(mask, topic)) for mask in topic.lexicon.masks)
        self._triggers: dict[str, set[frozenset[str]]] = defaultdict(set)
        self._payloads = dict(_payload_words(topic.drugs))
        forms = [form for drug in topic.drugs for form in self._forms(drug, topic)]
        forms += [form for regimen in topic.lexicon.regimens for form in self._regimen_forms(regimen)]
        self._pattern = re.compile(
            rf"(?<![A-Za-z0-9])(?:{_trie_pattern(forms)}){_TAIL}",
            re.IGNORECASE,
        )

    def _forms(self, drug: Drug, topic: Topic) -> Iterator[tuple[str, str]]:
        """Yield (form, kind) of every name of *drug*, and note what the form stands for."""
        for kind, name in drug.names:
            spellings = _respellings(name, topic) if kind == "generic" else (name,)
            for spelling in spellings:
                exact = _clean(spelling) if kind == "abbreviation" else None
                self._entries[_key(spelling)].append(_Entry((drug.drug_id,), "name", exact=exact))
                form_kind = _kind_of_form(drug, kind)
                self._add_trigger(spelling, form_kind)
                yield _clean(spelling), form_kind
        for other in drug.ambiguous:
            if other.needs.is_never:
                continue
            exact = None if other.kind in ("code", "generic") else other.term
            entry = _Entry((drug.drug_id,), "ambiguous", other.needs, exact, is_cased=True)
            self._entries[_key(other.term)].append(entry)
            if not other.needs.is_defined:
                self._add_trigger(other.term, other.kind)
            yield _clean(other.term), "antibody" if drug.drug_class in _ANTIBODIES else other.kind

    def _regimen_forms(self, regimen: Regimen) -> Iterator[tuple[str, str]]:
        for token in regimen.tokens:
            self._entries[_key(token)].append(_Entry(regimen.drugs, "regimen", regimen.needs, token, is_cased=True))
            if not regimen.needs.parts:
                self._add_trigger(token, "regimen")
            yield token, "regimen"

    def _add_trigger(self, form: str, kind: str) -> None:
        """Note the sets of words of which a text holds at least one whole set if it holds *form*."""
        words = re.findall(r"[a-z0-9]+", _clean(form).casefold())
        ways = [words]
        if kind == "conjugate":
            ways.append(["".join(words)])
        if kind == "code":
            ways += [["".join(words)], re.findall(r"[a-z]+|\d+", " ".join(words))]
            if match := re.fullmatch(r"([a-z]+)(\d\w*)", words[0]):
                ways.append([*match.groups(), *words[1:]])
        for way in ways:
            self._triggers[max(way, key=len)].add(frozenset(way))

    def _may_name_a_drug(self, words: frozenset[str]) -> bool:
        """Return whether a text of these words can hold a name: the quick look before the slow one."""
        return any(way <= words for word in self._triggers.keys() & words for way in self._triggers[word])

    def mentions(self, document: Document) -> tuple[Mention, ...]:
        """Return every unmasked mention, in reading order; conditions are judged over the whole record."""
        # What needs a definition or its parts counts only beside a name that triggers by itself.
        if not self._may_name_a_drug(document.words):
            return ()
        sure: list[Mention] = []
        cases: list[_Case] = []
        for passage in document.passages:
            for entry, start, end in self._matches(passage):
                if entry.needs is None:
                    sure.extend(Mention(drug_id, passage, start, end, entry.how) for drug_id in entry.drug_ids)
                else:
                    cases.append(_Case(entry, passage, start, end))
        sure.extend(self._ellipses(sure))
        judged = list(sure)
        for case in cases:
            if _holds(case, document, sure, cases):
                judged.extend(
                    Mention(d, case.passage, case.start, case.end, case.entry.how) for d in case.entry.drug_ids
                )
        order = {id(passage): i for i, passage in enumerate(document.passages)}
        judged.sort(key=lambda mention: (order[id(mention.passage)], mention.start, mention.end))
        return tuple(judged)

    def _matches(self, passage: Passage) -> Iterator[tuple[_Entry, int, int]]:
        """Yield what the passage's text stands for, leftmost and longest first, nothing twice."""
        text = passage.text
        spans = [(match.start(), match.end(), None) for match in self._pattern.finditer(text)]
        masks: list[tuple[int, int, Mask | None]] = [
            (match.start(), match.end(), mask)
            for mask, pattern in self._masks
            if any(stem in passage.lower for stem in _stems(mask))
            for match in pattern.finditer(text)
        ]
        at = 0
        # The wider of two overlapping spans wins even where it begins later ("SC [89Zr]trastuzumab").
        for start, end, mask in sorted((*spans, *masks), key=lambda span: (span[0], -span[1], span[2] is not None)):
            if start < at:
                continue
            if mask is None and any(start <= first < end < last for first, last, _ in masks):
                continue
            at = end
            if mask is not None:
                yield _Entry(mask.tags, "mask"), start, end
            else:
                yield from ((entry, start, end) for entry in self._standing_for(text[start:end]))

    def _standing_for(self, form: str) -> list[_Entry]:
        if form.casefold() in self._never:
            return []
        entries = [entry for entry in self._entries[_key(form)] if entry.fits(form)]
        # A name that always counts settles what an ambiguous form of it would ask about.
        return [entry for entry in entries if entry.needs is None][:1] or entries

    def _ellipses(self, mentions: Iterable[Mention]) -> Iterator[Mention]:
        """Yield the second conjugate of "trastuzumab emtansine or deruxtecan"."""
        for mention in mentions:
            antibody = self._payload_owner(mention.drug_id)
            at = mention.end
            while antibody and (joint := _ELLIPSIS.match(mention.passage.text, at)):
                word = re.compile(r"[A-Za-z0-9]+").match(mention.passage.text, joint.end())
                found = self._payloads.get((antibody, word.group().casefold())) if word else None
                if not found or not word:
                    break
                yield Mention(found, mention.passage, word.start(), word.end(), "ellipsis")
                at = word.end()

    def _payload_owner(self, drug_id: str) -> str | None:
        return next((antibody for (antibody, _), owner in self._payloads.items() if owner == drug_id), None)


#: So many characters before its bracket hold what a regimen is defined by
_DEFINITION = 60


@lru_cache(maxsize=4)
def matcher_for(topic: Topic) -> Matcher:
    """Return the compiled matcher of *topic*, made once."""
    return Matcher(topic)


def find_mentions(document: Document, topic: Topic) -> tuple[Mention, ...]:
    """Return every unmasked mention of a drug in title, abstract and keywords."""
    return matcher_for(topic).mentions(document)


def _kind_of_form(drug: Drug, kind: str) -> str:
    """Return how a name's form is matched: as its kind, or by what its drug is."""
    if drug.drug_class in _ANTIBODIES:
        return "antibody"
    return "conjugate" if drug.drug_class == "ADC" and kind in ("generic", "misspelling") else kind


def _clean(name: str) -> str:
    """Return *name* normalised as text is, brackets and quotes removed."""
    return re.sub(r"[\[\]()\"']", "", normalise(name).text).strip()


def _key(form: str) -> str:
    return re.sub(r"[^a-z0-9+]+", "", normalise(form).text.casefold())


def _respellings(name: str, topic: Topic) -> tuple[str, ...]:
    """Return *name*, and for a conjugate also with each misspelling of its antibody."""
    parts = re.split(r"[ -]", name, maxsplit=1)
    spellings = {name}
    for drug in topic.drugs:
        if len(parts) == 2 and parts[0].casefold() == drug.name.casefold():
            spellings |= {name.replace(parts[0], wrong, 1) for kind, wrong in drug.names if kind == "misspelling"}
    return tuple(sorted(spellings))


def _payload_words(drugs: Iterable[Drug]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield ((antibody, payload word), drug id) for every two-word conjugate name."""
    for drug in drugs:
        for kind, name in drug.names:
            words = name.casefold().split()
            if kind in ("generic", "misspelling") and len(words) == 2 and drug.drug_class == "ADC":
                yield (words[0], words[1]), drug.drug_id


def _mask_pattern(mask: Mask, topic: Topic) -> re.Pattern[str]:
    def names(match: re.Match[str]) -> str:
        drug = topic.drug_by_id[match.group(1)]
        single = {name for kind, name in drug.names if kind in ("generic", "misspelling") and name.isalpha()}
        single |= {drug.drug_id.split("-")[0]}
        return f"(?:{'|'.join(sorted(map(re.escape, single), key=lambda n: (-len(n), n)))})"

    pattern = re.sub(r"\{([a-z][a-z0-9-]+)\}", names, mask.pattern)
    return re.compile(f"(?:{pattern}){_PAYLOAD}", re.IGNORECASE)


#: Pattern piece -> what may follow; "" marks an end
_Tree: TypeAlias = dict[str, "_Tree"]


@lru_cache(maxsize=64)
def _stems(mask: Mask) -> tuple[str, ...]:
    """Return letters of which a text holds some if the mask can match: a quick look before a slow one."""
    named = re.findall(r"\{([a-z]+)[a-z0-9-]*\}", mask.pattern)
    # Misspellings of an antibody keep its beginning or its end.
    return tuple(stem for name in named for stem in (name[:3], name[-4:])) or ("",)


def _trie_pattern(forms: Iterable[tuple[str, str]]) -> str:
    """Return one pattern over all forms, sharing common beginnings, longest way first."""
    tree: _Tree = {}
    for form, kind in forms:
        node = tree
        for piece in _pieces(form, kind):
            node = node.setdefault(piece, {})
        if kind == "antibody":
            node = node.setdefault(_TAIL + _PAYLOAD, {})
        node[""] = {}
    return _branch(tree)


def _pieces(form: str, kind: str) -> Iterator[str]:
    """Yield the form as pattern pieces: letters one by one, separators loose where the kind allows."""
    is_literal = kind in ("abbreviation", "regimen")
    previous = ""
    for piece in re.findall(r"[ /-]+|.", form):
        if re.fullmatch(r"[ /-]+", piece):
            if is_literal:
                yield from map(re.escape, piece)
            else:
                yield {"code": r"[ /-]{0,3}", "conjugate": _LOST_SEPARATOR}.get(kind, _SEPARATOR)
        else:
            if kind == "code" and previous.isalpha() and piece.isdigit() and "-" not in form and " " not in form:
                yield r"[ -]?"
            yield re.escape(piece)
        previous = piece


def _branch(node: _Tree) -> str:
    ends = "" in node
    ways = [piece + _branch(below) for piece, below in sorted(node.items(), reverse=True) if piece]
    if not ways:
        return ""
    inner = ways[0] if len(ways) == 1 and not ends else f"(?:{'|'.join(ways)})"
    return f"{inner}?" if ends else inner


def _holds(case: _Case, document: Document, sure: list[Mention], cases: list[_Case]) -> bool:
    """Return whether an ambiguous name's or regimen's condition holds at its place."""
    needs = case.entry.needs
    assert needs is not None  # noqa: S101 - only conditional entries are open cases
    if case.entry.how == "regimen" and any(
        _is_defined_otherwise(other, sure) for other in cases if other.entry == case.entry
    ):
        return False
    if needs.unless and _words_pattern(needs.unless).search(document.text):
        return False
    if needs.parts:
        named = {mention.drug_id for mention in sure}
        return len(named & set(case.entry.drug_ids)) >= needs.parts
    if needs.is_defined:
        same = (other for other in cases if other.entry == case.entry)
        return any(_is_defined_here(other, sure) for other in same)
    pattern = _words_pattern(needs.any)
    text, start, end = case.passage.text, case.start, case.end
    if needs.within is None:
        return any(match.group() != text[start:end] for match in pattern.finditer(document.text))
    return bool(
        pattern.search(text[max(0, start - needs.within) : start]) or pattern.search(text[end : end + needs.within])
    )


@lru_cache(maxsize=256)
def _words_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{alternatives})(?![a-z0-9])", re.IGNORECASE)


def _is_defined_otherwise(case: _Case, sure: list[Mention]) -> bool:
    """Return whether a regimen's letters stand in a bracket behind other drugs: "paclitaxel, carboplatin, trastuzumab (TCH)"."""
    if case.passage.text[case.start - 1 : case.start] != "(":
        return False
    near = {
        mention.drug_id
        for mention in sure
        if mention.passage is case.passage and 0 < case.start - mention.end <= _DEFINITION
    }
    ours = set(case.entry.drug_ids)
    return len(near) > 1 and bool(near - ours) and not ours <= near


def _is_defined_here(case: _Case, sure: list[Mention]) -> bool:
    """Return whether the text at this place reads "name (ABBR" or "ABBR (name"."""
    text = case.passage.text
    after = text[case.end : case.end + 3]
    for mention in sure:
        if mention.drug_id != case.entry.drug_ids[0] or mention.passage is not case.passage:
            continue
        between = text[mention.end : case.start]
        if 0 < len(between) <= 16 and "(" in between and ")" not in between:
            return True
        if 0 < len(between) <= 3 and between.endswith(("[", ", ", "= ", ": ")) and after[:1] in ("]", ",", ")", ";"):
            return True
        if 0 < mention.start - case.end <= 3 and after.lstrip()[:1] in ("(", "=", ":", ",", "["):
            return True
    return False
