"""Hazard, odds and risk ratios: each is what follows its label, with the interval and the p value behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from her2lit.annotate import numbers
from her2lit.annotate.reading import Noun, Reading, as_number, clean_arm, printed_p
from her2lit.records import Outcome

_PREDICTORS = re.compile(
    r"\bwere (?:\w+ ){0,3}(?:predictors of|predictive of|predictive for|prognostic for|(?:prognostic |risk )?factors for)\b",
    re.IGNORECASE,
)
#: "Independent predictors of DFS were …"
_PREDICTORS_OF = re.compile(
    r"\b(?:predictors?|determinants?|(?:predictive|prognostic|risk) factors?) (?:of|for) (?:\w+ ){0,2}?(?=[\w-]+(?: [\w-]+){0,3} (?:were|was|included)\b)",
    re.IGNORECASE,
)
_IMPROVED = re.compile(
    r"\b(?:improved|prolonged|shortened|extended|lengthened|reduced|increased) (?:the |both )?$", re.IGNORECASE
)
#: "(P = 0.004; HR = 1.85)": the p value of a ratio, before it in the same bracket
_P_AHEAD = re.compile(
    rf"[(\[](?:[^()\[\];]{{0,40}},\s)?(?P<p_value>{numbers.P_VALUE.pattern})\s?[;,]\s?$", re.IGNORECASE
)
#: "(relative risk 2.48; …) or the incidence of metastasis (": the p value of something else follows
_OF_ANOTHER = re.compile(r"[)\]],?\s(?:or|nor|and|but|while|whereas)\s[^()]*[(\[]$")
#: A clause ends at a semicolon outside a bracket.
_CLAUSE_END = re.compile(r";(?![^()]*\))")
#: "(P = 0.04, P = 0.03)", "(age: 0.63, p 0.02)": no list of ratios alone
_P_GROUP = re.compile(r"(?i:[(\s]p\b|\bkappa\b)")
_RATIOS = re.compile(r"\b(?:hazard|odds|risk) ratios\b|\bHRs\b", re.IGNORECASE)
_RATIO_KINDS = ("survival", "duration", "rate", "other", "toxicity")
#: An interval belongs to the ratio within so many characters
_NEAR = 25
_TURN = re.compile(r"\b(?:while|whereas|but|however)\b")
_CLAUSE = re.compile(r";|\b(?:while|whereas|but|however)\b")


def read_ratios(reading: Reading) -> Iterator[Outcome]:
    """Yield the ratios that a sentence prints: labelled ones, what follows them in their form, then "2.4-fold" risks."""
    matches = reading.ratios
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        values = numbers.ratio_values(match, reading.text)
        stop = following.start() if following else len(reading.text)
        unlabelled = numbers.UNLABELLED_RATIO.search(reading.text, values[-1].end, stop)
        stops = [*(value.start for value in values[1:]), unlabelled.start() if unlabelled else stop]
        nouns = _dealt_to_ratios(reading, match, values) or _turn_of_ratio(reading, match, matches)
        for number, (value, stop) in enumerate(zip(values, stops, strict=True)):
            endpoint = (
                nouns[number].endpoint
                if nouns
                else _ratio_endpoint(reading, match, matches, _measure(match.group("label")))
            )
            yield _ratio(reading, match, value, endpoint, stop)
    if matches:
        yield from _unlabelled_ratios(reading, matches)
    yield from _listed_ratios(reading)
    yield from _folds(reading)


def _listed_ratios(reading: Reading) -> Iterator[Outcome]:
    """Yield the ratios of groups: "hazard ratios for PFS (all: 0.63; Asia: 0.68) and OS (all: 0.66; Asia: 0.64)"."""
    label = _RATIOS.search(reading.text)
    if label is None:
        return
    clause = _CLAUSE_END.search(reading.text, label.end())
    for found in numbers.LABELLED_LIST.finditer(
        reading.text, label.end(), clause.start() if clause else len(reading.text)
    ):
        if _P_GROUP.search(found.group()):
            continue
        nouns = [n for n in reading.nouns if n.end <= found.start() and n.kind != "noise"]
        for value in numbers.LISTED_VALUE.finditer(reading.text, found.start() + 1, found.end()):
            measure, arm = _measure(label.group()), clean_arm(value.group("group"))
            yield _without_label(reading, nouns, measure, float(value.group("value")), value.span("value"), arm=arm)


def _unlabelled_ratios(reading: Reading, matches: tuple[re.Match[str], ...]) -> Iterator[Outcome]:
    """Yield what follows a labelled ratio in its form: "recurrence (RR 0.66, …) and death (0.67, 0.61 to 0.73; p<0.0001)"."""
    for found in numbers.UNLABELLED_RATIO.finditer(reading.text, matches[0].end()):
        value, low, high = (float(found.group(name)) for name in ("value", "low", "high"))
        if not low <= value <= high:
            continue
        label = [match for match in matches if match.end() <= found.start()][-1]
        nouns = [n for n in reading.nouns if label.end() <= n.end <= found.start() and n.kind != "noise"]
        p_match = _near(numbers.P_VALUE, reading.text[found.end() :], 4)
        end = found.end() + (p_match.end() if p_match else 0)
        measure, span = _measure(label.group("label")), (found.start("value"), end)
        yield _without_label(reading, nouns, measure, value, span, bounds=(low, high), p=printed_p(p_match))


def _without_label(
    reading: Reading,
    nouns: list[Noun],
    measure: str,
    value: float,
    span: tuple[int, int],
    *,
    bounds: tuple[float | None, float | None] = (None, None),
    p: str | None = None,
    arm: str | None = None,
) -> Outcome:
    """Return a ratio that has its measure from another's label, of the last of the endpoints before it."""
    return Outcome(
        endpoint=nouns[-1].endpoint if nouns else "other",
        measure=measure,
        value=value,
        ci_low=bounds[0],
        ci_high=bounds[1],
        ci_level=None,
        p=p,
        arm=arm,
        timepoint_months=None,
        quote=reading.quote(*span),
        evidence=reading.evidence(*span),
    )


