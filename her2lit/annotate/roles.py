"""Which role a drug has in a record: studied, comparator, prior, background or negated.

Each mention gets a role from the words around it, or from its place where they say nothing; a
drug gets the strongest role of its mentions. Two comparisons override: what only ever stands
behind "versus" in a randomised trial is the comparator, and the reference product of a biosimilar
is.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass, replace

from her2lit.annotate.comparisons import find_compared
from her2lit.annotate.document import Document, Passage, Sentence
from her2lit.annotate.mentions import Mention
from her2lit.annotate.trials import landmark_pattern
from her2lit.records import DrugTag
from her2lit.topic.roles import ROLES
from her2lit.topic.topic import RoleRule, Topic

#: Designs whose "agents such as …" are what they are about
_OVERVIEWS = frozenset({"review", "guideline", "systematic_review_meta_analysis"})
_STANDARD = re.compile(
    r"\bstandards? of care|\b(?:current|established|internationally agreed) standards?|\bmainstay", re.IGNORECASE
)
#: "Eligible: refractory to pertuzumab; progressed on …": what its patients must have had
_ELIGIBILITY = re.compile(
    r"\b(?:(?:inclusion|eligibility) criteria|eligible (?:patients|women)|(?:patients|women) (?:were|are) eligible)\b"
    r"(?=.*\b(?:prior|previous\w*|refractory|progress\w+|intoleran\w+|pre-?treated)\b)"
)
_BIOSIMILAR = re.compile(r"[ -]biosimilars?\b")
#: How far words around a drug are looked at, in characters
_BEFORE, _AFTER = 130, 60
#: Straight before a drug that is tested together with another
_PARTNER = re.compile(r"\b(?:combination of|combination with|combined with|plus|together with) $")
#: "licensed for disease that has progressed on …": whom a drug is for, not whom the study took in
_LICENCE = re.compile(
    r"\b(?:approved|licen[sc]ed|indicated|authori[sz]ed|registered) (?:\w+ ){0,4}?(?:for|in|to treat|as|after|following)\b|\blicen[sc]ed use\b"
)
#: An abstract of so few sentences has no introduction
_SHORT = 3


@dataclass(frozen=True, slots=True)
class _Judged:
    mention: Mention
    sentence: Sentence
    role: str
    rule: str
    #: Of a weak rule: counts only where another drug is studied, and none beside it
    is_weak: bool = False


def tag_drugs(mentions: tuple[Mention, ...], document: Document, topic: Topic, design: str) -> tuple[DrugTag, ...]:
    """Return one tag for each drug mentioned, in order of first mention, with its strongest role."""
    mentions = _without_appositions(mentions, topic)
    judged: dict[str, list[_Judged]] = defaultdict(list)
    for mention in mentions:
        judged[mention.drug_id].append(_judge(mention, document, topic, design))
    judged = _with_weak_raised(judged, topic, design)
    _raise_titles_question(judged)
    if design in _OVERVIEWS:
        _put_standards_behind(judged)
    compared = find_compared(mentions, topic, design)
    references = _references_of_biosimilars(judged, topic)
    tags = []
    for drug_id, all_its in judged.items():
        # Authors list as keywords what they only touch.
        its = [one for one in all_its if one.mention.passage.place != "keyword"] or all_its
        if any(member in judged for member in topic.drug_by_id[drug_id].members):
            continue
        # Nothing but a keyword, beside an abstract that does not name it
        is_keyword = bool(document.abstract_sentences) and its[0].mention.passage.place == "keyword"
        best = min(its, key=lambda one: ROLES.index(one.role))
        role, rule = best.role, best.rule
        if is_keyword:
            role, rule = "background", "keyword-only"
        elif role == "studied":
            role, rule = _overruled(its, design, drug_id in references, drug_id in compared) or (role, rule)
        tags.append(
            DrugTag(
                drug_id=drug_id,
                role=role,
                decided_by="keyword" if is_keyword else "text",
                evidence=best.mention.passage.evidence(best.mention.start, best.mention.end),
                n_mentions=len(all_its),
                rule=rule,
                rolls_up_to=topic.drug_by_id[drug_id].rolls_up_to,
            )
        )
    return tuple(tags)


def _without_appositions(mentions: tuple[Mention, ...], topic: Topic) -> tuple[Mention, ...]:
    """Return mentions without those that only give the brand of a form: "subcutaneous trastuzumab (Herceptin)"."""
    dropped = {
        id(other)
        for one, other in itertools.pairwise(mentions)
        if one.passage is other.passage
        and topic.drug_by_id[one.drug_id].rolls_up_to == other.drug_id
        and re.fullmatch(r" ?\(", other.passage.lower[one.end : other.start])
        and re.match(r"\W{0,2}\)", other.passage.lower[other.end : other.end + 3])
    }
    return tuple(mention for mention in mentions if id(mention) not in dropped)


def _overruled(its: list[_Judged], design: str, is_reference: bool, is_compared: bool) -> tuple[str, str] | None:
    """Return the role and the rule that what the whole record says of a drug puts before its mentions, or None."""
    if is_reference:
        return "comparator", "reference-of-biosimilar"
    if is_compared:
        return "comparator", "only-behind-versus"
    if design == "preclinical" and _is_yardstick(its):
        return "comparator", "yardstick"
    return None


def _judge(mention: Mention, document: Document, topic: Topic, design: str) -> _Judged:
    sentence = mention.passage.sentence_at(mention.start)
    rule = role_by_words(mention.passage, mention.start, mention.end, topic)
    # What a title or an overview lists is what the record is about.
    is_listed = design in _OVERVIEWS or mention.passage.place == "title"
    if rule is not None and rule.role == "prior" and _tells_of_others(sentence, document, topic, design):
        return _Judged(mention, sentence, "background", "introduction")
    if rule is not None and not (rule.yields_in_overviews and is_listed):
        return _Judged(mention, sentence, rule.role, rule.name, rule.is_weak)
    role = _role_by_place(mention.passage, sentence, document, topic, design)
    if role == "background" and design in _OVERVIEWS and _is_of_titles_class(mention, document, topic):
        return _Judged(mention, sentence, "studied", "class-in-title")
    return _Judged(mention, sentence, role, f"place-{role}")


def _tells_of_others(sentence: Sentence, document: Document, topic: Topic, design: str) -> bool:
    """
    Return whether "progressed on …" is not said of the study's own patients.

    So it is where an introduction says what a drug is approved for, and where it introduces laboratory work.
    """
    is_general = design == "preclinical" or _LICENCE.search(sentence.passage.lower, sentence.start, sentence.end)
    return (
        bool(is_general)
        and not sentence.states_aim
        and _role_by_place(sentence.passage, sentence, document, topic, design) == "background"
    )


def _raise_titles_question(judged: dict[str, list[_Judged]]) -> None:
    """Make studied what a title says was given before, where it names no other drug: "… of trastuzumab-resistant cancer"."""
    titled = [one for its in judged.values() for one in its if one.mention.passage.place == "title"]
    names = {one.mention.drug_id for one in titled}
    has_other = any(one.role == "studied" for drug_id in judged.keys() - names for one in judged[drug_id])
    if {one.role for one in titled} == {"prior"} and not has_other:
        for one in titled:
            its = judged[one.mention.drug_id]
            its[its.index(one)] = replace(one, role="studied", rule="title-question")


def _put_standards_behind(judged: dict[str, list[_Judged]]) -> None:
    """Make background what an overview of one drug says is the standard, in a sentence that does not name that drug."""
    titled = {drug_id for drug_id, its in judged.items() if any(one.mention.passage.place == "title" for one in its)}
    subjects = {id(one.sentence) for drug_id in titled for one in judged[drug_id]}
    if not titled:
        return
    for drug_id in judged.keys() - titled:
        judged[drug_id] = [
            replace(one, role="background", rule="standard-in-overview")
            if one.role == "studied" and id(one.sentence) not in subjects and _STANDARD.search(one.sentence.text)
            else one
            for one in judged[drug_id]
        ]


def _is_of_titles_class(mention: Mention, document: Document, topic: Topic) -> bool:
    """Return whether the title names the drug's class: what such a review opens with is its subject."""
    drug_class = topic.drug_by_id[mention.drug_id].drug_class
    return any(
        title.drug_class == drug_class and title.pattern.search(document.title_lower) for title in topic.class_titles
    )


