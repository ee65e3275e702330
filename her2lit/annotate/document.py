"""A record as rules read it: passages of normalised text, cut into sentences, with their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from her2lit.annotate.normalise import NormalText, normalise
from her2lit.records import Article, Evidence

#: A full stop after these ends no sentence.
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:vs|v|e\.g|i\.e|al|Dr|Prof|Fig|Figs|No|Nos|approx|cf|resp|St|ca|Eq|Ref|Refs|Inc|Co|Ltd|viz|sp|spp|c\.i"
    r"|C\.I|incl|mo|mos|yr|yrs|wk|wks|Vol|pp|etc|med|Jan|Feb|Apr|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z]|\(n)$",
)
_BOUNDARY = re.compile(
    r"[.!?]+[\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9\u0391-\u03a9<>=~])|(?<=[a-z)%\]])[.!?](?=[A-Z][a-z]{2,}|[A-Z]{4,}:)"
    # After a figure a capital may belong to a name: "EO771.LMB"
    r"|(?<=\d)[.!?](?=[A-Z][a-z]{3,} |[A-Z]{4,}:)"
)
#: "95% CI 1.02 to 1.29. P = .02" is one statement.
_P_VALUE = re.compile(r"[Pp] ?[<=>]")
#: A section's first words -> what it holds; NLM's own categories count first.
_SECTIONS = (
    (
        re.compile(r"background|introduction|rationale|importance|context|purpose|aims?|objectives?|goals?|hypothes"),
        "BACKGROUND",
    ),
    (
        re.compile(
            r"(?:patients|materials?|subjects?)(?: and |/| & )methods|methods?|design|setting|experimental|participants"
            r"|interventions?|patient concerns|diagnos[ie]s|main outcome|statistical|study|data sources|eligib|exposures?|procedures?"
        ),
        "METHODS",
    ),
    (re.compile(r"results?|findings|main results|outcomes?|observations"), "RESULTS"),
    (
        re.compile(r"conclusions?|interpretation|discussion|significance|implications|summary|lessons|take-home"),
        "CONCLUSIONS",
    ),
)
#: Labels printed inside an abstract that NLM did not divide
_INLINE_LABEL = re.compile(
    r"(?:^|(?<=[.:;)\]?!] )|(?<=[.)\]]))"
    r"(Background|Introduction|Rationale|Importance|Purpose|Aims?|Objectives?|(?:Patients|Materials?)(?: and |/| & )[Mm]ethods|Methods?"
    r"|Methods/[Dd]esign|Study [Dd]esign|Experimental [Dd]esign|Design|Results?|Findings|Main [Rr]esults|Outcomes?|Conclusions?"
    r"|Patient concerns|Diagnos[ie]s|Interventions?|Lessons|Interpretation|Discussion|Significance|Implications(?: for [Pp]ractice)?|Summary"
    r"|BACKGROUND|INTRODUCTION|PURPOSE|AIMS?|OBJECTIVES?|METHODS?|RESULTS?|FINDINGS|CONCLUSIONS?|DISCUSSION)"
    r"(?:(?: and | & |/)[A-Za-z]+)?(?: ?: ?:?| ?\.(?= ?[A-Z]))",
)
#: A sentence that says what this study does
_AIM = re.compile(
    r"\b(?:aim(?:s|ed)?|objectives?|purpose|goal|we (?:\w+ )?(?:investigated|evaluated|assessed|compared|examined|studied|tested"
    r"|analy[sz]ed|explored|probed|asked|characteri[sz]ed|describe|report|present|sought|developed|performed|conducted|enrolled|included)"
    r"|(?:this|the present|our|the current|current) (?:\w+ ){0,3}(?:study|analysis|trial|report|review|article|meta-analysis)"
    # "TABEA is a randomised phase III trial of …"
    r"|is an? (?:[a-z0-9-]+,? ){0,8}(?:trial|study))\b"
)
#: Where the authors begin to speak of their own work
_OWN = re.compile(
    r"\b(?:[Ww]e|[Oo]ur|[Hh]ere|[Hh]erein)\b|\b(?:was|were) (?:\w+ )?(?:treated|investigated|randomi[sz]ed|enrolled|used|analy[sz]ed|assessed|evaluated"
    r"|measured|performed|collected|included|studied|tested|examined|assigned|compared|given|incubated|identified|retrospectively)\b|\breceived\b"
)
_TUMOURS = re.compile(
    r"cancer|carcinom|tumou?r|neoplas|metasta|oncolog|malignan|leuka?emi|lymphoma|sarcoma|melanoma|gliom|chemotherap"
    r"|breast|her-?2|erb-?b|epidermal growth factor|\bneu\b"
)
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage, as a half-open span of the passage's normalised text."""

    passage: Passage
    #: Position within the passage
    index: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """Return the normalised sentence."""
        return self.passage.text[self.start : self.end]

    @property
    def original(self) -> str:
        """Return the sentence as NLM wrote it."""
        return self.passage.normal.original_text(self.start, self.end)

    @property
    def section(self) -> str | None:
        """Return "BACKGROUND", "OBJECTIVE", "METHODS", "RESULTS" or "CONCLUSIONS" where labels tell, else None."""
        return self.passage.section_at(self.end - 1)

    @property
    def states_aim(self) -> bool:
        """Return whether the sentence says what this study asks or does."""
        return bool(_AIM.search(self.passage.lower, self.start, self.end))

    @property
    def tells_own_work(self) -> bool:
        """Return whether the authors speak of their own work: its aim or what was done."""
        return self.states_aim or bool(_OWN.search(self.passage.text, self.start, self.end))

    def evidence(self, start: int, end: int) -> Evidence:
        """Return where a match lies; *start* and *end* count within the passage's normalised text."""
        first, last = self.passage.normal.original_span(start, end)
        origin, stop = self.passage.normal.original_span(self.start, self.end)
        stop, last = max(stop, last), max(first, last)
        return Evidence(
            place=self.passage.place,
            sentence=self.passage.normal.original[origin:stop],
            start=first - origin,
            end=last - origin,
        )


