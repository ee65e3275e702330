"""Cues and the ordered designs of ``evidence.toml``, compiled and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError
from her2lit.topic.literals import share_boundaries

#: The designs a record can have, see docs/annotation.md.
DESIGNS = (
    "retraction_notice",
    "erratum",
    "expression_of_concern",
    "protocol",
    "guideline",
    "systematic_review_meta_analysis",
    "letter_comment_editorial",
    "economic",
    "phase3_rct",
    "other_rct",
    "phase3_nonrandomised",
    "phase2",
    "phase1",
    "case_report",
    "observational",
    "review",
    "preclinical",
    "other",
)
_CUE_KEYS = {
    "name", "title", "abstract", "text", "publication_type", "mesh", "comments_corrections", "example",
    "counterexample", "why", "unless", "is_own", "least", "has_landmark", "from_landmark",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Something a record says, in any of its places."""

    name: str
    title: re.Pattern[str] | None = None
    abstract: re.Pattern[str] | None = None
    #: Names as NLM prints them
    publication_types: frozenset[str] = frozenset()
    mesh: frozenset[str] = frozenset()
    ref_types: frozenset[str] = frozenset()
    #: A sentence of the abstract this matches does not count
    unless: re.Pattern[str] | None = None
    #: Whether background sections are passed over: what others did is no cue
    is_own: bool = False
    #: So many different matches in the abstract are wanted
    least: int = 1
    #: Whether a known randomised trial's acronym in the title is enough
    has_landmark: bool = False
    #: Whether patients or samples that the abstract says are of such a trial are enough
    from_landmark: bool = False
    example: str
    counterexample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignExample:
    """A made record that one step of the precedence decides."""

    title: str
    abstract: str = ""
    #: Names as NLM prints them
    publication_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignRule:
    """One step of the precedence: the cues that must and must not hold."""

    #: "design-07 phase3_rct"
    name: str
    design: str
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    example: DesignExample


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetRule:
    """One value of a facet and the text that gives it."""

    name: str
    facet: str
    value: str
    pattern: re.Pattern[str]
    #: "title", "abstract", "keyword"
    places: tuple[str, ...]
    #: A sentence this matches does not count
    unless: re.Pattern[str] | None
    example: str
    counterexample: str


def compile_pattern(pattern: str, parts: Mapping[str, str], where: str) -> re.Pattern[str]:
    """
    Return *pattern* with every {NAME} written out, compiled for lower-case text.

    Raises:
        TopicError: A part is unknown or the pattern is no regular expression.
    """

    def part(match: re.Match[str]) -> str:
        if match.group(1) not in parts:
            raise TopicError(f"{where}: there is no {match.group()} in [patterns]")
        return f"(?:{parts[match.group(1)]})"

    # Rules run on lower-case text, which is several times faster than ignoring case.
    if capital := re.search(r"(?<!\\)[A-Z]", re.sub(r"\{[A-Z][A-Z0-9_]*\}|\(\?P<\w+>", "", pattern)):
        raise TopicError(f"{where}: a capital ({capital.group()!r}) never matches; rules see lower-case text")
    try:
        return re.compile(share_boundaries(re.sub(r"\{([A-Z][A-Z0-9_]*)\}", part, pattern)))
    except (re.error, IndexError) as error:
        raise TopicError(f"{where}: {pattern!r} is no regular expression: {error}") from error


def read_cues(data: Mapping[str, Any], file: str) -> tuple[Cue, ...]:
    """
    Read and check the cues of *file*.

    Raises:
        TopicError: A key is unknown or missing, a name comes twice, a pattern does not compile.
    """
    parts = data.get("patterns", {})
    cues = tuple(_read_cue(block, parts, file) for block in data.get("cue", ()))
    names = [cue.name for cue in cues]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise TopicError(f"{file}: two cues are named {double!r}")
    return cues


def _read_cue(block: Mapping[str, Any], parts: Mapping[str, str], file: str) -> Cue:
    where = f"{file}, cue {block.get('name')!r}"
    if extra := sorted(set(block) - _CUE_KEYS):
        raise TopicError(f"{where}: unknown key {extra[0]!r}")
    is_indexing_only = not (block.get("title") or block.get("abstract") or block.get("text"))
    for key in ("name", "example", "counterexample"):
        if not block.get(key) and not (is_indexing_only and key != "name"):
            raise TopicError(f"{where}: the key {key!r} is missing; every cue carries its own tests")
    title, abstract = (block.get(key, block.get("text")) for key in ("title", "abstract"))
    return Cue(
        name=block["name"],
        title=compile_pattern(title, parts, where) if title else None,
        abstract=compile_pattern(abstract, parts, where) if abstract else None,
        publication_types=frozenset(block.get("publication_type", ())),
        mesh=frozenset(block.get("mesh", ())),
        ref_types=frozenset(block.get("comments_corrections", ())),
        unless=compile_pattern(block["unless"], parts, where) if block.get("unless") else None,
        is_own=block.get("is_own", False),
        least=block.get("least", 1),
        has_landmark=block.get("has_landmark", False),
        from_landmark=block.get("from_landmark", False),
        example=block.get("example", ""),
        counterexample=block.get("counterexample", ""),
    )


