"""Which drugs a record only sets its own against: behind "versus", "compared with", or in the second of two arms."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict

from her2lit.annotate.document import Passage, Sentence
from her2lit.annotate.mentions import Mention
from her2lit.topic.topic import Topic

_RANDOMISED = frozenset({"phase3_rct", "other_rct"})
#: Designs whose "versus" and "compared with" set treatments against each other, wherever they stand
_COMPARING = _RANDOMISED | {"economic", "systematic_review_meta_analysis"}
_VERSUS = re.compile(
    r"\b(?:versus|v/?s\.?|compared (?:with|to)|than(?! (?:\d|one|two|three|six|twice|half)\b)"
    # "improved survival over …"; "over" alone is as often a time
    r"|(?:improv\w+|longer|prolong\w+|superior\w*|better|benefit|advantage)(?:(?!\b(?:versus|v/?s|than|compared)\b)[^.;]){0,60}? over(?! (?:\d|time\b|the (?:course|years|period))))\b"
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
#: "were randomly assigned 1:1 to …": what follows are the arms
_TO_ARMS = re.compile(
    r"\b(?:randomi[sz]ed|randomly|randomi[sz]ation|(?:assigned|allocated)(?= \(?\d ?:))\b[^.;]{0,150}?\b(?:to(?! \d)|between) (?:be given |receive |treatment with |either )*"
)
#: What all arms get is told behind them.
_ALL_ARMS = re.compile(
    r"[;]|,? (?:both|each|all|concurrent\w*|in (?:addition to|combination with)|combined with|followed by|before|after|until|on top of)\b|, (?:plus|with|and)\b"
)
_THEN = re.compile(r"\b(?:followed by|then)\b")
_OR_TO = re.compile(r" or to (?!without|(?:matching )?placebo|no\b|observation)")
_PLUS = re.compile(r"\b(?:plus|with|and)\b")
_OR_ARM = re.compile(
    r"(?<!and/)(?<!with or without)(?<!with) or (?!without|with\b|\d|not\b|(?:matching )?placebo|no\b|observation)"
)
#: Behind "versus" a drug stands within so many characters, or numbers are compared
_SOON = 30


def find_compared(mentions: tuple[Mention, ...], topic: Topic, design: str) -> frozenset[str]:
    """Return the drugs that a record names only as what its own are compared with."""
    compared = _only_behind_versus(mentions, design)
    if design not in _COMPARING:
        # Elsewhere "versus" sets groups, sequences and times against each other: only the title's is the question.
        compared &= _only_behind_versus(tuple(m for m in mentions if m.passage.place == "title"), design)
    if design in _RANDOMISED or design == "protocol":
        compared |= _in_second_arm_only(mentions, topic)
    return compared


def _only_behind_versus(mentions: tuple[Mention, ...], design: str) -> frozenset[str]:
    """Return drugs that stand behind "versus" and never before it, in title and abstract."""
    ahead: set[str] = set()
    behind: set[str] = set()
    for group in _by_sentence(mentions):
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
        set_against = _set_against(group, passage, sentence)
        for span, against in set_against:
            ahead |= span
            behind |= against
        # "We compared the toxicity of eight regimens, including A, B and C", "Effects of A and B: a randomised trial"
        is_question = design == "systematic_review_meta_analysis" and sentence.states_aim and not set_against
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


def _in_second_arm_only(mentions: tuple[Mention, ...], topic: Topic) -> frozenset[str]:
    """
    Return drugs that only the second arm of "were randomised to A plus C or to B plus C" gets.

    Only where the title names a drug of the first arm and none that is the second's alone: of equals it names both.
    """
    titled = {m.drug_id for m in mentions if m.passage.place == "title"}
    titled |= {member for drug_id in titled for member in topic.drug_by_id[drug_id].members}
    first: set[str] = set()
    second: set[str] = set()
    for group in _by_sentence(mentions):
        passage, sentence = group[0].passage, group[0].passage.sentence_at(group[0].start)
        arms = _TO_ARMS.search(passage.lower, sentence.start, sentence.end)
        parts = _split_arms(passage.lower, arms.end(), sentence.end) if arms else None
        if parts is None or passage.place != "abstract":
            continue
        ours, theirs = (frozenset(m.drug_id for m in group if a <= m.start and m.end <= b) for a, b in parts)
        alone = theirs - ours
        references = alone & {topic.drug_by_id[drug_id].rolls_up_to for drug_id in ours}
        # A second arm that is the first and more is no control.
        if ours & titled and not alone & titled and not ours <= theirs and not _are_choices(group, parts, topic):
            # "to SB3 or trastuzumab plus docetaxel": docetaxel goes with either.
            first |= ours
            second |= references or alone
    return frozenset(second - first)


def _are_choices(group: list[Mention], parts: tuple[tuple[int, int], tuple[int, int]], topic: Topic) -> bool:
    """Return whether "or" stands between two partners of one class: "pertuzumab with docetaxel or paclitaxel"."""
    (_, joint), (after, _) = parts
    before = [m for m in group if m.end <= joint]
    behind = [m for m in group if m.start >= after]
    if not before or not behind:
        return False
    last, following = before[-1], behind[0]
    is_partner = re.search(
        r"\b(?:with|plus|and) (?:[\w-]+ )?$", last.passage.lower[max(0, last.start - 40) : last.start]
    )
    classes = {topic.drug_by_id[one.drug_id].drug_class for one in (last, following)}
    return bool(is_partner) and len(classes) == 1 and "or to " not in last.passage.lower[last.end : following.start]


def _split_arms(text: str, start: int, end: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return the spans of the first and the second arm, parted by an "or" outside brackets; None where there is none."""
    plain = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", _blank, text[start:end])
    joint = _OR_TO.search(plain) or _OR_ARM.search(plain)
    if joint is None:
        return None
    # "to A followed by B or to C followed by D": a sequence of the first arm's own tells that so has the second
    has_own = bool(_THEN.search(plain, 0, joint.start()))
    without_then = _THEN.sub(_blank, plain)
    if _ALL_ARMS.search(without_then, 0, joint.start()):
        return None
    rest = _ALL_ARMS.search(without_then if has_own else plain, joint.end())
    stop = rest.start() if rest else len(plain)
    if joint.re is _OR_ARM and not _PLUS.search(plain, 0, joint.start()):
        # "pyrotinib or lapatinib plus capecitabine": what follows goes with either, or nobody can tell.
        tail = _PLUS.search(plain, joint.end(), stop)
        stop = tail.start() if tail else stop
    return (start, start + joint.start()), (start + joint.end(), start + stop)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _by_sentence(mentions: tuple[Mention, ...]) -> tuple[list[Mention], ...]:
    """Return the mentions in groups of one sentence."""
    groups: dict[tuple[int, int], list[Mention]] = defaultdict(list)
    for mention in mentions:
        groups[id(mention.passage), mention.passage.sentence_at(mention.start).index].append(mention)
    return tuple(groups.values())
