"""Response rates and rates of survival at a time point, in per cent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from her2lit.annotate import numbers
from her2lit.annotate.reading import Noun, Reading, dealt
from her2lit.records import Outcome

#: A percentage of change is no rate.
_CHANGE = re.compile(
    r"\b(?:(?<!achieved )(?<!attained )(?<!obtained )(?<!reached )(?<!and )(?<!experienced )by|differences?(?: of| was|,|:)?"
    r"|(?<!clinical )(?:benefit|gain|improvement) of|reduced|increased by)\s(?:about )?-?$",
    re.IGNORECASE,
)
#: "difference, 19.0%", "absolute benefits of 7.4%", "a gain of 9.7%": the difference of two rates
_RATE_DIFFERENCE = re.compile(
    r"\b(?:absolute (?:\w+ ){0,2}?(?:benefit|gain|improvement|increase|difference|reduction)s?|(?<!relative )(?<!mean )(?<!no )difference|a gain"
    r"|(?:raised|increased|improved|lowered|reduced|decreased) (?:the )?[^;.,%\d]{0,40}\brates? by)"
    r"(?: of| was|,|:| in [^,;.()%\d]{2,50}? of)?\s(?:about )?(?:-\s?)?$",
    re.IGNORECASE,
)
_GAIN = re.compile(r"\b(?:benefit|gain|improvement|difference|increase|reduction)s?\b", re.IGNORECASE)
_ABSOLUTE = re.compile(r"\s?(?:\[[^\]]*\]|\([^)]*\))?\s?in absolute terms\b", re.IGNORECASE)
#: Between two differences: "of 7.4% in 5-year DFS (…) and 9.1% in …"
_AND_DIFFERENCE = re.compile(r"\s(?:in|for)\s[^.;%()]{3,40}(?:\s\([^()]*?\)?)?,?\s+and\s", re.IGNORECASE)
#: "In breast and axilla it was 47.9%": of the endpoint named before
_PRONOUN = re.compile(r"(?:In [^,.;]{3,60},? )?(?:it|this rate) (?:was|reached) ", re.IGNORECASE)
#: "DFS: 70%", "iDFS (75.7% vs. 76.8%": straight behind a survival its rate, not a share of patients
_PRINTED_BEHIND = re.compile(r"\s?(?P<is_plain>:|=)\s?|\s\(")
_VERSUS_ONLY = re.compile(r"\s?(?:vs?\.?|versus)\s")
_VERSUS_RATE = re.compile(r"\s?(?:vs?\.?|versus)\s[\d.]+\s?%")
_CHANGE_AFTER = re.compile(
    r"\s?(?:\w+ )?(?:reduction|increase|decrease|improvement|lower|higher|decline|difference)", re.IGNORECASE
)
#: "ORR 31% (CR 4%, PR 27%)", "levels of lymphocytes above 5%"
_NO_VALUE = re.compile(
    r"\b(?:CRs?|PRs?|SD|PD)[\s:=,(]*(?:of |was |in )?$|\b(?:complete|partial) (?:\w+ )?in\s?$|\b(?:boundary|threshold|margin) of\s?$|(?:\b(?:greater|more|less|fewer) than|\babove|\bbelow|\bcut-?off (?:of|was)|[<>]=?)\s?$"
)
#: What may stand between an endpoint and its rate
_LINK = re.compile(r"\W*(?:\([^)]*\)\W*)?(?:rates?\s)?(?:\([^)]*\)\s?)?(?:was|were|of|:|=)?\s*", re.IGNORECASE)
#: "38% were GG1", "(20%) surviving": a share of the patients, unless they were alive or free of something
_MADE_UP = re.compile(
    r"\s(?:of (?:the |all )?(?:patients|women|cases|tumou?rs)\s)?(?:were|surviving|had(?! an?\b)|discontinued|received|required|withdrew|completed|relapsed|died|needed)\s(?!\w+ free|alive|free|disease|still|progression)"
)
#: An endpoint whose own number follows
_HAS_NUMBER = re.compile(r"\s?(?:\([^()]*\)\s?)?(?:rates?\s)?(?:was|were|of|is|:|=|\(?\d)", re.IGNORECASE)
_COUNTED = re.compile(r"\b\d+ (?:\w+ ){0,2}(?:patients|women|cases|tumou?rs) ?\($")
_ACHIEVED = re.compile(r"\b(?:achiev|attain|obtain|experienc|deriv|had|show|with)\w*(?: an?)?(?: \w+){0,2}\b")
#: What stands between "86%" and "disease-free" or "alive"
_REMAINED = re.compile(
    r"\W*(?:(?:of )?(?:the |all |these )?(?:\w+ )?(?:patients|women|cases|subjects|them|those)\s+)?"
    r"(?:(?:in|of|on|with|receiving) (?:the )?[^.;%]{2,40}?\s+(?:and [\d.]+\s?%\s+of (?:the )?(?:patients|women)\s+(?:in|of|on|with|receiving) (?:the )?[^.;%]{2,40}?\s+)?)?"
    r"(?:were|are|was|remain(?:ed)?)(?: still| also)?(?: alive and)?\s+"
)
#: "absence of pCR, 63%" is no rate of pCR.
_NEGATED = re.compile(
    r"(?:\b(?:absence|lack) of|\bwithout|\bno|\bnon-|\bnot (?:achiev\w+|attain\w+|reach\w+|hav\w+))(?: an?| any| the)?\s*$",
    re.IGNORECASE,
)


def read_rates(reading: Reading) -> Iterator[Outcome]:
    """Yield the rates that a sentence prints, in per cent."""
    accepted_to, last, difference_to = -1, (), -1  # type: tuple[int, tuple[Noun, ...], int]
    ratios = {ratio.start("value") for ratio in reading.ratios}
    for group in numbers.PERCENT_GROUP.finditer(reading.masked):
        before = reading.masked[: group.start()]
        if (
            _RATE_DIFFERENCE.search(before)
            or (_ABSOLUTE.match(reading.masked, group.end()) and _GAIN.search(before))
            or (difference_to > 0 and _AND_DIFFERENCE.fullmatch(reading.masked, difference_to, group.start()))
        ):
            difference_to = group.end()
            yield from _difference(reading, group)
            continue
        if _CHANGE.search(before) or _NO_VALUE.search(before) or _CHANGE_AFTER.match(reading.masked[group.end() :]):
            continue
        achieved = None if _is_attached(reading, group) else _achieved(reading, group)
        if achieved is None and _is_share(reading, group):
            continue
        nouns = (achieved,) if achieved else reading.measured(group.start(), ("survival", "rate"))
        previous = reading.previous.last_endpoint if reading.previous else None
        if not nouns and previous and previous.kind in ("survival", "rate") and _PRONOUN.fullmatch(before):
            nouns = (previous,)
        is_printed_behind = bool(nouns) and (
            _is_printed_behind(reading, nouns[-1], group)
            or (accepted_to >= 0 and bool(_VERSUS_ONLY.fullmatch(reading.masked, accepted_to, group.start())))
        )
        goes_on = not nouns and accepted_to >= 0 and reading.continues(accepted_to, group.start())
        if goes_on:
            nouns = last[-1:]
        values = tuple(value for value in numbers.values_of(group) if value.start not in ratios)
        nouns = reading.in_turn(nouns, group.start(), numbers.PERCENT_GROUP)
        for noun, value, landmark in _rates_dealt(reading, nouns, values, group):
            if _NEGATED.search(reading.masked[: noun.start]):
                continue
            is_rate = (
                noun.kind == "rate"
                or is_printed_behind
                or achieved
                or goes_on
                or landmark is not None
                or _is_rate(reading, nouns[-1])
            )
            if is_rate and noun.kind != "noise" and value.value <= 100:
                accepted_to, last = group.end(), nouns
                stop = group.end() if value is values[-1] else value.end
                yield reading.outcome(noun.endpoint, "rate_percent", value.value, value, stop=stop, timepoint=landmark)


def _difference(reading: Reading, group: re.Match[str]) -> Iterator[Outcome]:
    """Yield a difference of rates, in per cent, of the endpoint that follows ("of 7.4% in 5-year DFS") or stands before it."""
    after = [n for n in reading.nouns if n.start >= group.end() and n.kind in ("survival", "rate")]
    is_its = after and re.fullmatch(
        r"[^,;.%]{0,40}?\b(?:in|for) [^,;.%]{0,30}", reading.masked[group.end() : after[0].start]
    )
    before = [n for n in reading.nouns if n.end <= group.start() and n.kind in ("survival", "rate")]
    noun = after[0] if is_its else (before[-1] if before else None)
    if noun is None:
        return
    value = numbers.values_of(group)[0]
    number = -value.value if re.search(r"-\s?$", reading.masked[: group.start()]) else value.value
    landmark = _landmark(reading, noun, group.start()) if noun.kind == "survival" else None
    yield reading.outcome(noun.endpoint, "difference", number, value, stop=group.end(), timepoint=landmark)


def _rates_dealt(
    reading: Reading, nouns: tuple[Noun, ...], values: tuple[numbers.Value, ...], group: re.Match[str]
) -> Iterator[tuple[Noun, numbers.Value, float | None]]:
    """Yield each rate with its endpoint and time point, from a list of time points in turn."""
    times = _landmarks(reading, nouns[0], group, len(values)) if nouns and nouns[0].kind == "survival" else ()
    for number, (noun, value) in enumerate(dealt(nouns, values)):
        if times:
            yield noun, value, times[number]
        else:
            yield noun, value, _landmark(reading, noun, group.start()) if noun.kind == "survival" else None


def _landmarks(reading: Reading, noun: Noun, group: re.Match[str], count: int) -> tuple[float, ...]:
    """Return the time points of "OS at 1, 3 and 5 years was 92%, 70% and 55%", one a number, else nothing."""
    for match in numbers.LANDMARKS.finditer(reading.masked, 0, group.start()):
        is_near = -60 < noun.start - match.end() < 60 or -60 < match.start() - noun.end < 60
        months = numbers.landmarks_months(match)
        if not is_near:
            continue
        if len(months) == count:
            return months
        # Each rate with a sign of its own: the time point whose turn it is
        starts = [other.start() for other in numbers.PERCENT_GROUP.finditer(reading.masked, match.end())]
        if count == 1 and len(starts) % len(months) == 0:
            return (months[starts.index(group.start()) % len(months)],)
    return ()


def _is_printed_behind(reading: Reading, noun: Noun, group: re.Match[str]) -> bool:
    """Return whether a rate stands straight behind its survival: "DFS: 70%", or against another: "DFS (76% vs. 77%"."""
    between = _PRINTED_BEHIND.fullmatch(reading.masked, noun.end, group.start())
    return bool(between and (between.group("is_plain") or _VERSUS_RATE.match(reading.masked, group.end())))


def _is_attached(reading: Reading, group: re.Match[str]) -> bool:
    """Return whether a rate stands straight behind its endpoint: "OS rate of 67.4%"."""
    before = [noun for noun in reading.nouns if noun.end <= group.start() and noun.kind != "noise"]
    return bool(before and _LINK.fullmatch(reading.masked[before[-1].end : group.start()]))


def _is_share(reading: Reading, group: re.Match[str]) -> bool:
    """Return whether a percentage only says how many patients a group has: "18% were grade 1"."""
    after = reading.masked[group.end() :]
    if _MADE_UP.match(after) and not _is_attached(reading, group):
        return True
    before = [noun for noun in reading.nouns if noun.end <= group.start()]
    between = reading.masked[before[-1].end : group.start()] if before else ""
    return bool(_COUNTED.search(between) and re.search(r"\d\s?(?:%|months|years|weeks)", between))


def _achieved(reading: Reading, group: re.Match[str]) -> Noun | None:
    """Return what "119 (48.8%) patients achieved pCR" or "86% were alive" says, be it an endpoint or noise."""
    following = next((noun for noun in reading.nouns if noun.start >= group.end()), None)
    if following and _is_adjective(reading, group, following):
        return following
    if following and following.kind == "survival":
        between = reading.masked[group.end() : following.start].lower()
        if _REMAINED.fullmatch(between):
            return following
    for noun in reading.nouns:
        if noun.start >= group.end() and noun.kind in ("rate", "noise"):
            text = f"{reading.masked[group.end() : noun.start]}{reading.masked[noun.start : noun.start + 8]}".lower()
            between = re.sub(r"\s+", " ", text)
            if len(between) < 100 and "%" not in between and _ACHIEVED.search(between):
                return noun
            return None
    return None


def _is_adjective(reading: Reading, group: re.Match[str], noun: Noun) -> bool:
    """Return whether a rate stands straight before its endpoint: "21.7% 5-year survival", "a 45% response rate"."""
    between, after = reading.masked[group.end() : noun.start], reading.masked[noun.end :]
    is_straight = re.fullmatch(r"\s(?:(?:\d+|two|three|five|ten)[- ](?:year|month|yr)\s)?", between)
    return bool(is_straight and noun.kind in ("survival", "rate") and not _HAS_NUMBER.match(after))


def _is_rate(reading: Reading, noun: Noun) -> bool:
    return bool(
        re.match(r"\s?(?:\([^)]*\)\s?)?(?:rates?\s)?(?:was|were|of)\b", reading.masked[noun.end :].lstrip(") "))
    )


def _landmark(reading: Reading, noun: Noun, at: int) -> float | None:
    """Return the time point of a survival rate: "3-year DFS", "EFS rates at 12 months"."""
    best: tuple[int, float] | None = None
    for match in numbers.LANDMARK.finditer(reading.masked):
        is_before = re.search(r"\b(?:at|after) (?:the )?$", reading.masked[: match.start()])
        if is_before or 0 <= noun.start - match.end() < 60:
            gap = min(abs(noun.start - match.end()), abs(at - match.end()))
            if best is None or gap < best[0]:
                best = (gap, numbers.landmark_months(match))
    return best[1] if best else None
