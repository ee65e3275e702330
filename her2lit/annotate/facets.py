"""What a record is about: tumour, HER2 status, setting, line and further facets, with the text that says so.

A word alone proves little ("HER2-positive" in a list of subtypes), so every match weighs what
its place weighs: the title most, aims, methods and conclusions as much, background least. A value
counts when its weights reach the facet's threshold. Weights and thresholds are data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from her2lit.annotate.document import Document, Passage, Sentence
from her2lit.records import DrugTag, Facet
from her2lit.topic.literals import may_match
from her2lit.topic.topic import FacetRule, Topic

#: Designs of the laboratory: their setting and line are nobody's
_LABORATORY = frozenset({"preclinical", "other"})
_NOT_TREATMENT = frozenset({"preclinical", "other", "letter_comment_editorial"})
#: A title about treatment, whatever the drug
_TREATMENT = re.compile(
    r"\b\w*therap(?:y|ies|eutics?)\b|\btreat(?:ed|ing|ments?)\b|\binhibitors?\b|\b\w{3,}(?:mab|nib|parib|ciclib|platin|taxel|rubicin)\b"
)
_RESULTS = frozenset({"RESULTS", "middle"})
#: Groups set against each other, by numbers or by word
_COMPARED = re.compile(
    r"\bp ?[<=>]|\b95 ?% ?c|\b(?:HR|OR|RR|ratio)s? ?[=:(\[]|\bcompared (?:with|to)\b|\b(?:versus|vs)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Hit:
    facet: Facet
    weight: float
    place: str


def read_facets(document: Document, topic: Topic, design: str, tags: tuple[DrugTag, ...]) -> tuple[Facet, ...]:
    """Return every facet value the record shows, each with its weightiest evidence, in order of the rules."""
    hits: dict[tuple[str, str], list[_Hit]] = defaultdict(list)
    for rule in topic.facets.rules:
        if not may_match(rule.pattern, document.lower):
            continue
        for passage in document.passages:
            if passage.place in rule.places and may_match(rule.pattern, passage.lower):
                hits[rule.facet, rule.value].extend(_hits(rule, passage, document, topic))
    scores = {key: sum(hit.weight for hit in found) for key, found in hits.items()}
    kept = {key for key, score in scores.items() if score >= topic.facets.thresholds[key[0]]}
    kept = _judge_her2(kept, scores, tags, topic)
    kept = _judge_tumour(kept, hits)
    kept = _judge_setting(kept, hits, scores, design)
    kept = _judge_setting_by_line(kept, scores, design)
    kept = _judge_line(_titled_lines(kept, hits), tags, design, document, topic)
    kept = _judge_safety(kept, hits)
    kept = _judge_resistance(kept, hits, tags, topic)
    chosen = [max(found, key=lambda hit: hit.weight).facet for key, found in hits.items() if key in kept and found]
    if ("line", "unspecified") in kept:
        chosen.append(_unspecified_line(hits))
    return tuple(chosen)


def _hits(rule: FacetRule, passage: Passage, document: Document, topic: Topic) -> list[_Hit]:
    """Return the rule's matches in one passage, one for each sentence."""
    found: list[_Hit] = []
    last: Sentence | None = None
    for match in rule.pattern.finditer(passage.lower):
        sentence = passage.sentence_at(match.start())
        if sentence is last:
            continue
        last = sentence
        if rule.unless and rule.unless.search(passage.lower, sentence.start, sentence.end):
            continue
        place = place_of(sentence, document)
        if rule.facet == "her2_status" and place in _RESULTS and _COMPARED.search(sentence.text):
            place = "compared"
        evidence = sentence.evidence(match.start(), match.end())
        facet = Facet(facet=rule.facet, value=rule.value, evidence=evidence, rule=rule.name)
        found.append(_Hit(facet, topic.facets.weights[place], place))
    return found


def place_of(sentence: Sentence, document: Document) -> str:
    """Return which place a sentence takes in its record, by label where there is one, else by position."""
    if sentence.passage.place != "abstract":
        return sentence.passage.place
    if sentence.section == "OBJECTIVE" or sentence.states_aim:
        return "aim"
    if sentence.section:
        return sentence.section
    sentences = document.abstract_sentences
    at = sentences.index(sentence) if len(sentences) > 1 else 0
    if at == 0:
        return "opening"
    if at >= len(sentences) * 0.8:
        return "closing"
    return "early" if at <= len(sentences) / 3 else "middle"


Keys = set[tuple[str, str]]
Hits = dict[tuple[str, str], list[_Hit]]
Scores = dict[tuple[str, str], float]


