"""Median times and differences of times, each of the endpoint that it measures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from her2lit.annotate import numbers
from her2lit.annotate.reading import Noun, Reading, dealt
from her2lit.records import Outcome

_TIMEPOINT_BEFORE = re.compile(
    r"(?:\bat|\bevery|\bfor|\bwithin|\bafter|\bover|\bduring|\bthrough|\bthan|\buntil|\bleast|\bfirst|\bbeyond|\bup to|[<>]=?|\bday|\bweek|\bpast"
    r"|\blast|(?<!compared )\bto|\bonce|\ballocated|\breceiv(?:ed|ing)|\bassigned|\bat a (?:median|mean) (?:time|interval|follow-up) of|\b(?:and|or) (?:at|every)|\bbefore|\bfollow-up of|\bfollow-up was|\bexceed(?:ed|ing|s)|\b(?:boundary|threshold|margin|cut-?off) of|\bage of|\bin)\s*(?:a |an |the |about )?$",
    re.IGNORECASE,
)
#: No median is longer, in months: what a number without a unit behind it may be at most
_LONGEST = 360
_VERSUS = re.compile(r"\b(?:v/?s\.?|versus|v|compared|and|than)\b")
#: "7 months or less": a bound, not a median
_OR_LESS = re.compile(r"\s?or (?:less|more|longer|shorter|fewer)\b")
#: "response durations of 2.9, 7.3 and 10.8 months": of one patient each
_OF_SINGLE_PATIENTS = re.compile(r"\bdurations (?:of|were) $", re.IGNORECASE)
#: "a 12.8-month median " is no longer, in characters
_LONGEST_AHEAD = 40
_ROSE = re.compile(
    r"\b(?:improv|increas|prolong|extend|lengthen|decreas|declin|reduc|ros|rais|f[ae]ll|dropp?)\w*(?: \w+){0,2} from (?:a median of )?$",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(r"\b(?:by|difference of|difference was) (?:about |a median of )?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Times:
    """Times that share a unit, as a half-open span of the sentence."""

    values: tuple[numbers.Value, ...]
    unit: str
    start: int
    end: int


def read_medians(reading: Reading) -> Iterator[Outcome]:
    """Yield the medians and differences that a sentence prints, in months."""
    accepted_to, last = -1, ()  # type: tuple[int, tuple[Noun, ...]]
    for times in _times(reading):
        before = reading.masked[: times.start]
        if _OR_LESS.match(reading.masked, times.end) or _is_landmark_of(reading, times):
            continue
        if _TIMEPOINT_BEFORE.search(before) and not _rose_to(reading, accepted_to, times.start):
            continue
        ahead = next((noun for noun in reading.nouns if _is_ahead(reading, noun, times.start)), None)
        nouns = (ahead,) if ahead else reading.measured(times.start, ("survival", "duration", "other"))
        is_compared = accepted_to >= 0 and (
            _VERSUS.search(before[accepted_to:]) or _rose_to(reading, accepted_to, times.start)
        )
        if not nouns and accepted_to >= 0 and reading.continues(accepted_to, times.start):
            nouns = last[-1:]
        if not nouns or not (ahead or is_compared or _is_median(reading, nouns[0], times.start)):
            continue
        accepted_to, last = times.end, nouns
        # Years and nothing named: the age in a sentence about patients, behind one about survival
        if times.unit[0] in "yY" and not any(noun.kind != "noise" for noun in reading.nouns):
            continue
        is_difference = bool(_DIFFERENCE.search(before))
        values = times.values
        nouns = reading.in_turn(nouns, times.start, numbers.TIME_GROUP)
        if len(nouns) == 1 and not is_difference:
            values += _further_times(reading, times.end)
        for noun, value in dealt(nouns, values):
            if noun.kind == "noise":
                continue
            yield reading.outcome(
                noun.endpoint,
                "difference" if is_difference else "median_months",
                numbers.in_months(value.value, times.unit),
                value,
                stop=times.end if value is times.values[-1] else value.end,
                unit=times.unit,
            )


def _rose_to(reading: Reading, since: int, at: int) -> bool:
    """Return whether a time is the second of "improved from 20.3 months in 2001 to 48 months"."""
    between = reading.masked[max(since, 0) : at]
    is_first_from = re.search(
        r"\bfrom (?:a median of )?[\d.]+ (?:months|years|weeks)$", reading.masked[: max(since, 0)]
    )
    return bool(is_first_from and re.fullmatch(r"[^;]{0,220}?\bto (?:a median of )?", between))


def _times(reading: Reading) -> tuple[_Times, ...]:
    """Return the times printed, in order: with their unit, behind it, or as a median's with none at all."""
    found = [
        _Times(numbers.values_of(group), group.group("unit"), group.start(), group.end())
        for group in numbers.TIME_GROUP.finditer(reading.masked)
    ]
    taken = {times.values[0].start for times in found}
    for noun in reading.nouns:
        if noun.kind not in ("survival", "duration"):
            continue
        before = numbers.TIME_AHEAD.search(reading.masked[: noun.start])
        ahead = numbers.UNIT_AHEAD.match(reading.text, noun.end)
        unitless = _unitless(reading, noun) if _is_called_median(reading, noun) else None
        for group, unit in (
            (before, before and before.group("unit")),
            (ahead, ahead and ahead.group("unit")),
            (unitless, "months"),
        ):
            value = group and unit and numbers.in_months(float(group.group("numbers")), unit)
            if group and unit and value and value <= _LONGEST and group.start("numbers") not in taken:
                found.append(_Times(numbers.values_of(group), unit, group.start("numbers"), group.end("numbers")))
                break
    return tuple(sorted(found, key=lambda times: times.start))