def read_designs(data: Mapping[str, Any], cues: tuple[Cue, ...], file: str) -> tuple[DesignRule, ...]:
    """
    Read and check the ordered designs of *file*.

    Raises:
        TopicError: A design or cue is unknown, a step names no cue, or has no example.
    """
    known = {cue.name for cue in cues}
    rules = []
    for number, block in enumerate(data.get("design", ()), start=1):
        where = f"{file}, design number {number} ({block.get('design')!r})"
        if block.get("design") not in DESIGNS:
            raise TopicError(f"{where}: designs are {', '.join(DESIGNS)}")
        named = [cue for key in ("all", "any", "none") for cue in block.get(key, ())]
        if unknown := [cue for cue in named if cue not in known]:
            raise TopicError(f"{where}: there is no cue {unknown[0]!r}")
        if not (block.get("all") or block.get("any")):
            raise TopicError(f"{where}: give all or any")
        rules.append(
            DesignRule(
                name=f"{number:02d} {block['design']}",
                design=block["design"],
                all=tuple(block.get("all", ())),
                any=tuple(block.get("any", ())),
                none=tuple(block.get("none", ())),
                example=_read_design_example(block.get("example", {}), where),
            )
        )
    return tuple(rules)


def _read_design_example(block: Mapping[str, Any], where: str) -> DesignExample:
    if extra := sorted(set(block) - {"title", "abstract", "publication_type"}):
        raise TopicError(f"{where}: unknown key 'example.{extra[0]}'")
    if not block.get("title"):
        raise TopicError(f"{where}: the key 'example.title' is missing; every step carries its own test")
    return DesignExample(
        title=block["title"],
        abstract=block.get("abstract", ""),
        publication_types=tuple(block.get("publication_type", ())),
    )


FACETS = ("her2_status", "tumour", "setting", "line", "cns", "resistance", "safety", "class_mention")
PLACES = (
    "title", "keyword", "aim", "BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS", "opening", "early", "middle", "closing", "compared"
)  # fmt: skip
_FACET_KEYS = {"name", "facet", "value", "pattern", "places", "unless", "example", "counterexample", "why"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetRules:
    """The facet rules with what a place weighs and what a facet's value must reach."""

    rules: tuple[FacetRule, ...]
    #: Place -> weight
    weights: Mapping[str, float]
    #: Facet -> least sum of weights
    thresholds: Mapping[str, float]


def read_facets(data: Mapping[str, Any], file: str) -> FacetRules:
    """
    Read and check the facet rules of *file*.

    Raises:
        TopicError: A key is unknown or missing, a name comes twice, a pattern does not compile.
    """
    parts = data.get("patterns", {})
    rules = tuple(_read_facet(block, parts, file) for block in data.get("facet", ()))
    names = [rule.name for rule in rules]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise TopicError(f"{file}: two facet rules are named {double!r}")
    weights, thresholds = data.get("weights", {}), data.get("thresholds", {})
    if set(weights) != set(PLACES) or set(thresholds) != set(FACETS):
        raise TopicError(f"{file}: [weights] wants {', '.join(PLACES)}; [thresholds] wants {', '.join(FACETS)}")
    return FacetRules(rules=rules, weights=weights, thresholds=thresholds)


def _read_facet(block: Mapping[str, Any], parts: Mapping[str, str], file: str) -> FacetRule:
    where = f"{file}, facet rule {block.get('name')!r}"
    if extra := sorted(set(block) - _FACET_KEYS):
        raise TopicError(f"{where}: unknown key {extra[0]!r}")
    for key in ("name", "facet", "value", "pattern", "example", "counterexample"):
        if not block.get(key):
            raise TopicError(f"{where}: the key {key!r} is missing")
    if block["facet"] not in FACETS:
        raise TopicError(f"{where}: facets are {', '.join(FACETS)}")
    unless = block.get("unless")
    return FacetRule(
        name=block["name"],
        facet=block["facet"],
        value=block["value"],
        pattern=compile_pattern(block["pattern"], parts, where),
        places=tuple(block.get("places", ("title", "abstract", "keyword"))),
        unless=compile_pattern(unless, parts, where) if unless else None,
        example=block["example"],
        counterexample=block["counterexample"],
    )