def _judge_her2(kept: Keys, scores: Scores, tags: tuple[DrugTag, ...], topic: Topic) -> Keys:
    """One mention of HER2-positive is enough where a HER2-targeted drug is what is studied."""
    is_her2_therapy = any(
        topic.drug_by_id[tag.drug_id].is_her2_targeted and tag.role in ("studied", "comparator") for tag in tags
    )
    if is_her2_therapy and scores.get(("her2_status", "positive"), 0.0) > 0:
        return kept | {("her2_status", "positive")}
    return kept


def _judge_tumour(kept: Keys, hits: Hits) -> Keys:
    """Tumours of the title outweigh those mentioned by the way; the only one mentioned at all counts."""
    named = {key for key, found in hits.items() if key[0] == "tumour" and found}
    if len(named) == 1 and ("tumour", "other") not in named:
        return kept | named
    others = hits["tumour", "other"]
    if any(hit.place == "title" and "solid tum" in hit.facet.evidence.sentence.lower() for hit in others):
        return kept | named  # a basket study: every tumour it names is in it
    titled = {key for key in named & kept if any(hit.place == "title" for hit in hits[key])}
    if not titled:
        return kept
    return {key for key in kept if key[0] != "tumour" or key in titled or any(hit.weight >= 1 for hit in hits[key])}


def _judge_setting(kept: Keys, hits: Hits, scores: Scores, design: str) -> Keys:
    """The setting of a laboratory study is only what its title says; of two, a far weaker one goes."""
    found = {key for key in kept if key[0] == "setting"}
    titled = {key for key in found if any(hit.place == "title" for hit in hits[key])}
    if design in _LABORATORY:
        return kept - (found - titled)
    if len(found) == 2:
        best = max(scores[key] for key in found)
        weak = {key for key in found - titled if titled or scores[key] < 0.5 * best}
        return kept - weak
    return kept


def _judge_setting_by_line(kept: Keys, scores: Scores, design: str) -> Keys:
    """Lines of therapy are numbered in metastatic disease: with one, a passing word of it is enough."""
    is_numbered = any(key[0] == "line" and key[1] != "maintenance" for key in kept)
    has_setting = any(key[0] == "setting" for key in kept)
    if is_numbered and not has_setting and design not in _LABORATORY and scores.get(("setting", "metastatic"), 0.0) > 0:
        return kept | {("setting", "metastatic")}
    return kept


def _titled_lines(kept: Keys, hits: Hits) -> Keys:
    """Where the title numbers lines, others are only what came before or may come after."""
    lines = {key for key in kept if key[0] == "line"}
    titled = {key for key in lines if any(hit.place == "title" for hit in hits[key])}
    return kept - lines | titled if titled else kept


def _judge_line(kept: Keys, tags: tuple[DrugTag, ...], design: str, document: Document, topic: Topic) -> Keys:
    """A line belongs to metastatic disease under treatment; where none is numbered it is unspecified."""
    lines = {key for key in kept if key[0] == "line"}
    is_treated = any(
        tag.role in ("studied", "comparator") and topic.drug_by_id[tag.drug_id].is_therapeutic for tag in tags
    )
    # Drugs that the lexicon does not know treat, too.
    is_treated = is_treated or bool(_TREATMENT.search(document.title_lower))
    if ("setting", "metastatic") not in kept or design in _NOT_TREATMENT:
        return kept - lines
    if not lines and is_treated and design != "guideline":
        return kept | {("line", "unspecified")}
    return kept


def _judge_safety(kept: Keys, hits: Hits) -> Keys:
    """Safety counts where it is a finding or the question, not where an introduction fears it."""
    reported = {"title", "aim", "RESULTS", "CONCLUSIONS", "middle", "closing"}
    idle = {key for key in kept if key[0] == "safety" and not any(hit.place in reported for hit in hits[key])}
    return kept - idle


def _judge_resistance(kept: Keys, hits: Hits, tags: tuple[DrugTag, ...], topic: Topic) -> Keys:
    """Resistance means to a HER2 agent: where the record names none, neither drug nor class, it is another matter."""
    is_her2 = any(topic.drug_by_id[tag.drug_id].is_her2_targeted for tag in tags)
    return kept if is_her2 or hits.get(("class_mention", "anti-her2")) else kept - {("resistance", "yes")}


def _unspecified_line(hits: Hits) -> Facet:
    """Return the facet for treated metastatic disease without a numbered line, shown by its setting."""
    shown = max(hits["setting", "metastatic"], key=lambda hit: hit.weight).facet
    return Facet(facet="line", value="unspecified", evidence=shown.evidence, rule="line-unspecified")
