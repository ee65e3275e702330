"""Effect estimates that title and abstract print: endpoint, measure, value, interval, p, arm, time point.

Numbers are read sentence by sentence. A ratio is what follows its label; a median or a rate
belongs to the nearest endpoint before it, and to nothing where something else (follow-up,
toxicity) stands nearer. Background, eligibility and sample-size sentences are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from her2lit.annotate import numbers
from her2lit.annotate.document import Document, Sentence
from her2lit.records import Evidence, Outcome
from her2lit.topic.literals import may_match
from her2lit.topic.topic import EndpointRule, Topic

#: Designs whose numbers are other people's results; their outcomes carry the flag "quoted"
QUOTING = frozenset({"review"})
#: Designs whose numbers are plans, costs or another paper's
WITHOUT_RESULTS = frozenset({"protocol", "guideline", "letter_comment_editorial", "economic", "erratum",
                             "retraction_notice", "expression_of_concern"})  # fmt: skip
_QUICK = re.compile(
    r"%|median|months|weeks|hazard|ratio|-fold|times|per ?cent|\b(?:HR|OR|RR|aHR|HRs)\b|mPFS|mOS|relative risk|time to"
)
_PLAN = re.compile(
    r"\brequired an? (?:hazard|odds|risk) ratio|power\b.{0,60}\bdetect|\bstopping rule|\bif (?:\w+ )?\w+ or (?:less|fewer)\b|\bor (?:less|fewer) (?:responses?|patients)|\bof at least \d+\s?%|to detect an? |sample size|assum(?:ed|ing|ption)|non-?inferiority margin of|was (?:pre)?defined as"
    r"|(?:were|was) eligible|eligible (?:patients|women)|inclusion criteria|hypothesi[sz]ed",
    re.IGNORECASE,
)
_TIMEPOINT_BEFORE = re.compile(
    r"(?:\bat|\bevery|\bfor|\bwithin|\bafter|\bover|\bduring|\bthrough|\bthan|\buntil|\bleast|\bfirst|\bbeyond|\bup to|[<>]=?|\bday|\bweek|\bpast"
    r"|\blast|(?<!compared )\bto|\bonce|\ballocated|\breceiv(?:ed|ing)|\bassigned|\bat a (?:median|mean) (?:time|interval|follow-up) of|\b(?:and|or) (?:at|every)|\bbefore|\bfollow-up of|\bfollow-up was|\bage of|\bin)\s*(?:a |an |the |about )?$",
    re.IGNORECASE,
)
_PREDICTORS = re.compile(
    r"\bwere (?:\w+ ){0,3}(?:predictors of|predictive of|predictive for|prognostic for|(?:prognostic |risk )?factors for)\b",
    re.IGNORECASE,
)
_IMPROVED = re.compile(
    r"\b(?:improved|prolonged|shortened|extended|lengthened|reduced|increased) (?:the |both )?$", re.IGNORECASE
)
#: "(P = 0.004; HR = 1.85)": the p value of a ratio, before it in the same bracket
_P_AHEAD = re.compile(rf"[(\[](?P<p_value>{numbers.P_VALUE.pattern})\s?[;,]\s?$", re.IGNORECASE)
_RATIO_KINDS = ("survival", "duration", "rate", "other", "toxicity")
#: An interval belongs to the ratio within so many characters
_NEAR = 25
#: What may stand between the endpoints of a list
_LISTED = re.compile(r"\W*(?:\([^)\d]*\)\W*)?(?:and|,)?\W*(?:median )?")
_LISTED_UNKNOWN = re.compile(r"\W*(?:\([^)\d]*\)\W*)?,\s(?:median )?([A-Z][A-Za-z]{1,5})(?:,|,? and)\s(?:median )?")
#: An abstract of so few sentences has no introduction
_SHORT = 3
#: No median is longer, in months: what a number without a unit behind it may be at most
_LONGEST = 360
_TURN = re.compile(r"\b(?:while|whereas|but|however)\b")
_CLAUSE = re.compile(r";|\b(?:while|whereas|but|however)\b")
_VERSUS = re.compile(r"\b(?:v/?s\.?|versus|v|compared|and|than)\b")
#: What says of whom a median or rate is, between the endpoint and a word that is none
_QUALIFIES = re.compile(
    r"\s(?:\([^()]*\)\s)?(?:rates?\s|times?\s)?"
    r"(?:(?:was|were)\s(?:\w+\s){0,2}?(?:higher|lower|longer|shorter|better|worse|similar|greater|improved|superior|inferior)\s)?(?:from|after|since|for|in|of|among|with|than|compared (?:with|to)|according to)\b[^,;.%]{0,90}"
)
#: From such a word to the number
_TO_NUMBER = re.compile(r"[^,;.%\d]{0,60}?(?:\b(?:was|were|of|reached|is)\s+|:\s*|=\s*|\()", re.IGNORECASE)
#: Nouns that numbers measure in their own right
_OWN_MEASURE = re.compile(
    r"follow|\bage|duration|interval|period|incidence|prevalence|sensitiv|specific|accura|auc|concord|complete"
)
_GOES_ON = re.compile(
    r"(?:\s*\))?(?:\s(?:in|for|with|among|on)\s[^;.%\d]{2,100}?)?\s*,?\s*(?:and|or|v/?s\.?|versus|v\.?|compared (?:with|to)|but|than)\s"
    r"(?:(?:in|for|with|only|just|to)\s)*(?:[^;,.%\d]{2,60}\s(?:was|were|of)\s|[^;,.%\d()]{2,60}\()?\s*",
    re.IGNORECASE,
)
_ROSE = re.compile(
    r"\b(?:improv|increas|prolong|extend|lengthen|decreas|declin|reduc|ros|rais|f[ae]ll|dropp?)\w*(?: \w+){0,2} from (?:a median of )?$",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(r"\b(?:by|difference of|difference was) (?:about |a median of )?$", re.IGNORECASE)
#: A percentage of change is no rate.
_CHANGE = re.compile(
    r"\b(?:(?<!achieved )(?<!attained )(?<!obtained )(?<!reached )(?<!and )(?<!experienced )by|differences?(?: of| was|,|:)?"
    r"|(?<!clinical )(?:benefit|gain|improvement) of|reduced|increased by)\s(?:about )?-?$",
    re.IGNORECASE,
)
_CHANGE_AFTER = re.compile(
    r"\s?(?:\w+ )?(?:reduction|increase|decrease|improvement|lower|higher|decline|difference)", re.IGNORECASE
)
#: "ORR 31% (CR 4%, PR 27%)", "levels of lymphocytes above 5%"
_NO_VALUE = re.compile(
    r"\b(?:CRs?|PRs?|SD|PD)[\s:=,]*(?:of |was |in )?$|(?:\b(?:greater|more|less|fewer) than|\babove|\bbelow|\bcut-?off (?:of|was)|[<>]=?)\s?$"
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
_ACHIEVED = re.compile(r"\b(?:achiev|attain|obtain|experienc|had|show|with)\w*(?: an?)?(?: \w+){0,2}\b")
#: What stands between "86%" and "disease-free" or "alive"
_REMAINED = re.compile(
    r"\W*(?:(?:of )?(?:the |all |these )?(?:\w+ )?(?:patients|women|cases|subjects|them|those)\s+)?"
    r"(?:were|are|was|remain(?:ed)?)(?: still| also)?(?: alive and)?\s+"
)
#: "absence of pCR, 63%" is no rate of pCR.
_NEGATED = re.compile(
    r"(?:\b(?:absence|lack) of|\bwithout|\bno|\bnon-|\bnot (?:achiev\w+|attain\w+|reach\w+|hav\w+))(?: an?| any| the)?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Times:
    """Times that share a unit, as a half-open span of the sentence."""

    values: tuple[numbers.Value, ...]
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Noun:
    """What a number may measure, where a sentence names it."""

    endpoint: str
    kind: str
    start: int
    end: int


def read_outcomes(document: Document, topic: Topic, design: str) -> tuple[Outcome, ...]:
    """Return every effect estimate printed in the abstract, in reading order."""
    if design in WITHOUT_RESULTS:
        return ()
    found: list[Outcome] = []
    seen: set[tuple[object, ...]] = set()
    rules = tuple(rule for rule in topic.endpoints if may_match(rule.pattern, document.abstract_lower))
    if not any(rule.kind != "noise" for rule in rules) and not numbers.RATIO.search(document.text):
        return ()
    reader: _SentenceReader | None = None
    sentences = document.abstract_sentences
    for sentence in sentences:
        text = sentence.text
        reader = _SentenceReader(sentence, rules, reader)
        if _is_read(sentence, text) and not _introduces(sentence, sentences):
            before = frozenset(seen)
            for outcome in reader.outcomes():
                key = (outcome.endpoint, outcome.measure, outcome.value, outcome.ci_low, outcome.timepoint_months)
                # A conclusion repeats what results print; two arms or subgroups may well share a number.
                if not (key in before and _concludes(sentence, sentences)):
                    found.append(replace(outcome, flags=("quoted", *outcome.flags)) if design in QUOTING else outcome)
                seen.add(key)
    return tuple(found)


def _concludes(sentence: Sentence, sentences: tuple[Sentence, ...]) -> bool:
    """Return whether the sentence sums up: by its section's label, else as one of the last two."""
    return sentence.section == "CONCLUSIONS" or (sentence.section is None and sentence in sentences[-2:])


