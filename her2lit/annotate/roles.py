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

from her2lit.annotate.document import Document, Passage, Sentence
from her2lit.annotate.mentions import Mention
from her2lit.records import DrugTag
from her2lit.topic.roles import ROLES
from her2lit.topic.topic import RoleRule, Topic

_RANDOMISED = frozenset({"phase3_rct", "other_rct"})
#: Designs whose "versus" and "compared with" set treatments against each other, wherever they stand
_COMPARING = _RANDOMISED | {"economic", "systematic_review_meta_analysis"}
#: Designs whose "agents such as …" are what they are about
_OVERVIEWS = frozenset({"review", "guideline", "systematic_review_meta_analysis"})
_VERSUS = re.compile(
    r"\b(?:versus|v/?s\.?|compared (?:with|to)|than(?! (?:\d|one|two|three|six|twice|half)\b)"
    # "improved survival over …"; "over" alone is as often a time
    r"|(?:improv\w+|longer|prolong\w+|superior\w*|better|benefit|advantage)(?:(?!\b(?:versus|v/?s|than|compared)\b)[^.;]){0,60}? over(?! (?:\d|time\b|the (?:course|years|period))))\b"
)
_STANDARD = re.compile(
    r"\bstandards? of care|\b(?:current|established|internationally agreed) standards?|\bmainstay", re.IGNORECASE
)
#: "Compared with lapatinib plus capecitabine, T-DXd improved …": what is set against stands first
_SET_AGAINST = re.compile(
    r"^(?:\W*(?:results?|findings|conclusions?) ?[:.])?\W*(?:as |when |in )?(?:compar(?:ed|ison) (?:with|to)|versus|vs\.?|relative to|with respect to)\b"
)
#: "compared pyrotinib with lapatinib", "comparison of T-DM1 to lapatinib"
_COMPARES = re.compile(
    r"\bcompar(?:e|es|ed|ing|isons? of)\b(?P<ahead>(?:(?!\badd)[^.;]){3,90}?)(?<!treated)(?<!combination)(?<!combined)(?<!together)(?<!patients)"
    r"(?<!women)(?<!those)(?<!therapy)(?<!treatment) (?:with|to|against)\b"
)
#: A title or an aim with such a word tells arms from controls itself.
_SET_APART = re.compile(rf"{_VERSUS.pattern}|\b(?:compar\w+|or|against|relative to|control)\b")
#: Between "compared … with" and what it is compared with; "plus" would make that the addition
_STRAIGHT = re.compile(r" (?:(?!plus\b|adding\b|added\b)[\w-]+ ){0,3}")
#: Between "than" and a drug, where none of the lexicon stands before it
_AT_ONCE = re.compile(r" (?:(?:that|those|treatment|therapy|with|the|of) ){0,3}")
_PLACEBO_WITH = re.compile(
    r" (?:matching )?placebo,? (?:\w+ ){0,2}?(?:in (?:addition to|combination with)|combined with|added to|plus|with)\b"
)
#: "Eligible: refractory to pertuzumab; progressed on …": what its patients must have had
_ELIGIBILITY = re.compile(
    r"\b(?:(?:inclusion|eligibility) criteria|eligible (?:patients|women)|(?:patients|women) (?:were|are) eligible)\b"
    r"(?=.*\b(?:prior|previous\w*|refractory|progress\w+|intoleran\w+|pre-?treated)\b)"
)
_BIOSIMILAR = re.compile(r"[ -]biosimilars?\b")
#: How far words around a drug are looked at, in characters
_BEFORE, _AFTER = 130, 60
#: An abstract of so few sentences has no introduction
_SHORT = 3
#: Behind "versus" a drug stands within so many characters, or numbers are compared
_SOON = 30


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
    judged: dict[str, list[_Judged]] = defaultdict(list)
    for mention in mentions:
        judged[mention.drug_id].append(_judge(mention, document, topic, design))
    judged = _with_weak_raised(judged, topic, design)
    if design in _OVERVIEWS:
        _put_standards_behind(judged)
    compared = _only_behind_versus(mentions, design)
    if design not in _COMPARING:
        # Elsewhere "versus" sets groups, sequences and times against each other: only the title's is the question.
        compared &= _only_behind_versus(tuple(m for m in mentions if m.passage.place == "title"), design)
    references = _references_of_biosimilars(judged, topic)
    tags = []
    for drug_id, all_its in judged.items():
        # Authors list as keywords what they only touch.
        its = [one for one in all_its if one.mention.passage.place != "keyword"] or all_its
        if any(member in judged for member in topic.drug_by_id[drug_id].members):
            continue
        best = min(its, key=lambda one: ROLES.index(one.role))
        role, rule = best.role, best.rule
        if role == "studied" and drug_id in references:
            role, rule = "comparator", "reference-of-biosimilar"
        elif role == "studied" and drug_id in compared:
            role, rule = "comparator", "only-behind-versus"
        elif role == "studied" and design == "preclinical" and _is_yardstick(its):
            role, rule = "comparator", "yardstick"
        tags.append(
            DrugTag(
                drug_id=drug_id,
                role=role,
                decided_by="text",
                evidence=best.mention.passage.evidence(best.mention.start, best.mention.end),
                n_mentions=len(all_its),
                rule=rule,
                rolls_up_to=topic.drug_by_id[drug_id].rolls_up_to,
            )
        )
    return tuple(tags)


