"""What kind of evidence a record is: cues of text and indexing, judged by the written precedence."""

from __future__ import annotations

from dataclasses import dataclass

from her2lit.annotate.document import Document
from her2lit.records import Evidence
from her2lit.topic.topic import Cue, Topic


@dataclass(frozen=True, slots=True)
class Design:
    """The design, what decided it, and where."""

    design: str
    #: "text", "publication_type", "comments_corrections", "mesh" or "default"
    decided_by: str
    rule: str | None
    evidence: Evidence | None


class CueReader:
    """The cues of one record, each looked up once and only when asked for."""

    def __init__(self, document: Document, topic: Topic) -> None:
        self._document = document
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
        if cue.title and title and (match := cue.title.search(title.lower)):
            return "text", title.evidence(match.start(), match.end())
        if cue.abstract:
            for passage in self._document.abstract:
                if match := cue.abstract.search(passage.lower):
                    return "text", passage.evidence(match.start(), match.end())
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


def judge_design(cues: CueReader, topic: Topic) -> Design:
    """Return the first design of the precedence whose cues hold; "other" where none does."""
    for rule in topic.designs:
        wanted = [cues.find(name) for name in rule.all]
        if not all(wanted) or any(cues.find(name) for name in rule.none):
            continue
        choices = [found for name in rule.any if (found := cues.find(name))]
        if rule.any and not choices:
            continue
        decisive = next(found for found in (*wanted, *choices) if found)
        return Design(rule.design, decisive[0], rule.name, decisive[1])
    return Design("other", "default", None, None)