def _is_landmark_of(reading: Reading, times: _Times) -> bool:
    """Return whether years stand straight before a survival: "the 10 years relative survival"."""
    return times.unit[0] in "yY" and any(
        0 < noun.start - times.end < 3 and noun.kind == "survival" for noun in reading.nouns
    )


def _unitless(reading: Reading, noun: Noun) -> re.Match[str] | None:
    """Return the first of two times without a unit, straight behind their endpoint or in a bracket behind who is compared."""
    return numbers.UNITLESS.match(reading.masked, noun.end) or numbers.UNITLESS_IN_BRACKETS.match(
        reading.masked, noun.end
    )


def _is_ahead(reading: Reading, noun: Noun, at: int) -> bool:
    """Return whether a time stands as an adjective before its endpoint: "a 2.8-month median PFS"."""
    if not 0 < noun.start - at < _LONGEST_AHEAD:
        return False
    ahead = numbers.TIME_AHEAD.search(reading.masked, at, noun.start)
    return bool(ahead and ahead.start("numbers") == at)


def _is_called_median(reading: Reading, noun: Noun) -> bool:
    """Return whether "median" stands straight before the endpoint, or within its name ("mPFS")."""
    is_abbreviated = reading.text.startswith(("mPF", "mOS", "mTT", "mDo"), noun.start)
    return is_abbreviated or bool(re.search(r"\bmedian (?:\w+ ){0,2}$", reading.masked[: noun.start], re.IGNORECASE))


def _further_times(reading: Reading, at: int) -> tuple[numbers.Value, ...]:
    """Return the times without a unit that follow one with it: "5.6 months for A versus 4.2 for B"."""
    values: list[numbers.Value] = []
    starts = {group.start() for group in numbers.TIME_GROUP.finditer(reading.masked, at)}
    while further := numbers.FURTHER_TIME.match(reading.masked, at):
        names = any(at <= noun.start < further.start("value") and noun.kind != "noise" for noun in reading.nouns)
        if names or further.start("value") in starts or float(further.group("value")) > _LONGEST:
            break
        values.append(numbers.Value(float(further.group("value")), further.start("value"), further.end("value")))
        at = further.end("value")
    return tuple(values)


def _is_median(reading: Reading, noun: Noun, at: int) -> bool:
    """Return whether a time is the median of *noun*: said so, or plainly "PFS was 5 months"."""
    before = reading.masked[:at]
    if _ROSE.search(before) or numbers.UNIT_AHEAD.match(reading.text, noun.end):
        return True
    is_mean = re.search(r"\bmean\b", before[max(0, noun.start - 40) :], re.IGNORECASE)
    if is_mean or _OF_SINGLE_PATIENTS.search(before):
        return False
    if re.search(r"\bmedian", before, re.IGNORECASE) or reading.text.startswith(
        ("mPF", "mOS", "mTT", "mDo"), noun.start
    ):
        return True
    between = before[noun.end :]
    if re.fullmatch(r"\s?(?:\([^)]*\)\s)?(?:of|for|in|among) (?:the )?[^,;()]{2,60} \(", between):
        return True  # "OS of the crossover group (39.6 months)"
    if re.fullmatch(r"\s(?:of|for|in|among) (?:the |all )?[^,;()%]{2,60} (?:was|were) ", between):
        return True  # "PFS for the 356 patients was 21 weeks"
    is_plain = re.fullmatch(r"\W*(?:\([^)]*\)\W*)?(?:was|were|of|:|=|,)?\s*", between)
    return bool(is_plain or (len(between) < 120 and _VERSUS.search(reading.masked[at : at + 80])))