class Passage:
    """The title, one section of the abstract or one keyword."""

    def __init__(self, place: str, original: str, *, label: str | None = None, category: str | None = None) -> None:
        self.place = place
        self.label = label
        self.category = category
        self.normal: NormalText = normalise(original)
        self.text = self.normal.text

    @cached_property
    def lower(self) -> str:
        """Return the text in lower case, of the same length."""
        lowered = self.text.lower()
        # A few capitals (Turkish dotted I) grow when lowered, and offsets would slip.
        return lowered if len(lowered) == len(self.text) else "".join(c.lower()[:1] for c in self.text)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Return the sentences in order; together they cover the passage but for blanks."""
        spans: list[Sentence] = []
        start = 0
        for match in _BOUNDARY.finditer(self.text):
            if _ABBREVIATIONS.search(self.text, max(0, match.start() - 12), match.start()) or _P_VALUE.match(
                self.text, match.end()
            ):
                continue
            end = match.start() + len(match.group().rstrip())
            spans.append(Sentence(self, len(spans), start, end))
            start = match.end()
        end = len(self.text.rstrip())
        if end > start:
            spans.append(Sentence(self, len(spans), start, end))
        return tuple(spans)

    @cached_property
    def _labels(self) -> tuple[tuple[int, str | None], ...]:
        printed = self.category if self.category not in (None, "UNASSIGNED") else self.label
        labels = [(0, _section_of(printed or self.label))]
        if self.place == "abstract":
            labels += [(match.start(), _section_of(match.group(1))) for match in _INLINE_LABEL.finditer(self.text)]
        return tuple(labels)

    def section_at(self, at: int) -> str | None:
        """Return what the section around character *at* holds, or None where nothing tells."""
        return [section for start, section in self._labels if start <= at][-1]

    def sentence_at(self, at: int) -> Sentence:
        """Return the sentence that holds character *at*."""
        for sentence in self.sentences:
            if at < sentence.end or sentence is self.sentences[-1]:
                return sentence
        raise IndexError(at)

    def evidence(self, start: int, end: int) -> Evidence:
        """Return where a match of the normalised text lies."""
        return self.sentence_at(start).evidence(start, end)


def _section_of(label: str | None) -> str | None:
    lowered = (label or "").lower()
    return next((section for pattern, section in _SECTIONS if pattern.match(lowered)), None)


class Document:
    """Title, abstract and keywords of one article."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.title: Passage | None = Passage("title", article.title) if article.title else None
        self.abstract: tuple[Passage, ...] = tuple(
            Passage("abstract", section.text, label=section.label, category=section.nlm_category)
            for section in article.abstract
            if section.text
        )
        self.keywords: tuple[Passage, ...] = tuple(Passage("keyword", k.term) for k in article.keywords if k.term)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return title, abstract sections and keywords, in that order."""
        return ((self.title,) if self.title else ()) + self.abstract + self.keywords

    @cached_property
    def text(self) -> str:
        """Return all normalised text, passages parted by newlines."""
        return "\n".join(passage.text for passage in self.passages)

    @cached_property
    def lower(self) -> str:
        """Return all normalised text in lower case."""
        return "\n".join(passage.lower for passage in self.passages)

    @cached_property
    def is_about_tumours(self) -> bool:
        """Return whether the text speaks of tumours or HER2 at all; what does not is no matter of this watch."""
        return bool(_TUMOURS.search(self.lower))

    @cached_property
    def words(self) -> frozenset[str]:
        """Return every word of ASCII letters and digits, in lower case."""
        return frozenset(_WORD.findall(self.lower))

    @property
    def abstract_text(self) -> str:
        """Return the abstract's normalised text, its sections parted by newlines."""
        return "\n".join(passage.text for passage in self.abstract)

    @cached_property
    def abstract_lower(self) -> str:
        """Return the abstract's normalised text in lower case."""
        return "\n".join(passage.lower for passage in self.abstract)

    @cached_property
    def title_lower(self) -> str:
        """Return the title's normalised text in lower case, empty without one."""
        return self.title.lower if self.title else ""

    @cached_property
    def abstract_sentences(self) -> tuple[Sentence, ...]:
        """Return every sentence of the abstract in order."""
        return tuple(sentence for passage in self.abstract for sentence in passage.sentences)