def _with_weak_raised(judged: dict[str, list[_Judged]], topic: Topic, design: str) -> dict[str, list[_Judged]]:
    """
    Return *judged* with weakly judged mentions studied where they tell the treatment of the study.

    They do where an observational record studies no drug at all, where one of the same sentence is studied, and
    where the class is: "aromatase inhibitors …: 118 had received letrozole".
    """
    studied = {
        drug_id
        for drug_id, its in judged.items()
        if any(one.role == "studied" and one.mention.passage.place != "keyword" for one in its)
    }
    members = {member for drug_id in studied for member in topic.drug_by_id[drug_id].members}
    beside = {one.sentence for drug_id in studied for one in judged[drug_id] if one.is_weak}

    def raised(one: _Judged) -> _Judged:
        is_only = not studied and design == "observational"
        is_studied = is_only or one.mention.drug_id in members or one.sentence in beside
        return replace(one, role="studied", rule="treatment-of-the-study") if one.is_weak and is_studied else one

    return {drug_id: [raised(one) for one in its] for drug_id, its in judged.items()}


def role_by_words(passage: Passage, start: int, end: int, topic: Topic) -> RoleRule | None:
    """Return the first rule that the words around a half-open span match, or None."""
    sentence = passage.sentence_at(start)
    before = passage.lower[max(sentence.start, start - _BEFORE) : start]
    after = passage.lower[end : min(sentence.end, end + _AFTER)]
    for rule in topic.roles:
        if (rule.before is None or rule.before.search(before)) and (rule.after is None or rule.after.match(after)):
            return rule
    return None


