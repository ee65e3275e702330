"""One sentence with its numbers and what they may measure: the ground that ratios, medians and rates share.

A number belongs to the nearest endpoint before it, and to nothing where something else (follow-up, toxicity) stands
nearer. Endpoints that are listed take listed numbers in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from her2lit.annotate import numbers
from her2lit.annotate.document import Sentence
from her2lit.records import Evidence, Outcome
from her2lit.topic.literals import may_match
from her2lit.topic.topic import EndpointRule

_WITH_RESPONSE = re.compile(
    r"\b(?:(?:patients|women|those|tumou?rs|cases) (?:with|without|who (?:had|achieved|did not (?:have|achieve))|achieving|not achieving)"
    r"(?: an?| no)? |non-)$"
)
_WHOSE = re.compile(r"\bwhose (?:median )?$")
#: "with a PFS above 7 months", "PFS of 7 months or less": whom it is about, not what was found
_BOUNDED = re.compile(
    r"\s?(?:(?:exceed\w*|above|below|(?:of )?(?:more|less|longer|shorter|fewer) than|(?:of )?[<>]=?)(?=\s?\d)"
    r"|(?:of |was )?\d+(?:\.\d+)?\s(?:months|years|weeks) or (?:less|more|longer|shorter)\b)"
)
#: What may stand between the endpoints of a list
_LISTED = re.compile(r"\W*(?:\([^)\d]*\)\W*)?(?:and|,)?\W*(?:median )?")
_LISTED_UNKNOWN = re.compile(r"\W*(?:\([^)\d]*\)\W*)?,\s(?:median )?([A-Z][A-Za-z]{1,5})(?:,|,? and)\s(?:median )?")
#: What says of whom a median or rate is, between the endpoint and a word that is none
_QUALIFIES = re.compile(
    r"\s(?:\([^()]*\)\s)?(?:rates?\s|times?\s)?"
    r"(?:(?:was|were)\s(?:\w+\s){0,2}?(?:higher|lower|longer|shorter|better|worse|similar|greater|improved|superior|inferior)\s)?(?:from|after|since|for|in|of|among|with|than|compared (?:with|to)|according to)\b[^,;.%]{0,90}"
)
#: From such a word to the number
_TO_NUMBER = re.compile(
    r"(?:[^,;.%\d]|(?<=[A-Za-z])\d){0,90}?(?:\b(?:was|were|of|reached|is)\s+|:\s*|=\s*|\()", re.IGNORECASE
)
#: Nouns that numbers measure in their own right
_OWN_MEASURE = re.compile(
    r"follow|\bage|duration|interval|period|incidence|prevalence|sensitiv|specific|accura|auc|concord|complete"
)
_GOES_ON = re.compile(
    r"(?:\s*\))?(?:\s+(?:with|without)(?=\sand\s)|\s+(?:in|for|with|among|on)\s(?:[^;.%\d]|(?<=[A-Za-z])\d){2,100}?)?\s*,?\s*(?:and|or|v/?s\.?|versus|v\.?|compared (?:with|to)|but|than)\s"
    r"(?:(?:in|for|with|only|just|to)\s)*(?:[^;,.%\d]{2,60}\s(?:was|were|of)\s|[^;,.%\d()]{2,60}\()?\s*",
    re.IGNORECASE,
)
_ARMS_APART = re.compile(r"\b(?:v/?s\.?|versus|compared (?:with|to)|and)\s+$")
_PAIRED = re.compile(r"\b(?:v/?s\.?|versus|v\.?|compared (?:with|to))\s+$")
_BOUND = ("low", "high")
_CI_WORD = re.compile(r"\bc\.?i\.?\b|confidence", re.IGNORECASE)
#: How far a p value may stand from the arm that it compares, in characters, and what ends its reach
_P_FAR = 160
_CLAUSE_END = re.compile(r"\bwhile\b|\bwhereas\b|\bbut\b|\bhowever\b")
_ARM = re.compile(
    r"\s?%?\s?(?:months?|mo)?\s?(?:for|in|with|on)\s(?:the\s)?(?P<arm>[^,;.()]{2,60}?)(?=\s(?:versus|v/?s\.?|v|and|compared)\b|[,;.()])"
)


@dataclass(frozen=True, slots=True)
class Noun:
    """What a number may measure, where a sentence names it."""

    endpoint: str
    kind: str
    start: int
    end: int


#: "overall survival from start of treatment (OSBM)": the abbreviation and the words before it that it may stand for
_DEFINED = re.compile(r"\((?P<short>[A-Za-z]{0,4}[A-Z][A-Za-z0-9]{0,5}[A-Z0-9])\)")
_WORDS_BEFORE = re.compile(r"(?:[\w/+-]+ ){1,12}$")
#: So many characters before an abbreviation hold what it stands for
_LONG = 120
#: Abbreviations that mean a ratio or one kind of response where no endpoint stands before them
_OTHERWISE = ("OR", "HR", "RR", "CI", "CR", "PR", "SD", "PD")


def defined_endpoints(text: str, rules: tuple[EndpointRule, ...]) -> tuple[EndpointRule, ...]:
    """
    Return rules for the abbreviations of endpoints that an abstract defines for itself and the rules do not know.

    What an abbreviation stands for begins with its first letter and names an endpoint: "brain metastasis-free survival
    (BMFS)", "overall survival from start of treatment (OSBM)".
    """
    real = tuple(rule for rule in rules if rule.kind in ("survival", "duration", "rate", "other"))
    found: dict[str, EndpointRule] = {}
    for match in _DEFINED.finditer(text):
        short = match.group("short")
        before = _WORDS_BEFORE.search(text[max(0, match.start() - _LONG) : match.start()])
        if before is None or short in found or short in _OTHERWISE:
            continue
        first = re.search(rf"(?<![\w/+-]){re.escape(short[0])}", before.group(), re.IGNORECASE)
        words = before.group()[first.start() :] if first else ""
        nouns = find_nouns(words, real)
        if nouns and not find_nouns(short, real) and _stands_for(short, words[nouns[0].start : nouns[0].end]):
            endpoint, kind = nouns[0].endpoint, nouns[0].kind
            pattern = re.compile(rf"\b{re.escape(short.lower())}\b")
            found[short] = EndpointRule(endpoint=endpoint, kind=kind, pattern=pattern, example=short)
    return tuple(found.values())


def _stands_for(short: str, noun: str) -> bool:
    """Return whether an abbreviation holds the initials of an endpoint's name ("OS" in OSBM), or they it (TDBM)."""
    initials = "".join(word[0] for word in re.findall(r"(?!(?:to|of|the)\b)\b[a-z]+", noun.lower()))
    letters = iter(initials)
    return initials in short.lower() or all(letter in letters for letter in short.lower())