def _judge(mention: Mention, document: Document, topic: Topic, design: str) -> _Judged:
    sentence = mention.passage.sentence_at(mention.start)
    rule = role_by_words(mention.passage, mention.start, mention.end, topic)
    # What a title or an overview lists is what the record is about.
    is_listed = design in _OVERVIEWS or mention.passage.place == "title"
    if rule is not None and not (rule.yields_in_overviews and is_listed):
        return _Judged(mention, sentence, rule.role, rule.name, rule.is_weak)
    role = _role_by_place(mention.passage, sentence, document, design)
    if role == "background" and design in _OVERVIEWS and _is_of_titles_class(mention, document, topic):
        return _Judged(mention, sentence, "studied", "class-in-title")
    return _Judged(mention, sentence, role, f"place-{role}")


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
    studied = {drug_id for drug_id, its in judged.items() if any(one.role == "studied" for one in its)}
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


def _role_by_place(passage: Passage, sentence: Sentence, document: Document, design: str) -> str:
    """Return "background" for what only an introduction mentions, "prior" for criteria of eligibility, else "studied"."""
    if passage.place != "abstract" or sentence.states_aim or design == "case_report":
        return "studied"
    if _ELIGIBILITY.search(passage.lower, sentence.start, sentence.end):
        return "prior"
    if sentence.section is not None:
        return "background" if sentence.section == "BACKGROUND" else "studied"
    return "background" if sentence in _introduction(document, design) else "studied"


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


def _only_behind_versus(mentions: tuple[Mention, ...], design: str) -> frozenset[str]:
    """Return drugs that stand behind "versus" and never before it, in title and abstract."""
    ahead: set[str] = set()
    behind: set[str] = set()
    by_sentence: dict[tuple[int, int], list[Mention]] = defaultdict(list)
    for mention in mentions:
        sentence = mention.passage.sentence_at(mention.start)
        by_sentence[id(mention.passage), sentence.index].append(mention)
    for group in by_sentence.values():
        passage = group[0].passage
        sentence = passage.sentence_at(group[0].start)
        for one, other in itertools.pairwise(group):
            # "to receive tamoxifen and/or letrozole": arms of one standing
            is_choice = re.fullmatch(r" (?:and/or|alone or|or) ", passage.lower[one.end : other.start])
            if (
                is_choice
                and not _VERSUS.search(passage.lower, sentence.start, one.start)
                and not any(
                    compares.end() <= one.start
                    for compares in _COMPARES.finditer(passage.lower, sentence.start, one.start)
                )
            ):
                ahead.add(one.drug_id)
        for versus in _VERSUS.finditer(passage.lower, sentence.start, sentence.end):
            if backbone := _PLACEBO_WITH.match(passage.lower, versus.end(), sentence.end):
                # "tucatinib versus placebo, both with trastuzumab": what follows is given in both arms.
                ahead |= {m.drug_id for m in group if m.end <= versus.start() or m.start >= backbone.end()}
                continue
            before = {m.drug_id for m in group if m.end <= versus.start()}
            after = {m.drug_id for m in group if m.start >= versus.end()}
            # "28% versus 10%" compares numbers; a drug must follow soon.
            soon = [m.start for m in group if 0 <= m.start - versus.end() <= _SOON]
            if soon and (before or _AT_ONCE.fullmatch(passage.lower[versus.end() : min(soon)])):
                ahead |= before
                behind |= after
        for span, against in _set_against(group, passage, sentence):
            ahead |= span
            behind |= against
        # "We compared the toxicity of eight regimens, including A, B and C", "Effects of A and B: a randomised trial"
        is_question = (
            design == "systematic_review_meta_analysis"
            and sentence.states_aim
            and not _set_against(group, passage, sentence)
        )
        apart = _VERSUS if is_question else _SET_APART
        if (is_question or passage.place == "title") and not apart.search(passage.lower, sentence.start, sentence.end):
            ahead |= {m.drug_id for m in group}
    return frozenset(behind - ahead)


def _set_against(
    group: list[Mention], passage: Passage, sentence: Sentence
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return (drugs ahead, drugs behind) of "compared with A, B was better" and "we compared B with A"."""

    def drugs(start: int, end: int) -> frozenset[str]:
        return frozenset(m.drug_id for m in group if start <= m.start and m.end <= end)

    found = []
    if opening := _SET_AGAINST.match(passage.lower[sentence.start : sentence.end]):
        first = sentence.start + opening.end()
        comma = passage.lower.find(",", first, sentence.end)
        if comma > 0 and drugs(first, comma) and drugs(comma, sentence.end):
            found.append((drugs(comma, sentence.end), drugs(first, comma)))
    for compares in _COMPARES.finditer(passage.lower, sentence.start, sentence.end):
        ahead = drugs(*compares.span("ahead"))
        behind = [m.start for m in group if m.start >= compares.end()]
        if ahead and behind and _STRAIGHT.fullmatch(passage.lower[compares.end() : min(behind)]):
            found.append((ahead, drugs(compares.end(), sentence.end)))
    return found


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
    return all(one.mention.passage.place == "abstract" for one in its) and any(one.role == "comparator" for one in its)