def _role_by_place(passage: Passage, sentence: Sentence, document: Document, topic: Topic, design: str) -> str:
    """Return "background" for what only an introduction mentions, "prior" for criteria of eligibility, else "studied"."""
    if passage.place != "abstract" or sentence.states_aim or design == "case_report":
        return "studied"
    if _ELIGIBILITY.search(passage.lower, sentence.start, sentence.end):
        return "prior"
    is_introduction = (
        sentence.section == "BACKGROUND"
        if sentence.section is not None
        else sentence in _introduction(document, design)
    )
    return "background" if is_introduction and not _tells_of_titles_trial(sentence, document, topic) else "studied"


def _tells_of_titles_trial(sentence: Sentence, document: Document, topic: Topic) -> bool:
    """Return whether the introduction tells of the trial that the title names: what it gave is what this report is on."""
    names = landmark_pattern(topic)
    titled = set(names.findall(document.title.text)) if document.title else set()
    return bool(titled & set(names.findall(sentence.text)))


def _introduction(document: Document, design: str) -> tuple[Sentence, ...]:
    """Return the sentences of an abstract without labels before the one where the authors begin to speak of their own work."""
    sentences = document.abstract_sentences
    if len(sentences) <= _SHORT:
        return ()
    if design in _OVERVIEWS:
        return sentences[:1]
    own = next((at for at, one in enumerate(sentences) if one.tells_own_work), 1)
    # An introduction that fills half the abstract is none.
    return sentences[: max(1, own)] if own <= len(sentences) / 2 else sentences[:1]


def _references_of_biosimilars(judged: dict[str, list[_Judged]], topic: Topic) -> frozenset[str]:
    """Return drugs whose biosimilar the record tests and that it calls the reference."""
    tested = {topic.drug_by_id[drug_id].rolls_up_to for drug_id in judged}
    # A biosimilar that the lexicon does not know: "TA4415V, a trastuzumab biosimilar"
    tested |= {
        drug_id
        for drug_id, its in judged.items()
        if any(_BIOSIMILAR.match(one.mention.passage.lower, one.mention.end) for one in its)
    }
    return frozenset(
        drug_id for drug_id, its in judged.items() if drug_id in tested and any(one.role == "comparator" for one in its)
    )


def _is_yardstick(its: list[_Judged]) -> bool:
    """Return whether a laboratory study only measures its own agent against this drug."""
    return (
        all(one.mention.passage.place == "abstract" for one in its)
        and any(one.role == "comparator" for one in its)
        and not any(_PARTNER.search(one.mention.passage.lower, one.sentence.start, one.mention.start) for one in its)
    )