def _introduces(sentence: Sentence, sentences: tuple[Sentence, ...]) -> bool:
    """Return whether the sentence opens an abstract without labels and says nothing of a study of its own."""
    is_opening = sentence.section is None and len(sentences) > _SHORT and sentence is sentences[0]
    return is_opening and not sentence.tells_own_work and not numbers.P_VALUE.search(sentence.text)


def _is_read(sentence: Sentence, text: str) -> bool:
    if sentence.section in ("BACKGROUND", "OBJECTIVE", "METHODS") or _PLAN.search(text):
        return False
    return bool(_QUICK.search(text) and re.search(r"\d", text))


def _nouns(text: str, rules: tuple[EndpointRule, ...]) -> tuple[Noun, ...]:
    """Return endpoints and distractors in order; of two that overlap the longer."""
    lowered = text.lower()
    found = [
        Noun(rule.endpoint, rule.kind, match.start(), match.end())
        for rule in rules
        if may_match(rule.pattern, lowered)
        for match in rule.pattern.finditer(lowered)
    ]
    found.sort(key=lambda noun: (noun.start - noun.end, noun.start))
    kept: list[Noun] = []
    for noun in found:
        if all(noun.end <= other.start or other.end <= noun.start for other in kept):
            kept.append(noun)
    return tuple(sorted(kept, key=lambda noun: noun.start))


