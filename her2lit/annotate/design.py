"""What kind of evidence a record is: cues of text and indexing, judged by the written precedence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from her2lit.annotate.document import Document, Passage
from her2lit.annotate.trials import landmark_pattern
from her2lit.records import Evidence
from her2lit.topic.literals import may_match
from her2lit.topic.topic import Cue, Topic


@dataclass(frozen=True, slots=True)
class Design:
    """The design, what decided it, and where."""

    design: str
    #: "text", "publication_type", "comments_corrections", "mesh" or "default"
    decided_by: str
    rule: str | None
    evidence: Evidence | None


_CONTEXT = re.compile(r"\bher-?2|\berbb-?2|epidermal growth factor receptor|\bbreast\b")
#: "389 patients … in the", "samples from the": what may lead up to the name of the trial that they are of
_PATIENTS_OF = re.compile(
    r"(?<!than )\b(?:patients|women|participants|samples|specimens|biopsies|tissues?|tumou?rs|blocks?|cases)\b"
    r"(?:(?!\b(?:than|similar|according|schedule|derived|ineligible|compared|observed|reported|unlike)\b)[^.;]){0,200}?"
    r"\b(?:in|of|from|within) (?:the |both )?(?:[\w/-]+ ){0,3}$"
)


class CueReader:
    """The cues of one record, each looked up once and only when asked for."""

    def __init__(self, document: Document, topic: Topic) -> None:
        self._document = document
        self._topic = topic
        self._cues = {cue.name: cue for cue in topic.cues}
        self._found: dict[str, tuple[str, Evidence] | None] = {}
        article = document.article
        self._types = {p.name: p for p in article.publication_types}
        self._descriptors = {heading.descriptor for heading in article.mesh_headings}
        self._ref_types = {c.ref_type for c in article.comments_corrections}

    def find(self, name: str) -> tuple[str, Evidence] | None:
        """Return (what shows the cue, where), text before indexing, or None."""
        if name not in self._found:
            cue = self._cues[name]
            self._found[name] = self._in_text(cue) or self._in_indexing(cue)
        return self._found[name]

    def _in_text(self, cue: Cue) -> tuple[str, Evidence] | None:
        title = self._document.title
        if title and cue.title and (match := cue.title.search(title.lower)):
            return "text", title.evidence(match.start(), match.end())
        if title and cue.has_landmark and (span := self._landmark(title)):
            return "text", title.evidence(*span)
        if cue.from_landmark and (evidence := self._patients_of_landmark()):
            return "text", evidence
        may = cue.abstract and may_match(cue.abstract, self._document.abstract_lower)
        found = list(self._in_abstract(cue)) if may else []
        return ("text", found[0][1]) if len({words for words, _ in found}) >= cue.least else None

    def _in_abstract(self, cue: Cue) -> Iterator[tuple[str, Evidence]]:
        """Yield (the words, where) of each match that counts; one is enough unless more are wanted."""
        assert cue.abstract is not None  # noqa: S101 - asked by the caller
        for passage in self._document.abstract:
            if not may_match(cue.abstract, passage.lower):
                continue
            for match in cue.abstract.finditer(passage.lower):
                sentence = passage.sentence_at(match.start())
                if cue.is_own and sentence.section == "BACKGROUND" and not sentence.states_aim:
                    continue
                if cue.unless and cue.unless.search(passage.lower, sentence.start, sentence.end):
                    continue
                yield match.group(), sentence.evidence(match.start(), match.end())
                if cue.least == 1:
                    return

    def _landmark(self, title: Passage) -> tuple[int, int] | None:
        """Return where the title names a randomised landmark trial, in a record about HER2 or breast cancer."""
        match = landmark_pattern(self._topic).search(title.text)
        return match.span() if match and _CONTEXT.search(self._document.lower) else None

    def _patients_of_landmark(self) -> Evidence | None:
        """Return where the authors say that their patients or samples are those of a randomised landmark trial."""
        for passage in self._document.abstract:
            for match in landmark_pattern(self._topic).finditer(passage.text):
                sentence = passage.sentence_at(match.start())
                is_own = sentence.tells_own_work and sentence.section not in ("BACKGROUND", "CONCLUSIONS")
                if is_own and _PATIENTS_OF.search(passage.lower, sentence.start, match.start()):
                    return passage.evidence(match.start(), match.end())
        return None

    def _in_indexing(self, cue: Cue) -> tuple[str, Evidence] | None:
        for place, named, present in (
            ("publication_type", cue.publication_types, self._types.keys()),
            ("comments_corrections", cue.ref_types, self._ref_types),
            ("mesh", cue.mesh, self._descriptors),
        ):
            for term in sorted(named & present):
                return place, Evidence(place=place, sentence=term, start=0, end=len(term))
        return None


#: Designs that count for any record, whatever it is about
NOTICES = frozenset({"retraction_notice", "expression_of_concern", "erratum"})


def judge_design(cues: CueReader, topic: Topic, only: frozenset[str] | None = None) -> Design:
    """Return the first design of the precedence whose cues hold, of *only* these if given; "other" where none does."""
    for rule in topic.designs:
        if only is not None and rule.design not in only:
            continue
        wanted = [cues.find(name) for name in rule.all]
        if not all(wanted) or any(cues.find(name) for name in rule.none):
            continue
        choices = [found for name in rule.any if (found := cues.find(name))]
        if rule.any and not choices:
            continue
        decisive = next(found for found in (*wanted, *choices) if found)
        return Design(rule.design, decisive[0], rule.name, decisive[1])
    return Design("other", "default", None, None)
