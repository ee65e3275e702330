"""The forms in which abstracts print numbers: ratios, intervals, p values, groups with a unit.

All patterns run on normalised text: dashes are "-", middle dots are points, thin spaces are blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMBER = r"-?(?:\d+\.\d+|\.\d+|\d+)"
#: Atomic, or a long number could be read as many short ones
_UNSIGNED = r"(?>\d+(?:\.\d+)?|\.\d+)"
_OPEN_END = r"(?:n\.?[reac]\.?|not (?:reached|estimable|evaluable|available)|inf(?:inity)?)"

_CI_LABEL = (
    r"(?:(?P<level>9\d(?:\.\d+)?|80)\s?(?:%|per ?cent)?\s?-?(?:two-sided |repeated |exact |bootstrap(?:ped)? |bayesian )?"
    r"(?:confidence intervals?|confidence limits?|c\.?\s?i\.?s?|ic|cri|credible intervals?)\b\.?"
    # "CI: 0.80-1.20", "CI 95% 0.61-0.97", "CI95% (0.61-0.97)"
    r"|\b(?:ci|confidence interval)\s?(?:[(\[]?(?P<level_after>9\d)\s?%[)\]]?)?(?![a-z%]))"
)
#: "95% confidence interval (95% CI)", "95% credible interval [CrI]"
_AGAIN = r"(?:\s?[\[(]?(?:9\d(?:\.\d+)?\s?%?\s?)?c(?:\.?|r)i\.?[\])]?)?"
_BOUNDS = rf"(?P<low>-?{_UNSIGNED})\s?%?(?:\s?months)?\s?(?:-|~|to|;|,|and|/)\s?\[?(?P<high>-?{_UNSIGNED}|{_OPEN_END})(?:\s?%)?"
#: A labelled interval, with or without brackets: "95% CI, 0.71-1.08", "(95% CI [2.56-5.26])"
LABELLED_CI = re.compile(
    rf"{_CI_LABEL}{_AGAIN}[\s,;:=of]*(?:was |were )?[\[({{]?\s?{_BOUNDS}",
    re.IGNORECASE,
)
#: Straight after a value: "[1.17-2.30]", "(1.02;2.79)", "(0.73 to 0.93)", "(0.43-0.67; p<0.001)"
BARE_CI = re.compile(rf"\s?[\[(]\s?(?:range:?\s?)?{_BOUNDS}\s?(?:[\])]|(?=[;,]\s?(?:log-?rank )?p\b))", re.IGNORECASE)
#: "hazard ratio 0.85, 0.74 to 0.98": neither bracket nor label
LOOSE_CI = re.compile(
    r"\s?,\s?(?P<low>\d{0,2}\.\d{1,3})\s?(?:to|-)\s?(?P<high>\d{0,2}\.\d{1,3})(?![\d%]|\s?(?:months|years))",
    re.IGNORECASE,
)

#: "CI 0.1-5.9" without its level, as only times and rates print it
_PLAIN_CI = rf"[\[(,;]?\s?c\.?i\.?\s?[:=,]?\s?{_BOUNDS}"
#: What may follow a time or a rate: its unit again, a bracket, and its interval
OWN_CI = re.compile(
    rf"\s?(?:%|months?|mos?\b|years?|weeks?|days?)?\s?[\[(,;]*\s?(?:{LABELLED_CI.pattern}|{_PLAIN_CI.replace('low>', 'low2>').replace('high>', 'high2>')})"
    rf"|\s?(?:%|months?|mos?\b|years?|weeks?|days?)?\s?[\[(]\s?{_BOUNDS.replace('low>', 'low3>').replace('high>', 'high3>')}\s?%?\s?[\])]",
    re.IGNORECASE,
)

P_VALUE = re.compile(
    r"\bp(?:[- ]?values?)?(?:\s?[(_]?(?:log-?rank|(?:for )?(?:trend|interaction|heterogeneity|difference|non-?inferiority|superiority))\)?)?\s?"
    # Without a sign only what cannot be anything else: "p95" is a protein.
    r"(?:(?P<sign><=|>=|=\s?<|[<=>~])\s?|(?=0?\.\d))"
    r"(?P<p>\d(?:\.\d+)?(?:\s?x\s?10\s?\^?\s?-?\s?\d+|e-?\d+\b)|0?\.\d+|[01](?:\.\d+)?(?![\d.]))",
    re.IGNORECASE,
)

RATIO = re.compile(
    r"(?P<label>\b(?:(?P<spelled>hazards? ratios?|odds ratios?|relative risk ratios?|risk ratios?|rate ratios?|relative risks?|risk rates?)"
    r"|(?:adjusted|unadjusted|pooled|summary|crude|multivaria\w+) (?:hr|or|rr)s?"
    r"|[asw]?hrs?(?:adj)?|aors?|arrs?)\b"
    # Two letters that are also words count only as written.
    r"|(?-i:\b(?:OR|RR|ORs|RRs)\b|\bOR\d[\w.-]*))"
    r"(?:\s?[\[(](?:a?hr|or|rr|hazards? ratio|odds ratio)s?[\])])?"
    r"(?P<ci_first>(?:\s?,?\s?[\[(]\s?95\s?%\s?c\.?i\.?\s?[\])])|,?\s?(?:and |with )?95% (?:confidence intervals?|cis?)(?: \[?\(?ci\]?\)?)?)?"
    r"(?P<about>\s?(?:[\[(][^\[\]()=:]{1,60}[\])]|(?:for|favou?ring|in favou?r of|comparing|of|per|v/?s\.?|versus) (?:(?!, and )[^;:=\[\]()]){2,90}?)"
    # "in patients with residual disease": words without a digit, behind a label that cannot mean anything else
    r"|(?(spelled)(?:(?! reduction)\s[^\s\d.,;:=\[\]()]+){1,8}?(?=\s(?:was|were)\s(?:about )?[\d.])|(?!)))?"
    r"\s?(?:,|:|=|of|was|were|is|at|\s)*\s?"
    r"(?P<value>(?<![\d.])(?:\d{1,2}\.\d{1,4}|\.\d{1,4}|\d{1,3}(?=\s?[\[(;,])))(?![\d%]|\s?%)",
    re.IGNORECASE,
)

#: The further values of "hazard ratios were 0.70 (0.55-0.89) and 0.82 (0.61-1.10)"
_FURTHER_RATIO = re.compile(
    r"(?:\s?[\[(](?:[^\[\]()]|\[[^\[\]()]*\]|\([^\[\]()]*\)){3,80}[\])])?(?:\s(?:in|for|with|among)(?:\s(?!and\b)[\w+-]+){1,4}(?:\s\(n ?= ?\d+\))?)?(?:\s?[,;]\s?(?:and\s)?|\sand\s)"
    r"(?P<value>\d{1,2}\.\d{1,4}|\.\d{1,4})(?![\d%]|\s?[%-]|\s(?:to|months?|years?|mg|per)\b)",
    re.IGNORECASE,
)

#: "HR was 1.42 (95% CI …) for arrhythmia and 1.28 (95% CI …)"
_AND_ANOTHER = re.compile(
    r"\s?[\[(]\s?95\s?%[^\[\]()]{3,60}[\])](?:\s(?:in|for|with|among)(?:\s(?!and\b)[\w+-]+){1,4}(?:\s\(n ?= ?\d+\))?)?\sand\s\d{0,2}\.\d{1,4}\s?[\[(]\s?95\s?%",
    re.IGNORECASE,
)
#: "was 2.14 (95% CI 1.60-2.86), and for patients with two was 2.43 (95% CI 1.77-3.34)"
_RATIO_OF_NEXT = re.compile(
    r"\s?[\[(](?:[^\[\]()]|\[[^\[\]()]*\]|\([^\[\]()]*\)){3,80}[\])],?\s(?:and|versus|vs\.?|but|whereas|while)\s"
    r"(?:(?:was|of|it was)\s|(?:for|in|with|among)\s[^.;:()\[\]\d]{3,90}\s(?:was\s|of\s)?)?(?P<value>\d{0,2}\.\d{1,4})(?=\s?[\[(](?:9\d|\d{0,2}\.\d))",
    re.IGNORECASE,
)
#: "hazard ratio 0.43 and 0.37, respectively"
_RESPECTIVELY = re.compile(r"(?:,\s|\s?,?\sand\s)\d{0,2}\.\d{1,4}[^;.]{0,12}\brespectively", re.IGNORECASE)

#: "hazard ratios … for PFS (all: 0.63; Asia: 0.68; other regions: 0.61)": a list of groups, each with its ratio
LABELLED_LIST = re.compile(r"[(\[](?:[^()\[\]:;,=\d]{1,40}(?::|=|,)?\s?\d\.\d{1,3}(?:[;,]\s|(?=[)\]]))){2,8}[)\]]")
LISTED_VALUE = re.compile(r"(?P<group>[^()\[\]:;,=\d]{1,40}?)\s?(?::|=|,)?\s?(?P<value>\d\.\d{1,3})(?=[;,)\]])")
#: "(0.67, 0.61 to 0.73; p<0.0001)" after a ratio with its label: value and bounds of the next
UNLABELLED_RATIO = re.compile(
    rf"[\[(](?P<value>\d{{1,2}}\.\d{{1,4}}),?\s[\[(]?(?P<low>{_UNSIGNED})\s?(?:-|to)\s?(?P<high>{_UNSIGNED})(?=\s?[\]);,])",
    re.IGNORECASE,
)
#: "hazard ratio was 0.68 (0.56-0.84) for OS and 0.75 (0.60-0.94) for PFS"
_EACH_FOR = re.compile(
    r"\s?[\[(][^\[\]()]{3,60}[\])]\s(?:for|in)(?:\s(?!and\b)[\w-]+){1,4},?\sand\s\d{0,2}\.\d{1,4}\s?[\[(][^\[\]()]{3,60}[\])]\s(?:for|in)\b",
    re.IGNORECASE,
)

_MONTHS = {"y": 12.0, "m": 1.0, "w": 1 / 4.345, "d": 1 / 30.4375}
_JOINING = r"(?:and|or|v/?s\.?|versus|v\.?|compared (?:with|to))\s+"
_JOINT = rf"(?:\s*[,;/]\s*(?:{_JOINING})?|\s+{_JOINING})"
TIME_GROUP = re.compile(
    rf"(?<![\w.-])(?P<numbers>{_UNSIGNED}(?:{_JOINT}{_UNSIGNED})*)(?:\s*|(?<=\.\d)-(?=months))"
    r"(?P<unit>months?|mos?\b\.?|mths?|weeks?|wks?|years?|yrs?|days?)\b",
    re.IGNORECASE,
)
PERCENT_GROUP = re.compile(
    # An interval between a number and its sign is masked: "34.5 (25.1-44.0)%"
    rf"(?<![\w.])(?P<numbers>{_UNSIGNED}(?:(?:\s*,\s*(?:{_JOINING})?|\s+{_JOINING}){_UNSIGNED})*)\s*(?:%|per ?cent\b)",
    re.IGNORECASE,
)
#: What a time without a unit stands behind, after one with it: "5.6 months for A versus 4.2 for B"
FURTHER_TIME = re.compile(
    rf"(?:\s+(?:in|with|for|on|among)\s+[^,;.()%\d]{{1,60}}?)?(?:\s*,\s*(?:{_JOINING})?|\s+{_JOINING})(?P<value>{_UNSIGNED})"
    r"(?=\s*(?:[;.)(]|,(?!\d)|$)|\s+(?:in|with|for|on|among|and|versus|v/?s|v|respectively)\b)",
    re.IGNORECASE,
)
#: Straight behind an endpoint, the unit before its first number: "PFS (months, 95% CI) was 10.7", "OS in months: 19.3"
UNIT_AHEAD = re.compile(
    rf"\W*(?:\([^()]*\)\W*)?(?:[,(\[]\s?|\bin\s)(?:in\s)?(?P<unit>months?|weeks?|years?)\b[^\d]{{0,12}}(?:95\s?%\s?ci)?\s?[)\]]?\s*"
    rf"(?:was|were|:|=|of)?\s*(?P<numbers>{_UNSIGNED})(?!\s*(?:%|months?|weeks?|years?)|[-\w])",
    re.IGNORECASE,
)
#: Straight behind a median's endpoint, two times without any unit: "was 10.7 (9.1-12.3) vs. 8.8"
UNITLESS = re.compile(
    rf"\W*(?:\([^()]*\)\W*)?(?:was|were|of|:|=)?\s*(?P<numbers>{_UNSIGNED})(?=\s+(?:v/?s\.?|versus|v\.?)\s+{_UNSIGNED}\s*(?:[;,.)(]|$)"
    # "was 6.0 (5.6 to 7.0) with lapatinib and 5.4 months"
    rf"|\s+(?:with|in|for|on)\s[^.;\d]{{1,60}}?\s(?:and|versus|v/?s\.?)\s+{_UNSIGNED}\s+(?:months|weeks|years)\b)",
    re.IGNORECASE,
)
#: "Median PFS was longer with A than with B (10.7 (9.1-12.3) vs. 8.8": the same, behind who is compared
UNITLESS_IN_BRACKETS = re.compile(
    rf"[^.;()\d]{{0,120}}\(\s?(?P<numbers>{_UNSIGNED})(?=\s+(?:v/?s\.?|versus|v\.?)\s+{_UNSIGNED}\s*(?:[;,.)(]|$))",
    re.IGNORECASE,
)
#: "a 2.8-month median PFS"
TIME_AHEAD = re.compile(rf"(?<![\w.-])(?P<numbers>{_UNSIGNED})[- ](?P<unit>month|week|year)\smedian\s$", re.IGNORECASE)
#: "2.4-fold", "by 1.39 and 1.26 times": a risk ratio where a word of risk stands near
FOLD = re.compile(
    r"(?<![\w.-])(?<!to )(?P<numbers>\d{1,2}\.\d{1,2}(?:(?:\s?,\s(?:and\s)?|\sand\s)\d{1,2}\.\d{1,2})*)"
    r"(?:[- ]?folds?\b|\stimes\b(?!\s?(?:a|per|the upper|the normal|uln)\b))",
    re.IGNORECASE,
)
RISK_BEFORE = re.compile(r"\b(?:risks?|mortality|hazards?|odds|likelihood)\b[^;.]{0,80}$", re.IGNORECASE)
RISK_AFTER = re.compile(
    r"\s(?:(?:increas\w+|higher|greater|lower|elevated|reduc\w+|decreas\w+|more|less|in|of|the|an?)\s)*(?:[\w-]+\s){0,3}?"
    r"(?:risks?|mortality|hazards?|odds|likelihood|likely)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "sixteen": 16, "eighteen": 18, "twenty-four": 24,
}  # fmt: skip
LANDMARK = re.compile(
    rf"\b(?P<count>\d+(?:\.\d+)?|{'|'.join(_NUMBER_WORDS)})(?:-|\s)?(?P<unit>year|yr|month|mo|week|wk|day)s?\b",
    re.IGNORECASE,
)
#: "at 1, 3, and 5 years", "the 1-, 2- and 3-year rates"
LANDMARKS = re.compile(
    r"\b(?P<counts>\d+(?:-|\s)?(?:\s?,\s?(?:and\s)?\d+-?|\s?(?:and|or)\s\d+-?)+)(?:-|\s)?(?P<unit>year|yr|month|mo|week|wk)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """One printed number with where it stands in the sentence."""

    value: float
    start: int
    end: int


def values_of(match: re.Match[str]) -> tuple[Value, ...]:
    """Return the numbers of a TIME_GROUP or PERCENT_GROUP match, in order, as printed."""
    base = match.start("numbers")
    return tuple(
        Value(float(number.group()), base + number.start(), base + number.end())
        for number in re.finditer(_UNSIGNED, match.group("numbers"))
    )


def ratio_values(match: re.Match[str], text: str) -> tuple[Value, ...]:
    """Return the number of a RATIO match, and behind a label in the plural those listed after it."""
    values = [Value(float(match.group("value")), match.start("value"), match.end("value"))]
    is_list = match.group("label")[-1] in "sS" or any(
        pattern.match(text, match.end()) for pattern in (_RESPECTIVELY, _EACH_FOR, _AND_ANOTHER)
    )
    further = match if is_list else None
    while further and (further := _FURTHER_RATIO.match(text, further.end())):
        values.append(Value(float(further.group("value")), further.start("value"), further.end("value")))
    while further := _RATIO_OF_NEXT.match(text, values[-1].end):
        values.append(Value(float(further.group("value")), further.start("value"), further.end("value")))
    return tuple(values)


def landmarks_months(match: re.Match[str]) -> tuple[float, ...]:
    """Return the times of a LANDMARKS match ("at 1, 3, and 5 years") in months."""
    return tuple(in_months(float(count), match.group("unit")) for count in re.findall(r"\d+", match.group("counts")))


def in_months(value: float, unit: str) -> float:
    """Return a time in months, two decimals; 4.345 weeks and 30.4375 days make a month."""
    factor = _MONTHS[unit[0].lower()]
    return value if factor == 1 else round(value * factor, 2)


def landmark_months(match: re.Match[str]) -> float:
    """Return a LANDMARK match ("3-year", "twelve months") in months."""
    count = match.group("count").lower()
    return in_months(float(_NUMBER_WORDS.get(count, 0) or count), match.group("unit"))


def mask(text: str) -> str:
    """Return *text* with intervals, ranges, p values, doses and counts blanked, offsets unchanged."""
    for pattern in _MASKED:
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    return text


#: "PFS (95% CI) was": a label whose numbers come later
_BARE_LABEL = re.compile(rf"[\[(]\s?{_CI_LABEL}\s?[\])]", re.IGNORECASE)
_MASKED = (
    re.compile(rf"[\[(]?\s?{_CI_LABEL}{_AGAIN}[\s,;:=of]*(?:was |were )?[\[(]?\s?{_BOUNDS}\s?[\])]?", re.IGNORECASE),
    re.compile(rf"[\[(,;]\s?(?:iqr|range|interquartile range|ir|sd|se)[\s,:=of]*{_BOUNDS}\s?(?:months|%|years)?\s?[\])]?", re.IGNORECASE),
    re.compile(rf"[\[(]\s?{_UNSIGNED}\s?%?\s?(?:-|to)\s?(?:{_UNSIGNED}|{_OPEN_END})\s?%?\s?[\])]", re.IGNORECASE),
    _BARE_LABEL,
    re.compile(r"\b9\d(?:\.\d+)?\s?%\s?-?(?:confidence intervals?|c\.?i\.?s?|cri|credible intervals?)\b", re.IGNORECASE),
    re.compile(r"\bper \d+(?:\.\d+)?\s?%", re.IGNORECASE),
    re.compile(r"\bi\(?2\)?\s?[=:]\s?\d[\d.]*\s?%", re.IGNORECASE),
    P_VALUE,
    re.compile(r"\bn\s?=\s?\d+(?:\s?/\s?\d+)?", re.IGNORECASE),
    re.compile(r"\b\d+\s?/\s?\d+\b(?!\s?months)"),
    re.compile(rf"\b{_UNSIGNED}\s?(?:mg|ug|g|ml|mm|cm|um|nm|gy)\b(?:\s?/\s?\w+(?:\(2\)|2)?)?", re.IGNORECASE),
    re.compile(rf"\b{_UNSIGNED}\s?-\s?{_UNSIGNED}(?=\s?(?:months|years|weeks|%))", re.IGNORECASE),
)  # fmt: skip


def pairs(values: tuple[Value, ...], size: int) -> Iterator[tuple[Value, ...]]:
    """Yield *values* in runs of *size*."""
    for at in range(0, len(values), size):
        yield values[at : at + size]