def _dealt_to_ratios(reading: Reading, match: re.Match[str], values: tuple[numbers.Value, ...]) -> tuple[Noun, ...]:
    """Return the endpoints of "ratios for DFS and OS were 0.70 and 0.82", one a value, or nothing."""
    named = [n for n in reading.nouns if n.kind != "noise"]
    groups = (
        [n for n in named if match.start("label") <= n.start < match.start("value")],
        [n for n in named if n.end <= match.start("label")],
    )
    if len(values) < 2:
        return ()
    behind = [_noun_for(reading, value) for value in values]
    if all(behind):
        return tuple(noun for noun in behind if noun)
    return next((tuple(group) for group in groups if len(group) == len(values)), ())


def _noun_for(reading: Reading, value: numbers.Value) -> Noun | None:
    """Return the endpoint of "0.68 (0.56-0.84) for OS"."""
    for noun in reading.nouns:
        if noun.start >= value.end:
            is_its = re.fullmatch(r"[^a-z]{0,60}\bfor (?:\w+ ){0,2}", reading.masked[value.end : noun.start])
            return noun if is_its and noun.kind != "noise" else None
    return None


def _turn_of_ratio(reading: Reading, match: re.Match[str], matches: tuple[re.Match[str], ...]) -> tuple[Noun, ...]:
    """Return the endpoint of "PFS and OS were longer (HR 0.56, … and HR 0.64, …, respectively)" whose turn it is."""
    if len(matches) < 2 or "respectively" not in reading.text[matches[-1].end() :]:
        return ()
    nouns = reading.listed([n for n in reading.nouns if n.end <= matches[0].start()], _RATIO_KINDS)
    is_last = not any(matches[0].start() < n.start < matches[-1].end() and n.kind != "noise" for n in reading.nouns)
    return (nouns[matches.index(match)],) if is_last and len(nouns) == len(matches) else ()