class Reading:
    """One sentence as numbers and nouns; most sentences hold none, so nothing is looked for before it is asked for."""

    def __init__(self, sentence: Sentence, rules: tuple[EndpointRule, ...], previous: Reading | None = None) -> None:
        self.sentence = sentence
        self.text = sentence.text
        self.rules = rules
        self.previous = previous

    @cached_property
    def masked(self) -> str:
        """Return the text with intervals, ranges, p values, doses and counts blanked, offsets unchanged."""
        return numbers.mask(self.text)

    @cached_property
    def nouns(self) -> tuple[Noun, ...]:
        """Return everything that a number of the sentence may measure, in order."""
        return find_nouns(self.masked, self.rules)

    @cached_property
    def ratios(self) -> tuple[re.Match[str], ...]:
        """Return the matches of ``numbers.RATIO``, in order: what has a label that says it is a ratio."""
        return tuple(numbers.RATIO.finditer(self.text))

    @property
    def last_endpoint(self) -> Noun | None:
        """Return the sentence's last endpoint."""
        return next((noun for noun in reversed(self.nouns) if noun.kind != "noise"), None)

    @property
    def last_named(self) -> Noun | None:
        """Return the last endpoint named before this sentence, for one that names none."""
        earlier = self.previous
        while earlier and not earlier.last_endpoint:
            earlier = earlier.previous
        return earlier.last_endpoint if earlier else None

    def in_turn(self, nouns: tuple[Noun, ...], at: int, pattern: re.Pattern[str]) -> tuple[Noun, ...]:
        """Return the one endpoint of a list whose turn it is: "OS and PFS were 58 months (…) and 19 months (…)"."""
        if len(nouns) < 2:
            return nouns
        groups = [other.start() for other in pattern.finditer(self.masked, nouns[-1].end)]
        # "ORR (29% versus 41%) and CBR (44% versus 64%)": each has numbers of its own.
        has_own = pattern.search(self.masked, nouns[0].end, nouns[-1].start)
        if has_own or at not in groups:
            return nouns
        if len(groups) == 2 * len(nouns) and all(
            _PAIRED.search(self.masked, first, second) for first, second in zip(groups[::2], groups[1::2], strict=True)
        ):
            # "RFS and DFS were 98% vs 81% and 98% vs 83%": two arms each
            return (nouns[groups.index(at) // 2],)
        if len(groups) == 2 * len(nouns) and _ARMS_APART.search(
            self.masked, groups[len(nouns) - 1], groups[len(nouns)]
        ):
            # "MFS and OS were 57% and 69% in A versus 74% and 88% in B"
            return (nouns[groups.index(at) % len(nouns)],)
        return (nouns[groups.index(at)],) if len(groups) == len(nouns) else nouns

    def measured(self, at: int, kinds: tuple[str, ...]) -> tuple[Noun, ...]:
        """Return the endpoint, or endpoints of a list, that a number at *at* measures."""
        before = [noun for noun in self.nouns if noun.end <= at]
        # "(median: 21.2 vs 11.6 months)" measures the endpoint, whatever stands between.
        if re.search(r"\bmedian:? ?(?:not reached (?:v/?s\.?|versus) )?$", self.masked[:at], re.IGNORECASE):
            before = [noun for noun in before if noun.kind in kinds] or ([self.last_named] if self.last_named else [])
        before = self._without_qualifiers(before, at)
        if not before or before[-1].kind not in kinds:
            return ()
        # "follow-up was 50 months for PFS and 51 months for OS"
        if self.masked[: before[-1].start].endswith("for ") and any(noun.kind == "noise" for noun in before):
            return ()
        return self.listed(before, kinds)

    def _without_qualifiers(self, before: list[Noun], at: int) -> list[Noun]:
        """Return nouns less those that only say whose endpoint it is: "PFS in patients with mutations was"."""
        kept = list(before)
        while len(kept) > 1 and _is_qualifier(kept[-1], self.masked):
            is_linked = _TO_NUMBER.fullmatch(self.masked[kept[-1].end : at])
            of_which = _QUALIFIES.fullmatch(self.masked[kept[-2].end : kept[-1].start])
            if not (is_linked and (of_which or _is_qualifier(kept[-2], self.masked))):
                return before
            kept.pop()
        return kept

    def continues(self, since: int, at: int) -> bool:
        """Return whether a number goes on from one before: "8 months in those with mutations and 12 months"."""
        nouns = [noun for noun in self.nouns if since <= noun.start < at]
        is_same = all(noun.kind == "noise" and _is_qualifier(noun, self.masked) for noun in nouns)
        return is_same and bool(_GOES_ON.fullmatch(self.masked[since:at]))

    def listed(self, before: list[Noun], kinds: tuple[str, ...]) -> tuple[Noun, ...]:
        """Return the last noun with those listed before it: "PFS and OS"."""
        if not before:
            return ()
        listed = [before[-1]]
        first = before[-1].start
        for noun in reversed(before[:-1]):
            gap = self.masked[noun.end : first]
            unknown = _LISTED_UNKNOWN.fullmatch(gap)
            if noun.kind not in kinds or not (unknown or _LISTED.fullmatch(gap)):
                break
            if unknown:
                # "OS, LC and PFS": what the rules do not know takes its turn and is left out.
                listed.insert(0, Noun("other", "noise", noun.end + unknown.start(1), noun.end + unknown.end(1)))
            first = noun.start
            if noun.endpoint != listed[0].endpoint:
                listed.insert(0, noun)
        return tuple(listed)

    def outcome(
        self,
        endpoint: str,
        measure: str,
        value: float,
        printed: numbers.Value,
        *,
        stop: int,
        unit: str | None = None,
        timepoint: float | None = None,
    ) -> Outcome:
        """Return a median, difference or rate with the interval, the p value and the arm that stand behind it."""
        arm = _ARM.match(self.text[stop:])
        low, high, level, end = self._own_interval(printed, unit)
        is_outside = low is not None and (value < low or (high is not None and value > high))
        return Outcome(
            endpoint=endpoint,
            measure=measure,
            value=value,
            ci_low=low,
            ci_high=high,
            ci_level=level,
            p=printed_p(self._p_of_arms(stop)),
            arm=clean_arm(arm.group("arm")) if arm else None,
            timepoint_months=timepoint,
            quote=self.quote(printed.start, max(stop, end)),
            flags=("outside_ci",) * is_outside,
            evidence=self.evidence(printed.start, max(stop, end)),
        )

    def _own_interval(
        self, printed: numbers.Value, unit: str | None
    ) -> tuple[float | None, float | None, float | None, int]:
        """Return the bounds that stand behind a time (in months) or a rate, their level, and where they end."""
        found = numbers.OWN_CI.match(self.text, printed.end)
        if found is None or (found.group("low3") and not _CI_WORD.search(self.text)):
            return None, None, None, printed.end  # a bare "(4-9)" may as well be a range
        low, high = (
            as_number(found.group(name) or found.group(f"{name}2") or found.group(f"{name}3")) for name in _BOUND
        )
        if unit:
            low, high = (None if bound is None else numbers.in_months(bound, unit) for bound in (low, high))
        level = found.group("level")
        end = found.end() + (self.text[found.end() : found.end() + 1] in (")", "]"))
        return low, high, float(level) if level else None, end

    def _p_of_arms(self, at: int) -> re.Match[str] | None:
        """Return the p value that follows a time or a rate and its partners; a ratio keeps it for itself."""
        if self.ratios:
            return None
        found = numbers.P_VALUE.search(self.text, at)
        if found is None or found.start() - at > _P_FAR or _CLAUSE_END.search(self.text, at, found.start()):
            return None
        if any(noun.kind != "noise" and at <= noun.start < found.start() for noun in self.nouns):
            return None
        return found

    def evidence(self, start: int, end: int) -> Evidence:
        """Return where a half-open span of the sentence stands in the record."""
        base = self.sentence.start
        return self.sentence.evidence(base + start, base + end)

    def quote(self, start: int, end: int) -> str:
        """Return a half-open span of the sentence as NLM wrote it."""
        base = self.sentence.start
        return self.sentence.passage.normal.original_text(base + start, base + end)


def find_nouns(text: str, rules: tuple[EndpointRule, ...]) -> tuple[Noun, ...]:
    """Return endpoints and distractors in order; of two that overlap the longer."""
    lowered = text.lower()
    found = [
        Noun(rule.endpoint, rule.kind, match.start(), match.end())
        for rule in rules
        if may_match(rule.pattern, lowered)
        for match in rule.pattern.finditer(lowered)
    ]
    first = min((noun.start for noun in found if noun.kind in ("survival", "duration")), default=len(text))
    # "in patients whose PFS exceeded 7 months", and behind another endpoint "for patients with pCR": a group of
    # patients, no result
    found = [
        Noun(noun.endpoint, "noise", noun.start, noun.end)
        if noun.kind == "rate" and noun.start > first and _WITH_RESPONSE.search(lowered, 0, noun.start)
        else noun
        for noun in found
        if not (
            _WHOSE.search(lowered, 0, noun.start)
            or (noun.kind in ("survival", "duration") and noun.start > first and _BOUNDED.match(lowered, noun.end))
        )
    ]
    found.sort(key=lambda noun: (noun.start - noun.end, noun.start))
    kept: list[Noun] = []
    for noun in found:
        if all(noun.end <= other.start or other.end <= noun.start for other in kept):
            kept.append(noun)
    return tuple(sorted(kept, key=lambda noun: noun.start))


def _is_qualifier(noun: Noun, text: str) -> bool:
    """Return whether a noun can say whose endpoint is measured: a mutation, a treatment received, a brain metastasis."""
    if noun.kind == "noise":
        return not _OWN_MEASURE.search(text[noun.start : noun.end].lower())
    return noun.kind == "other" and not text[noun.start : noun.end].lower().startswith(("time", "pfs2", "post", "surv"))


def dealt(nouns: tuple[Noun, ...], values: tuple[numbers.Value, ...]) -> Iterator[tuple[Noun, numbers.Value]]:
    """Yield each value with its endpoint: in turn where a list of endpoints has as many numbers."""
    if not nouns:
        return
    if len(nouns) > 1 and len(values) % len(nouns) == 0:
        share = len(values) // len(nouns)
        yield from ((nouns[i // share], value) for i, value in enumerate(values))
    else:
        yield from ((nouns[-1], value) for value in values)


def as_number(printed: str) -> float | None:
    """Return a printed bound as a number, or None where it is a word ("not reached")."""
    try:
        return float(printed)
    except ValueError:
        return None


def printed_p(match: re.Match[str] | None) -> str | None:
    """Return a p value as the labels write it: no sign for "equals", inequalities kept, no spaces."""
    if match is None:
        return None
    sign = re.sub(r"=\s?<", "<", match.group("sign") or "")
    return ("" if sign in ("=", "~") else sign) + re.sub(r"\s", "", match.group("p"))


def clean_arm(text: str | None) -> str | None:
    """Return the words that name an arm, without brackets and commas around them."""
    cleaned = (text or "").strip(" ()[],")
    return cleaned or None