class _SentenceReader:
    """One sentence's numbers and what they measure; most sentences hold none, so nothing is read before it is asked."""

    def __init__(
        self, sentence: Sentence, rules: tuple[EndpointRule, ...], previous: _SentenceReader | None = None
    ) -> None:
        self._sentence = sentence
        self._text = sentence.text
        self._rules = rules
        self.previous = previous

    @cached_property
    def _masked(self) -> str:
        return numbers.mask(self._text)

    @cached_property
    def _nouns(self) -> tuple[Noun, ...]:
        return _nouns(self._masked, self._rules)

    @property
    def last_endpoint(self) -> Noun | None:
        """Return the sentence's last endpoint."""
        return next((noun for noun in reversed(self._nouns) if noun.kind != "noise"), None)

    @property
    def _last(self) -> Noun | None:
        """Return the last endpoint named before this sentence, for one that names none."""
        reader = self.previous
        while reader and not reader.last_endpoint:
            reader = reader.previous
        return reader.last_endpoint if reader else None

    def outcomes(self) -> Iterator[Outcome]:
        """Yield ratios, then medians, then rates."""
        yield from self._ratios()
        yield from self._folds()
        yield from self._medians()
        yield from self._rates()

    # ---- ratios -----------------------------------------------------------------------------

    def _ratios(self) -> Iterator[Outcome]:
        matches = list(numbers.RATIO.finditer(self._text))
        for match, following in zip(matches, [*matches[1:], None], strict=False):
            values = numbers.ratio_values(match, self._text)
            stop = following.start() if following else len(self._text)
            unlabelled = numbers.UNLABELLED_RATIO.search(self._text, values[-1].end, stop)
            stops = [*(value.start for value in values[1:]), unlabelled.start() if unlabelled else stop]
            nouns = self._dealt_to_ratios(match, values) or self._turn_of_ratio(match, matches)
            for number, (value, stop) in enumerate(zip(values, stops, strict=True)):
                endpoint = (
                    nouns[number].endpoint
                    if nouns
                    else self._ratio_endpoint(match, matches, _measure(match.group("label")))
                )
                yield self._ratio(match, value, endpoint, stop)
        if matches:
            yield from self._unlabelled_ratios(matches)

    def _unlabelled_ratios(self, matches: list[re.Match[str]]) -> Iterator[Outcome]:
        """Yield what follows a labelled ratio in its form: "recurrence (RR 0.66, …) and death (0.67, 0.61 to 0.73; p<0.0001)"."""
        for found in numbers.UNLABELLED_RATIO.finditer(self._text, matches[0].end()):
            value, low, high = (float(found.group(name)) for name in ("value", "low", "high"))
            if not low <= value <= high:
                continue
            label = [match for match in matches if match.end() <= found.start()][-1]
            nouns = [n for n in self._nouns if label.end() <= n.end <= found.start() and n.kind != "noise"]
            p_match = _near(numbers.P_VALUE, self._text[found.end() :], 4)
            end = found.end() + (p_match.end() if p_match else 0)
            yield Outcome(
                endpoint=nouns[-1].endpoint if nouns else "other",
                measure=_measure(label.group("label")),
                value=value,
                ci_low=low,
                ci_high=high,
                ci_level=None,
                p=_printed_p(p_match),
                arm=None,
                timepoint_months=None,
                quote=self._quote(found.start("value"), end),
                evidence=self._evidence(found.start("value"), end),
            )

    def _dealt_to_ratios(self, match: re.Match[str], values: tuple[numbers.Value, ...]) -> tuple[Noun, ...]:
        """Return the endpoints of "ratios for DFS and OS were 0.70 and 0.82", one a value, or nothing."""
        named = [n for n in self._nouns if n.kind != "noise"]
        groups = (
            [n for n in named if match.start("label") <= n.start < match.start("value")],
            [n for n in named if n.end <= match.start("label")],
        )
        if len(values) < 2:
            return ()
        behind = [self._noun_for(value) for value in values]
        if all(behind):
            return tuple(noun for noun in behind if noun)
        return next((tuple(group) for group in groups if len(group) == len(values)), ())

    def _noun_for(self, value: numbers.Value) -> Noun | None:
        """Return the endpoint of "0.68 (0.56-0.84) for OS"."""
        for noun in self._nouns:
            if noun.start >= value.end:
                is_its = re.fullmatch(r"[^a-z]{0,60}\bfor (?:\w+ ){0,2}", self._masked[value.end : noun.start])
                return noun if is_its and noun.kind != "noise" else None
        return None

    def _turn_of_ratio(self, match: re.Match[str], matches: list[re.Match[str]]) -> tuple[Noun, ...]:
        """Return the endpoint of "PFS and OS were longer (HR 0.56, … and HR 0.64, …, respectively)" whose turn it is."""
        if len(matches) < 2 or "respectively" not in self._text[matches[-1].end() :]:
            return ()
        nouns = self._listed([n for n in self._nouns if n.end <= matches[0].start()], _RATIO_KINDS)
        is_last = not any(matches[0].start() < n.start < matches[-1].end() and n.kind != "noise" for n in self._nouns)
        return (nouns[matches.index(match)],) if is_last and len(nouns) == len(matches) else ()

    def _folds(self) -> Iterator[Outcome]:
        """Yield risk ratios printed as "2.4-fold" or "1.39 times" the risk."""
        for fold in numbers.FOLD.finditer(self._text):
            risk = numbers.RISK_BEFORE.search(self._text[: fold.start()]) or numbers.RISK_AFTER.match(
                self._text, fold.end()
            )
            if not risk:
                continue
            measure = "OR" if "odds" in risk.group().lower() else "RR"
            for value in numbers.values_of(fold):
                interval = _near_or_plain(numbers.LABELLED_CI, self._text[fold.end() :])
                end = fold.end() + (interval.end() if interval else 0)
                p_match = _near(numbers.P_VALUE, self._text[end:], 20)
                outcome = self._outcome(
                    self._ratio_endpoint(fold, [fold], measure), measure, value.value, value, stop=end
                )
                yield replace(
                    outcome,
                    ci_low=float(interval.group("low")) if interval else None,
                    ci_high=_upper(interval.group("high")) if interval else None,
                    ci_level=_level(interval) if interval else None,
                    p=_printed_p(p_match),
                    arm=None,
                )

    def _ratio(self, match: re.Match[str], printed: numbers.Value, endpoint: str, stop: int) -> Outcome:
        value, end = printed.value, printed.end
        start = match.start() if match.end() == end else printed.start
        tail = self._text[end:stop]
        interval = (
            numbers.BARE_CI.match(tail) or _near_or_plain(numbers.LABELLED_CI, tail) or numbers.LOOSE_CI.match(tail)
        )
        low = high = level = None
        if interval:
            low, high = float(interval.group("low")), _upper(interval.group("high"))
            level = _level(interval) or (95.0 if match.group("ci_first") else None)
            end += interval.end()
        p_match = _near(numbers.P_VALUE, self._text[end:stop], 60)
        ahead = _P_AHEAD.search(self._text, 0, match.start())
        if ahead and (p_match is None or re.search(r"[)\]]", self._text[end : end + p_match.start()])):
            p_match = numbers.P_VALUE.match(self._text, ahead.start("p_value"))
        elif p_match:
            end += p_match.end()
        else:
            p_match = self._p_of_all(end)
        outside = low is not None and (value < low or (high is not None and value > high))
        flags = ("outside_ci",) * outside + ("implausible",) * (not 0.01 <= value <= 50)
        return Outcome(
            endpoint=endpoint,
            measure=_measure(match.group("label")),
            value=value,
            ci_low=low,
            ci_high=high,
            ci_level=level,
            p=_printed_p(p_match),
            arm=_clean_arm(match.group("about")),
            timepoint_months=None,
            quote=self._quote(start, end),
            flags=flags,
            evidence=self._evidence(start, end),
        )

    def _p_of_all(self, at: int) -> re.Match[str] | None:
        """Return the p value of "… (all P < 0.001)" behind a list of ratios."""
        found = re.compile(r"\b(?:all|both|for all|each),? (?=p\b)", re.IGNORECASE).search(self._text, at)
        return numbers.P_VALUE.match(self._text, found.end()) if found else None

    def _ratio_endpoint(self, match: re.Match[str], matches: list[re.Match[str]], measure: str) -> str:
        """Return the endpoint attached to the ratio, else the nearest of its clause, its sentence, the one before."""
        attached = [n for n in self._nouns if match.start() <= n.start < match.end() and n.kind != "noise"]
        if attached:
            return attached[0].endpoint
        clause = max((m.end() for m in _CLAUSE.finditer(self._text, 0, match.start())), default=0)
        since = max((m.end() for m in matches if m.end() <= match.start()), default=0)
        before = [n for n in reversed(self._nouns) if n.end <= match.start() and n.kind != "noise"]
        candidates = [
            *self._predicted_by_list(match),
            *(n for n in before if n.start >= max(since, clause)),
            *self._noun_right_after(match, matches),
            *(n for n in before if n.start >= clause),
            *self._predicted_after(match),
            *before,
            *self._improved_after(match),
        ]
        allowed = ("rate", "toxicity") if measure == "OR" else _RATIO_KINDS
        chosen = next((n for n in candidates if n.kind in allowed), None)
        if chosen is None and measure == "HR":
            chosen = self._last
        return chosen.endpoint if chosen else "other"

    def _predicted_by_list(self, match: re.Match[str]) -> Iterator[Noun]:
        """Yield the endpoint of "T stage (HR 2.6) and pCR (HR 9.2) were independent predictors of DFS"."""
        after = _PREDICTORS.search(self._masked, match.end())
        if after and not _TURN.search(self._masked[match.end() : after.start()]):
            yield from (noun for noun in self._nouns if after.end() <= noun.start <= after.end() + 12)

    def _improved_after(self, match: re.Match[str]) -> Iterator[Noun]:
        """Yield the endpoint of "tucatinib (HR 0.4) and lapatinib (HR 0.5) improved PFS", where none was named before."""
        for noun in self._nouns:
            if noun.start >= match.end() and noun.kind != "noise":
                if _IMPROVED.search(self._masked[match.end() : noun.start]):
                    yield noun
                return

    def _predicted_after(self, match: re.Match[str]) -> Iterator[Noun]:
        """Yield the endpoint of "age (HR 1.66), grade (HR 2.28) … predicted DFS"."""
        for noun in self._nouns:
            # "(HR 0.93 per 10%; 95% CI 0.90-0.97)": the rest of a ratio's own bracket is no clause.
            stem = re.sub(r"^[^()]*\)", "", self._text[match.end() : noun.start])
            if noun.start >= match.end() and noun.kind != "noise" and not _CLAUSE.search(stem):
                if re.search(
                    r"(?:predict\w*|prognos\w*|associated|correlat\w*|factors?|influenc\w*)(?: \w+){0,4} $", stem
                ):
                    yield noun
                return

    def _noun_right_after(self, match: re.Match[str], matches: list[re.Match[str]]) -> Iterator[Noun]:
        """Yield the endpoint of "(HR 0.72, …) for OS"."""
        stop = min((m.start() for m in matches if m.start() > match.start()), default=len(self._text))
        for noun in self._nouns:
            between = self._masked[match.end() : noun.start]
            if match.end() <= noun.start < stop and re.search(r"^[^a-z]{0,60}(?:for|in) (?:\w+ ){0,2}$", between):
                yield noun

    # ---- medians ----------------------------------------------------------------------------

    def _medians(self) -> Iterator[Outcome]:
        accepted_to, last = -1, ()  # type: tuple[int, tuple[Noun, ...]]
        for times in self._times():
            before = self._masked[: times.start]
            if _TIMEPOINT_BEFORE.search(before) and not self._rose_to(accepted_to, times.start):
                continue
            ahead = next((noun for noun in self._nouns if self._is_ahead(noun, times.start)), None)
            nouns = (ahead,) if ahead else self._measured(times.start, ("survival", "duration", "other"))
            is_compared = accepted_to >= 0 and (
                _VERSUS.search(before[accepted_to:]) or self._rose_to(accepted_to, times.start)
            )
            if not nouns and accepted_to >= 0 and self._continues(accepted_to, times.start):
                nouns = last[-1:]
            if not nouns or not (ahead or is_compared or self._is_median(nouns[0], times.start)):
                continue
            accepted_to, last = times.end, nouns
            # Years and nothing named: the age in a sentence about patients, behind one about survival
            if times.unit[0] in "yY" and not any(noun.kind != "noise" for noun in self._nouns):
                continue
            is_difference = bool(_DIFFERENCE.search(before))
            values = times.values
            nouns = self._in_turn(nouns, times.start, numbers.TIME_GROUP)
            if len(nouns) == 1 and not is_difference:
                values += self._further_times(times.end)
            for noun, value in _dealt(nouns, values):
                if noun.kind == "noise":
                    continue
                yield self._outcome(
                    noun.endpoint,
                    "difference" if is_difference else "median_months",
                    numbers.in_months(value.value, times.unit),
                    value,
                    stop=times.end if value is times.values[-1] else value.end,
                    unit=times.unit,
                )

    def _rose_to(self, since: int, at: int) -> bool:
        """Return whether a time is the second of "improved from 20.3 months in 2001 to 48 months"."""
        between = self._masked[max(since, 0) : at]
        is_first_from = re.search(
            r"\bfrom (?:a median of )?[\d.]+ (?:months|years|weeks)$", self._masked[: max(since, 0)]
        )
        return bool(is_first_from and re.fullmatch(r"[^;]{0,220}?\bto (?:a median of )?", between))

    def _times(self) -> tuple[_Times, ...]:
        """Return the times printed, in order: with their unit, behind it, or as a median's with none at all."""
        found = [
            _Times(numbers.values_of(group), group.group("unit"), group.start(), group.end())
            for group in numbers.TIME_GROUP.finditer(self._masked)
        ]
        taken = {times.values[0].start for times in found}
        for noun in self._nouns:
            if noun.kind not in ("survival", "duration"):
                continue
            before = numbers.TIME_AHEAD.search(self._masked[: noun.start])
            ahead = numbers.UNIT_AHEAD.match(self._text, noun.end)
            unitless = numbers.UNITLESS.match(self._masked, noun.end) if self._is_called_median(noun) else None
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

    def _is_ahead(self, noun: Noun, at: int) -> bool:
        """Return whether a time stands as an adjective before its endpoint: "a 2.8-month median PFS"."""
        ahead = numbers.TIME_AHEAD.search(self._masked[: noun.start])
        return bool(ahead and ahead.start("numbers") == at)

    def _is_called_median(self, noun: Noun) -> bool:
        """Return whether "median" stands straight before the endpoint, or within its name ("mPFS")."""
        is_abbreviated = self._text.startswith(("mPF", "mOS", "mTT", "mDo"), noun.start)
        return is_abbreviated or bool(re.search(r"\bmedian (?:\w+ ){0,2}$", self._masked[: noun.start], re.IGNORECASE))

    def _further_times(self, at: int) -> tuple[numbers.Value, ...]:
        """Return the times without a unit that follow one with it: "5.6 months for A versus 4.2 for B"."""
        values: list[numbers.Value] = []
        starts = {group.start() for group in numbers.TIME_GROUP.finditer(self._masked, at)}
        while further := numbers.FURTHER_TIME.match(self._masked, at):
            names = any(at <= noun.start < further.start("value") and noun.kind != "noise" for noun in self._nouns)
            if names or further.start("value") in starts or float(further.group("value")) > _LONGEST:
                break
            values.append(numbers.Value(float(further.group("value")), further.start("value"), further.end("value")))
            at = further.end("value")
        return tuple(values)

    def _is_median(self, noun: Noun, at: int) -> bool:
        """Return whether a time is the median of *noun*: said so, or plainly "PFS was 5 months"."""
        before = self._masked[:at]
        if _ROSE.search(before) or numbers.UNIT_AHEAD.match(self._text, noun.end):
            return True
        if re.search(r"\bmean\b", before[max(0, noun.start - 40) :], re.IGNORECASE):
            return False
        if re.search(r"\bmedian", before, re.IGNORECASE) or self._text.startswith(
            ("mPF", "mOS", "mTT", "mDo"), noun.start
        ):
            return True
        between = before[noun.end :]
        if re.fullmatch(r"\s?(?:\([^)]*\)\s)?(?:of|for|in|among) (?:the )?[^,;()]{2,60} \(", between):
            return True  # "OS of the crossover group (39.6 months)"
        if re.fullmatch(r"\s(?:of|for|in|among) (?:the |all )?[^,;()%]{2,60} (?:was|were) ", between):
            return True  # "PFS for the 356 patients was 21 weeks"
        is_plain = re.fullmatch(r"\W*(?:\([^)]*\)\W*)?(?:was|were|of|:|=|,)?\s*", between)
        return bool(is_plain or (len(between) < 120 and _VERSUS.search(self._masked[at : at + 80])))

    # ---- rates ------------------------------------------------------------------------------

    def _rates(self) -> Iterator[Outcome]:
        accepted_to, last = -1, ()  # type: tuple[int, tuple[Noun, ...]]
        for group in numbers.PERCENT_GROUP.finditer(self._masked):
            before = self._masked[: group.start()]
            if _CHANGE.search(before) or _NO_VALUE.search(before) or _CHANGE_AFTER.match(self._masked[group.end() :]):
                continue
            achieved = None if self._is_attached(group) else self._achieved(group)
            if achieved is None and self._is_share(group):
                continue
            nouns = (achieved,) if achieved else self._measured(group.start(), ("survival", "rate"))
            goes_on = not nouns and accepted_to >= 0 and self._continues(accepted_to, group.start())
            if goes_on:
                nouns = last[-1:]
            values = numbers.values_of(group)
            nouns = self._in_turn(nouns, group.start(), numbers.PERCENT_GROUP)
            for noun, value, landmark in self._rates_dealt(nouns, values, group):
                if _NEGATED.search(self._masked[: noun.start]):
                    continue
                is_rate = noun.kind == "rate" or achieved or goes_on or landmark is not None or self._is_rate(nouns[-1])
                if is_rate and noun.kind != "noise" and value.value <= 100:
                    accepted_to, last = group.end(), nouns
                    stop = group.end() if value is values[-1] else value.end
                    yield self._outcome(
                        noun.endpoint, "rate_percent", value.value, value, stop=stop, timepoint=landmark
                    )

    def _rates_dealt(
        self, nouns: tuple[Noun, ...], values: tuple[numbers.Value, ...], group: re.Match[str]
    ) -> Iterator[tuple[Noun, numbers.Value, float | None]]:
        """Yield each rate with its endpoint and time point, from a list of time points in turn."""
        times = self._landmarks(nouns[0], group, len(values)) if nouns and nouns[0].kind == "survival" else ()
        for number, (noun, value) in enumerate(_dealt(nouns, values)):
            if times:
                yield noun, value, times[number]
            else:
                yield noun, value, self._landmark(noun, group.start()) if noun.kind == "survival" else None

    def _landmarks(self, noun: Noun, group: re.Match[str], count: int) -> tuple[float, ...]:
        """Return the time points of "OS at 1, 3 and 5 years was 92%, 70% and 55%", one a number, else nothing."""
        for match in numbers.LANDMARKS.finditer(self._masked, 0, group.start()):
            is_near = -60 < noun.start - match.end() < 60 or -60 < match.start() - noun.end < 60
            months = numbers.landmarks_months(match)
            if not is_near:
                continue
            if len(months) == count:
                return months
            # Each rate with a sign of its own: the time point whose turn it is
            starts = [other.start() for other in numbers.PERCENT_GROUP.finditer(self._masked, match.end())]
            if count == 1 and len(starts) % len(months) == 0:
                return (months[starts.index(group.start()) % len(months)],)
        return ()

    def _is_attached(self, group: re.Match[str]) -> bool:
        """Return whether a rate stands straight behind its endpoint: "OS rate of 67.4%"."""
        before = [noun for noun in self._nouns if noun.end <= group.start() and noun.kind != "noise"]
        return bool(before and _LINK.fullmatch(self._masked[before[-1].end : group.start()]))

    def _is_share(self, group: re.Match[str]) -> bool:
        """Return whether a percentage only says how many patients a group has: "18% were grade 1"."""
        after = self._masked[group.end() :]
        if _MADE_UP.match(after) and not self._is_attached(group):
            return True
        before = [noun for noun in self._nouns if noun.end <= group.start()]
        between = self._masked[before[-1].end : group.start()] if before else ""
        return bool(_COUNTED.search(between) and re.search(r"\d\s?(?:%|months|years|weeks)", between))

    def _achieved(self, group: re.Match[str]) -> Noun | None:
        """Return what "119 (48.8%) patients achieved pCR" or "86% were alive" says, be it an endpoint or noise."""
        following = next((noun for noun in self._nouns if noun.start >= group.end()), None)
        if following and self._is_adjective(group, following):
            return following
        if following and following.kind == "survival":
            between = self._masked[group.end() : following.start].lower()
            if _REMAINED.fullmatch(between):
                return following
        for noun in self._nouns:
            if noun.start >= group.end() and noun.kind in ("rate", "noise"):
                text = f"{self._masked[group.end() : noun.start]}{self._masked[noun.start : noun.start + 8]}".lower()
                between = re.sub(r"\s+", " ", text)
                if len(between) < 100 and "%" not in between and _ACHIEVED.search(between):
                    return noun
                return None
        return None

    def _is_adjective(self, group: re.Match[str], noun: Noun) -> bool:
        """Return whether a rate stands straight before its endpoint: "21.7% 5-year survival", "a 45% response rate"."""
        between, after = self._masked[group.end() : noun.start], self._masked[noun.end :]
        is_straight = re.fullmatch(r"\s(?:(?:\d+|two|three|five|ten)[- ](?:year|month|yr)\s)?", between)
        return bool(is_straight and noun.kind in ("survival", "rate") and not _HAS_NUMBER.match(after))

    def _is_rate(self, noun: Noun) -> bool:
        return bool(
            re.match(r"\s?(?:\([^)]*\)\s?)?(?:rates?\s)?(?:was|were|of)\b", self._masked[noun.end :].lstrip(") "))
        )

    def _landmark(self, noun: Noun, at: int) -> float | None:
        """Return the time point of a survival rate: "3-year DFS", "EFS rates at 12 months"."""
        best: tuple[int, float] | None = None
        for match in numbers.LANDMARK.finditer(self._masked):
            is_before = re.search(r"\b(?:at|after) (?:the )?$", self._masked[: match.start()])
            if is_before or 0 <= noun.start - match.end() < 60:
                gap = min(abs(noun.start - match.end()), abs(at - match.end()))
                if best is None or gap < best[0]:
                    best = (gap, numbers.landmark_months(match))
        return best[1] if best else None

    def _in_turn(self, nouns: tuple[Noun, ...], at: int, pattern: re.Pattern[str]) -> tuple[Noun, ...]:
        """Return the one endpoint of a list whose turn it is: "OS and PFS were 58 months (…) and 19 months (…)"."""
        if len(nouns) < 2:
            return nouns
        groups = [other.start() for other in pattern.finditer(self._masked, nouns[-1].end)]
        # "ORR (29% versus 41%) and CBR (44% versus 64%)": each has numbers of its own.
        has_own = pattern.search(self._masked, nouns[0].end, nouns[-1].start)
        if has_own or len(groups) != len(nouns) or at not in groups:
            return nouns
        return (nouns[groups.index(at)],)

    # ---- shared -----------------------------------------------------------------------------

    def _measured(self, at: int, kinds: tuple[str, ...]) -> tuple[Noun, ...]:
        """Return the endpoint, or endpoints of a list, that a number at *at* measures."""
        before = [noun for noun in self._nouns if noun.end <= at]
        # "(median: 21.2 vs 11.6 months)" measures the endpoint, whatever stands between.
        if re.search(r"\bmedian:? ?(?:not reached (?:v/?s\.?|versus) )?$", self._masked[:at], re.IGNORECASE):
            before = [noun for noun in before if noun.kind in kinds] or ([self._last] if self._last else [])
        before = self._without_qualifiers(before, at)
        if not before or before[-1].kind not in kinds:
            return ()
        # "follow-up was 50 months for PFS and 51 months for OS"
        if self._masked[: before[-1].start].endswith("for ") and any(noun.kind == "noise" for noun in before):
            return ()
        return self._listed(before, kinds)

    def _without_qualifiers(self, before: list[Noun], at: int) -> list[Noun]:
        """Return nouns less those that only say whose endpoint it is: "PFS in patients with mutations was"."""
        kept = list(before)
        while len(kept) > 1 and _is_qualifier(kept[-1], self._masked):
            is_linked = _TO_NUMBER.fullmatch(self._masked[kept[-1].end : at])
            of_which = _QUALIFIES.fullmatch(self._masked[kept[-2].end : kept[-1].start])
            if not (is_linked and (of_which or _is_qualifier(kept[-2], self._masked))):
                return before
            kept.pop()
        return kept

    def _continues(self, since: int, at: int) -> bool:
        """Return whether a number goes on from one before: "8 months in those with mutations and 12 months"."""
        nouns = [noun for noun in self._nouns if since <= noun.start < at]
        is_same = all(noun.kind == "noise" and _is_qualifier(noun, self._masked) for noun in nouns)
        return is_same and bool(_GOES_ON.fullmatch(self._masked[since:at]))

    def _listed(self, before: list[Noun], kinds: tuple[str, ...]) -> tuple[Noun, ...]:
        """Return the last noun with those listed before it: "PFS and OS"."""
        if not before:
            return ()
        listed = [before[-1]]
        first = before[-1].start
        for noun in reversed(before[:-1]):
            gap = self._masked[noun.end : first]
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

    def _outcome(
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
        arm = _ARM.match(self._text[stop:])
        low, high, level, end = self._own_interval(printed, unit)
        is_outside = low is not None and (value < low or (high is not None and value > high))
        return Outcome(
            endpoint=endpoint,
            measure=measure,
            value=value,
            ci_low=low,
            ci_high=high,
            ci_level=level,
            p=_printed_p(self._p_of_arms(stop)),
            arm=_clean_arm(arm.group("arm")) if arm else None,
            timepoint_months=timepoint,
            quote=self._quote(printed.start, max(stop, end)),
            flags=("outside_ci",) * is_outside,
            evidence=self._evidence(printed.start, max(stop, end)),
        )

    def _own_interval(
        self, printed: numbers.Value, unit: str | None
    ) -> tuple[float | None, float | None, float | None, int]:
        """Return the bounds that stand behind a time (in months) or a rate, their level, and where they end."""
        found = numbers.OWN_CI.match(self._text, printed.end)
        if found is None or (found.group("low3") and not _CI_WORD.search(self._text)):
            return None, None, None, printed.end  # a bare "(4-9)" may as well be a range
        low, high = (_upper(found.group(name) or found.group(f"{name}2") or found.group(f"{name}3")) for name in _BOUND)
        if unit:
            low, high = (None if bound is None else numbers.in_months(bound, unit) for bound in (low, high))
        level = found.group("level")
        end = found.end() + (self._text[found.end() : found.end() + 1] in (")", "]"))
        return low, high, float(level) if level else None, end

    def _p_of_arms(self, at: int) -> re.Match[str] | None:
        """Return the p value that follows a time or a rate and its partners; a ratio keeps it for itself."""
        if numbers.RATIO.search(self._text):
            return None
        found = numbers.P_VALUE.search(self._text, at)
        if found is None or found.start() - at > _P_FAR or _CLAUSE_END.search(self._text, at, found.start()):
            return None
        if any(noun.kind != "noise" and at <= noun.start < found.start() for noun in self._nouns):
            return None
        return found

    def _evidence(self, start: int, end: int) -> Evidence:
        base = self._sentence.start
        return self._sentence.evidence(base + start, base + end)

    def _quote(self, start: int, end: int) -> str:
        base = self._sentence.start
        return self._sentence.passage.normal.original_text(base + start, base + end)


_BOUND = ("low", "high")
_CI_WORD = re.compile(r"\bc\.?i\.?\b|confidence", re.IGNORECASE)
#: How far a p value may stand from the arm that it compares, in characters, and what ends its reach
_P_FAR = 160
_CLAUSE_END = re.compile(r"\bwhile\b|\bwhereas\b|\bbut\b|\bhowever\b")
_ARM = re.compile(
    r"\s?%?\s?(?:months?|mo)?\s?(?:for|in|with|on)\s(?:the\s)?(?P<arm>[^,;.()]{2,60}?)(?=\s(?:versus|v/?s\.?|v|and|compared)\b|[,;.()])"
)


def _is_qualifier(noun: Noun, text: str) -> bool:
    """Return whether a noun can say whose endpoint is measured: a mutation, a treatment received, a brain metastasis."""
    if noun.kind == "noise":
        return not _OWN_MEASURE.search(text[noun.start : noun.end].lower())
    return noun.kind == "other" and not text[noun.start : noun.end].lower().startswith(("time", "pfs2", "post", "surv"))


def _dealt(nouns: tuple[Noun, ...], values: tuple[numbers.Value, ...]) -> Iterator[tuple[Noun, numbers.Value]]:
    """Yield each value with its endpoint: in turn where a list of endpoints has as many numbers."""
    if not nouns:
        return
    if len(nouns) > 1 and len(values) % len(nouns) == 0:
        share = len(values) // len(nouns)
        yield from ((nouns[i // share], value) for i, value in enumerate(values))
    else:
        yield from ((nouns[-1], value) for value in values)


@lru_cache(maxsize=256)
def _measure(label: str) -> str:
    lowered = label.lower()
    if "hazard" in lowered or "hr" in lowered.replace("-", ""):
        return "HR"
    return "OR" if "odds" in lowered or "or" in lowered.split()[-1][:4] else "RR"


def _near(pattern: re.Pattern[str], text: str, distance: int) -> re.Match[str] | None:
    match = pattern.search(text)
    return match if match and match.start() <= distance else None


def _upper(printed: str) -> float | None:
    try:
        return float(printed)
    except ValueError:
        return None


def _near_or_plain(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the first match if only a few characters, or only words without a number, stand before it."""
    match = pattern.search(text)
    near = match and (match.start() <= _NEAR or re.fullmatch(r"[^\d;.]{0,80}[(\[]", text[: match.start()]))
    return match if near else None


def _level(interval: re.Match[str]) -> float | None:
    printed = interval.groupdict().get("level") or interval.groupdict().get("level_after")
    return float(printed) if printed else None


def _printed_p(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    sign = re.sub(r"=\s?<", "<", match.group("sign") or "")
    return ("" if sign in ("=", "~") else sign) + re.sub(r"\s", "", match.group("p"))


def _clean_arm(text: str | None) -> str | None:
    cleaned = (text or "").strip(" ()[],")
    return cleaned or None