def _folds(reading: Reading) -> Iterator[Outcome]:
    """Yield risk ratios printed as "2.4-fold" or "1.39 times" the risk."""
    for fold in numbers.FOLD.finditer(reading.text):
        risk = numbers.RISK_BEFORE.search(reading.text[: fold.start()]) or numbers.RISK_AFTER.match(
            reading.text, fold.end()
        )
        if not risk:
            continue
        measure = "OR" if "odds" in risk.group().lower() else "RR"
        for value in numbers.values_of(fold):
            interval = _near_or_plain(numbers.LABELLED_CI, reading.text[fold.end() :])
            end = fold.end() + (interval.end() if interval else 0)
            p_match = _near(numbers.P_VALUE, reading.text[end:], 20)
            outcome = reading.outcome(
                _ratio_endpoint(reading, fold, (fold,), measure), measure, value.value, value, stop=end
            )
            yield replace(
                outcome,
                ci_low=float(interval.group("low")) if interval else None,
                ci_high=as_number(interval.group("high")) if interval else None,
                ci_level=_level(interval) if interval else None,
                p=printed_p(p_match),
                arm=None,
            )


def _ratio(reading: Reading, match: re.Match[str], printed: numbers.Value, endpoint: str, stop: int) -> Outcome:
    value, end = printed.value, printed.end
    start = match.start() if match.end() == end else printed.start
    tail = reading.text[end:stop]
    interval = numbers.BARE_CI.match(tail) or _near_or_plain(numbers.LABELLED_CI, tail) or numbers.LOOSE_CI.match(tail)
    low = high = level = None
    if interval:
        low, high = float(interval.group("low")), as_number(interval.group("high"))
        level = _level(interval) or (95.0 if match.group("ci_first") else None)
        end += interval.end()
    p_match = _near(numbers.P_VALUE, reading.text[end:stop], 60)
    if p_match and _OF_ANOTHER.search(reading.text, end, end + p_match.start()):
        p_match = None
    ahead = _P_AHEAD.search(reading.text, 0, match.start())
    if ahead and (p_match is None or re.search(r"[)\]]", reading.text[end : end + p_match.start()])):
        p_match = numbers.P_VALUE.match(reading.text, ahead.start("p_value"))
    elif p_match:
        end += p_match.end()
    else:
        p_match = _p_of_all(reading, end)
    outside = low is not None and (value < low or (high is not None and value > high))
    flags = ("outside_ci",) * outside + ("implausible",) * (not 0.01 <= value <= 50)
    return Outcome(
        endpoint=endpoint,
        measure=_measure(match.group("label")),
        value=value,
        ci_low=low,
        ci_high=high,
        ci_level=level,
        p=printed_p(p_match),
        arm=clean_arm(match.group("about")),
        timepoint_months=None,
        quote=reading.quote(start, end),
        flags=flags,
        evidence=reading.evidence(start, end),
    )


def _p_of_all(reading: Reading, at: int) -> re.Match[str] | None:
    """Return the p value of "… (all P < 0.001)" behind a list of ratios."""
    found = re.compile(r"\b(?:all|both|for all|each),? (?=p\b)", re.IGNORECASE).search(reading.text, at)
    return numbers.P_VALUE.match(reading.text, found.end()) if found else None


def _ratio_endpoint(reading: Reading, match: re.Match[str], matches: tuple[re.Match[str], ...], measure: str) -> str:
    """Return the endpoint attached to the ratio, else the nearest of its clause, its sentence, the one before."""
    attached = [n for n in reading.nouns if match.start() <= n.start < match.end() and n.kind != "noise"]
    if attached:
        return attached[0].endpoint
    clause = max((m.end() for m in _CLAUSE.finditer(reading.text, 0, match.start())), default=0)
    since = max((m.end() for m in matches if m.end() <= match.start()), default=0)
    before = [n for n in reversed(reading.nouns) if n.end <= match.start() and n.kind != "noise"]
    candidates = [
        *_predicted_ahead(reading, match),
        *_predicted_by_list(reading, match),
        *(n for n in before if n.start >= max(since, clause)),
        *_noun_right_after(reading, match, matches),
        *(n for n in before if n.start >= clause),
        *_predicted_after(reading, match),
        *before,
        *_improved_after(reading, match),
    ]
    allowed = ("rate", "toxicity") if measure == "OR" else _RATIO_KINDS
    chosen = next((n for n in candidates if n.kind in allowed), None)
    if chosen is None and measure == "HR":
        chosen = reading.last_named
    return chosen.endpoint if chosen else "other"


def _predicted_ahead(reading: Reading, match: re.Match[str]) -> Iterator[Noun]:
    """Yield the endpoint of "predictors of DFS were T stage (HR 2.6) and pCR (HR 9.2)"."""
    for ahead in _PREDICTORS_OF.finditer(reading.masked, 0, match.start()):
        yield from (noun for noun in reading.nouns if ahead.end() <= noun.start <= ahead.end() + 12)


def _predicted_by_list(reading: Reading, match: re.Match[str]) -> Iterator[Noun]:
    """Yield the endpoint of "T stage (HR 2.6) and pCR (HR 9.2) were independent predictors of DFS"."""
    after = _PREDICTORS.search(reading.masked, match.end())
    if after and not _TURN.search(reading.masked[match.end() : after.start()]):
        yield from (noun for noun in reading.nouns if after.end() <= noun.start <= after.end() + 12)


def _improved_after(reading: Reading, match: re.Match[str]) -> Iterator[Noun]:
    """Yield the endpoint of "tucatinib (HR 0.4) and lapatinib (HR 0.5) improved PFS", where none was named before."""
    for noun in reading.nouns:
        if noun.start >= match.end() and noun.kind != "noise":
            if _IMPROVED.search(reading.masked[match.end() : noun.start]):
                yield noun
            return


def _predicted_after(reading: Reading, match: re.Match[str]) -> Iterator[Noun]:
    """Yield the endpoint of "age (HR 1.66), grade (HR 2.28) … predicted DFS"."""
    for noun in reading.nouns:
        # "(HR 0.93 per 10%; 95% CI 0.90-0.97)": the rest of a ratio's own bracket is no clause.
        stem = re.sub(r"^[^()]*\)|\([^()]*\)", "", reading.text[match.end() : noun.start])
        if noun.start >= match.end() and noun.kind != "noise" and not _CLAUSE.search(stem):
            if re.search(r"(?:predict\w*|prognos\w*|associated|correlat\w*|factors?|influenc\w*)(?: \w+){0,4} $", stem):
                yield noun
            return


def _noun_right_after(reading: Reading, match: re.Match[str], matches: tuple[re.Match[str], ...]) -> Iterator[Noun]:
    """Yield the endpoint of "(HR 0.72, …) for OS"."""
    stop = min((m.start() for m in matches if m.start() > match.start()), default=len(reading.text))
    for noun in reading.nouns:
        between = reading.masked[match.end() : noun.start]
        if match.end() <= noun.start < stop and re.search(r"^[^a-z]{0,60}(?:for|in) (?:\w+ ){0,2}$", between):
            yield noun


@lru_cache(maxsize=256)
def _measure(label: str) -> str:
    lowered = label.lower()
    if "hazard" in lowered or "hr" in lowered.replace("-", ""):
        return "HR"
    return "OR" if "odds" in lowered or "or" in lowered.split()[-1][:4] else "RR"


def _near(pattern: re.Pattern[str], text: str, distance: int) -> re.Match[str] | None:
    match = pattern.search(text)
    return match if match and match.start() <= distance else None


def _near_or_plain(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the first match if only a few characters, or only words without a number, stand before it."""
    match = pattern.search(text)
    near = match and (match.start() <= _NEAR or re.fullmatch(r"[^\d;.]{0,80}[(\[]", text[: match.start()]))
    return match if near else None


def _level(interval: re.Match[str]) -> float | None:
    printed = interval.groupdict().get("level") or interval.groupdict().get("level_after")
    return float(printed) if printed else None
