"""Evaluate a parsed term over the index, as PubMed would: what matches, how it reads, what it warns of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from her2lit.replica.dates import print_span, read_last, read_span
from her2lit.replica.fields import ALL_FIELDS, MESH_TERMS, SUBSTANCE, Field
from her2lit.replica.grammar import Group, HistoryRef, Node, Operation, Parsed, Range, Tag, Term
from her2lit.replica.headings import explode, is_known, stopwords, term_mappings
from her2lit.replica.index import Docs, Index
from her2lit.replica.limits import MIN_TRUNCATION_STEM
from her2lit.replica.tokens import fold, key_text, words

Mask = npt.NDArray[np.bool_]

#: Key fields whose names are checked against the excerpt of MeSH as well as against the corpus
_CONTROLLED = ("mh", "mj", "sh", "pt")
_STATUS_WORDS = ("medline", "oldmedline", "inprocess", "publisher", "pubmednotmedline", "pubmed pmc")
#: Untagged words that name a property of the record, where they are no "has…" word
_PROPERTY_PREFIXES = ("has", "pubstatus", "indexingmethod_")
_PROPERTY_WORDS = ("pmcbook",)
_LONGEST_PMID = 8
#: The asterisk that truncates, and its look-alikes that do not (measured: the bare stem is searched)
_ASTERISKS = "*∗＊⁎✱"
#: Words of the longest entry of the subject table
_LONGEST_ENTRY = 6


class Refused(Exception):
    """The term uses something this replica does not imitate; the message names it."""


class UnknownQueryKey(Exception):
    """#n names no set of the WebEnv."""

    def __init__(self, key: int) -> None:
        """Remember the key."""
        super().__init__(f"#{key}")
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the replica behaves where the real service is silent or unknowable."""

    #: "refuse" answers HTTP 400 to what PubMed would misread in silence; "as-ncbi" misreads it too.
    unsupported: Literal["refuse", "as-ncbi"] = "refuse"
    #: "assume": a phrase that the corpus does not hold counts as indexed and has no hits (a small corpus
    #: holds few of PubMed's phrases). "corpus": it counts as not indexed and is dropped with a warning.
    phrases: Literal["assume", "corpus"] = "assume"
    #: Phrases that count as not indexed in any case, for tests of that warning
    missing_phrases: frozenset[str] = frozenset()


@dataclass(slots=True)
class Diagnostics:
    """What a search reports beside its hits."""

    #: (From, To) of TranslationSet
    translations: list[tuple[str, str]] = field(default_factory=list)
    phrases_not_found: list[str] = field(default_factory=list)
    fields_not_found: list[str] = field(default_factory=list)
    phrases_ignored: list[str] = field(default_factory=list)
    quoted_phrases_not_found: list[str] = field(default_factory=list)
    #: An ErrorList is printed even when empty: seen when a tag was dropped.
    has_error_list: bool = False
    #: What the replica only approximates in this answer, for the header X-Replica-Approximate
    approximations: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Found:
    """What a part of the query matches (None: PubMed removed the part), and how it prints."""

    mask: Mask | None
    text: str
    #: Operator at the top of ``text``, None for a single term or a group
    operator: str | None = None


@dataclass(slots=True, kw_only=True)
class Evaluator:
    """One search: evaluates the tree and collects diagnostics."""

    index: Index
    n_versions: int
    today: date
    dialect: Dialect
    #: Versions in each query key of the WebEnv; None when no WebEnv was given
    history: Mapping[int, Mask] | None = None
    #: Field of untagged terms, from the parameter ``field``
    default_field: Field | None = None
    #: Counts per version how many terms of the query it holds; None when nobody sorts by it
    scores: npt.NDArray[np.int32] | None = None
    diagnostics: Diagnostics = field(default_factory=Diagnostics)

    def evaluate(self, parsed: Parsed) -> Found:
        """
        Return what the whole term matches.

        Raises:
            Refused: In the dialect "refuse", something PubMed would misread in silence.
            UnknownQueryKey: #n that the WebEnv does not hold.
        """
        for oddity in parsed.oddities:
            self._approximate(f"the term has {oddity}", "syntax")
        if parsed.node is None:
            return Found(None, "")
        return self._node(parsed.node)

    def _node(self, node: Node) -> Found:
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, HistoryRef):
            return self._history_ref(node)
        if isinstance(node, Range):
            return self._range(node)
        return self._term(node)

    def _operation(self, node: Operation) -> Found:
        # Chains lean left and can be hundreds of terms long: walk them without recursion.
        chain: list[Operation] = []
        left_node: Node = node
        while isinstance(left_node, Operation):
            chain.append(left_node)
            left_node = left_node.left
        found = self._node(left_node)
        for step in reversed(chain):
            found = _combine(step.operator, found, self._node(step.right))
        return found

    def _group(self, node: Group) -> Found:
        if node.tag is not None and isinstance(node.node, Operation):
            self._approximate(
                f"the tag [{node.tag.text}] on a group in parentheses, which PubMed drops", "tag-on-group"
            )
            self.diagnostics.has_error_list = True
        elif node.tag is not None and isinstance(node.node, Term) and node.node.tag is None:
            return self._term(Term(text=node.node.text, is_quoted=node.node.is_quoted, tag=node.tag))
        found = self._node(node.node)
        return Found(found.mask, f"({found.text})" if found.operator else found.text)

    def _history_ref(self, node: HistoryRef) -> Found:
        if self.history is None:
            self.diagnostics.phrases_not_found.append(f"#{node.key}")
            return Found(self._none(), f"#{node.key}")
        if node.key not in self.history:
            raise UnknownQueryKey(node.key)
        return Found(self.history[node.key], f"#{node.key}")

    def _range(self, node: Range) -> Found:
        tag = node.tag
        if (
            tag is not None
            and tag.field is not None
            and tag.field.kind == "pmid"
            and node.low.isdigit()
            and node.high.isdigit()
        ):
            return self._found(self.index.pmids(int(node.low), int(node.high)), f"{node.low}:{node.high}[UID]")
        if tag is None or tag.field is None or tag.field.kind != "date":
            raise Refused(f"the range {node.low}:{node.high} without a date or UID tag")
        low, high = read_span(node.low), read_span(node.high)
        if low is None or high is None:
            raise Refused(f"the date range {node.low}:{node.high}; write YYYY, YYYY/MM or YYYY/MM/DD")
        return self.date_range(tag.field, low[0], high[1])

    def date_range(self, searched: Field, low: date, high: date) -> Found:
        """Return what lies in a span of days, both ends included."""
        return self._found(
            self.index.dated(searched.dates, low, high), f"{print_span(low, high)}[{searched.full_name}]"
        )

    def _term(self, node: Term) -> Found:
        tag = node.tag
        if tag is not None and tag.field is None:
            self._approximate(f"the tag [{tag.text}], which PubMed does not know and drops", "unknown-tag")
            self.diagnostics.has_error_list = True
            tag = None
        searched = tag.field if tag is not None and tag.field is not None else self.default_field
        if tag is not None:
            self._check_modifier(node, tag)
        if searched is None:
            return self._untagged(node)
        if searched.kind == "date":
            return self._date(node.text, searched)
        if searched.kind == "pmid":
            return self._pmid_list(node.text)
        if searched.kind == "filter":
            return self._filter(node.text)
        if searched.kind == "key":
            return self._key(node, searched, tag)
        return self._text(node, searched, tag)

    def _check_asterisk(self, text: str, *, is_truncated: bool) -> None:
        """Refuse an asterisk that PubMed would take for a blank: too early, in mid-word, or not the ASCII one."""
        n_expected = 1 if is_truncated else 0
        if sum(text.count(sign) for sign in _ASTERISKS) != n_expected:
            self._approximate(f'the asterisk in "{text}", which PubMed takes for a blank', "truncation")

    def _check_modifier(self, node: Term, tag: Tag) -> None:
        """Refuse modifiers that PubMed would drop in silence."""
        searched = tag.field
        if searched is None:
            return
        is_dropped = (
            tag.unknown_modifier is not None
            or (tag.is_noexp and not searched.is_exploded)
            or (tag.distance is not None and not _allows_proximity(node, searched))
        )
        if is_dropped:
            self._approximate(f"the modifier in [{tag.text}], which PubMed drops here", "modifier")
            self.diagnostics.has_error_list = True

    # -- words ---------------------------------------------------------------------------------

    def _text(self, node: Term, searched: Field, tag: Tag | None) -> Found:
        tokens, is_truncated = split_words(node.text)
        self._check_asterisk(node.text, is_truncated=is_truncated)
        if not tokens:
            self._approximate(f'the term "{node.text}", which holds no searchable word', "syntax")
            self.diagnostics.phrases_ignored.append(node.text)
            return Found(None, "")
        if len(tokens) == 1 and not is_truncated and tokens[0] in stopwords() and tag is not None:
            self.diagnostics.phrases_not_found.append(node.text)
            return Found(self._none(), f"{node.text}[{searched.full_name}]")
        printed = f'"{" ".join(tokens)}{"*" if is_truncated else ""}"[{searched.full_name}]'
        if tag is not None and tag.distance is not None and _allows_proximity(node, searched):
            near = self.index.near(tokens, searched.places, tag.distance)
            return self._found(near, f'"{" ".join(tokens)}"[{searched.full_name}:~{tag.distance}]')
        docs = self.index.phrase(tokens, searched.places, is_truncated=is_truncated)
        if len(tokens) > 1 and not node.is_quoted:
            return self._loose_phrase(tokens, searched, docs, printed, is_truncated=is_truncated)
        if len(tokens) > 1 and self._is_missing_phrase(tokens, docs):
            return self._removed(node, printed)
        return self._found(docs, printed)

    def _loose_phrase(
        self, tokens: tuple[str, ...], searched: Field, docs: Docs, printed: str, *, is_truncated: bool
    ) -> Found:
        """Words side by side without quotes: a phrase where PubMed knows it as one, else each word."""
        if len(docs) and not self._is_missing_phrase(tokens, docs):
            return self._found(docs, printed)
        self.diagnostics.approximations.add("phrase-index")
        found: Found | None = None
        for i, token in enumerate(tokens):
            truncated = is_truncated and i == len(tokens) - 1
            part = self._found(
                self.index.phrase((token,), searched.places, is_truncated=truncated),
                f'"{token}{"*" if truncated else ""}"[{searched.full_name}]',
            )
            found = part if found is None else _combine("AND", found, part)
        if found is None:
            return Found(None, "")
        return Found(found.mask, f"({found.text})" if found.operator else found.text)

    def _is_missing_phrase(self, tokens: tuple[str, ...], docs: Docs) -> bool:
        is_listed = " ".join(tokens) in {key_text(phrase) for phrase in self.dialect.missing_phrases}
        return is_listed or (self.dialect.phrases == "corpus" and not len(docs))

    def _untagged(self, node: Term) -> Found:
        """Untagged text: record properties, PMIDs, else all fields. Automatic term mapping is not imitated."""
        if node.is_quoted:
            return self._text(node, ALL_FIELDS, None)
        parts = node.text.split()
        if all(part.isdigit() and len(part) <= _LONGEST_PMID for part in parts):
            return self._pmid_list(node.text)
        found: Found | None = None
        while parts:
            length = _mapped_length(parts)
            one = self._mapped(" ".join(parts[:length])) if length else self._untagged_word(parts[0])
            parts = parts[length or 1 :]
            if one is not None:
                found = one if found is None else _combine("AND", found, one)
        if found is None:
            self.diagnostics.phrases_ignored.extend(node.text.split())
            return Found(None, "")
        return found

    def _mapped(self, text: str) -> Found:
        """Map words as PubMed's subject table does: the heading or substance, or the words anywhere."""
        tokens = tuple(words(text))
        key_field, name = term_mappings()[tokens]
        searched = MESH_TERMS if key_field == "mh" else SUBSTANCE
        self.diagnostics.approximations.add("atm")
        keys = [
            f"{key_field}={each}" for each in (explode("mh", key_text(name)) if key_field == "mh" else [key_text(name)])
        ]
        found = self._found(self.index.keys(keys), f'"{printed_name(name)}"[{searched.full_name}]')
        for phrase in dict.fromkeys((tuple(words(name)), tokens)):
            anywhere = self._everywhere(phrase)
            if anywhere.operator:
                anywhere = Found(anywhere.mask, f"({anywhere.text})")
            found = _combine("OR", found, anywhere)
            if len(phrase) > 1:
                docs = self.index.phrase(phrase, ALL_FIELDS.places)
                found = _combine("OR", found, self._found(docs, f'"{" ".join(phrase)}"[All Fields]'))
        self.diagnostics.translations.append((text, found.text))
        return Found(found.mask, f"({found.text})")

    def _everywhere(self, tokens: tuple[str, ...]) -> Found:
        """Return what holds every one of the words in any field."""
        first, *others = tokens
        found = self._found(self.index.phrase((first,), ALL_FIELDS.places), f'"{first}"[All Fields]')
        for token in others:
            part = self._found(self.index.phrase((token,), ALL_FIELDS.places), f'"{token}"[All Fields]')
            found = _combine("AND", found, part)
        return found

    def _untagged_word(self, word: str) -> Found | None:
        lowered = word.lower()
        if lowered.startswith(_PROPERTY_PREFIXES) or lowered in _PROPERTY_WORDS:
            docs = self.index.keys([f"has={lowered}"])
            if len(docs) or lowered.startswith(
                ("hasretract", "haserrat", "hasexpress", "hasupdate", "hascomment", "hascorrected")
            ):
                return self._found(docs, f'"{lowered}"[All Fields]')
        tokens, is_truncated = split_words(word)
        self._check_asterisk(word, is_truncated=is_truncated)
        if not tokens or (len(tokens) == 1 and tokens[0] in stopwords()):
            return None
        self.diagnostics.approximations.add("atm")
        docs = self.index.phrase(tokens, ALL_FIELDS.places, is_truncated=is_truncated)
        if not len(docs):
            self.diagnostics.phrases_not_found.append(word)
            return Found(self._none(), f"({word}[All Fields])")
        return self._found(docs, f'"{" ".join(tokens)}{"*" if is_truncated else ""}"[All Fields]')

    # -- exact fields --------------------------------------------------------------------------

    def _key(self, node: Term, searched: Field, tag: Tag | None) -> Found:
        is_noexp = tag is not None and tag.is_noexp and searched.is_exploded
        name = _key_name(node.text, searched)
        suffix = f"[{searched.full_name}{':noexp' if is_noexp else ''}]"
        printed = f'"{printed_name(node.text)}"{suffix}'
        if node.text.endswith("*") and len(name.replace(" ", "")) >= MIN_TRUNCATION_STEM:
            return self._found(self.index.key_prefix(f"{searched.key}={name}"), printed)
        names = self._exploded(name, searched) if searched.is_exploded and not is_noexp else (name,)
        keys = [f"{searched.key}={each}" for each in names]
        docs = self.index.keys(keys)
        if not len(docs) and searched.key in _CONTROLLED and not self._is_controlled(name, searched.key):
            return self._removed(node, printed)
        return self._found(docs, printed)

    def _exploded(self, name: str, searched: Field) -> tuple[str, ...]:
        heading, slash, qualifier = name.partition("/")
        if not slash:
            return explode(searched.key, name)
        return tuple(f"{each}/{below}" for each in explode(searched.key, heading) for below in explode("sh", qualifier))

    def _is_controlled(self, name: str, key_field: str) -> bool:
        """Tell whether a heading, qualifier or publication type exists, as far as the replica can know."""
        heading, slash, qualifier = name.partition("/")
        if slash:
            return self._is_controlled(heading, key_field) and self._is_controlled(qualifier, "sh")
        base = "mh" if key_field == "mj" else key_field
        return is_known(base, heading) or self.index.has_key(f"{base}={heading}")

    def _filter(self, text: str) -> Found:
        name = key_text(text)
        printed = f'"{name}"[Filter]'
        if name == "all":
            return Found(np.ones(self.n_versions, dtype=np.bool_), "all[Filter]")
        docs = self.index.keys([f"sb={name}"])
        if not len(docs) and name not in _STATUS_WORDS:
            self._approximate(f"the filter {text}[sb]", "filter")
        return self._found(docs, printed)

    def _pmid_list(self, text: str) -> Found:
        numbers = [part for part in text.replace(",", " ").split() if part.isdigit()]
        if not numbers:
            self.diagnostics.phrases_not_found.append(f"{text}[UID]")
            return Found(self._none(), f"{text}[UID]")
        mask = self._none()
        for number in numbers:
            mask[self.index.pmids(int(number), int(number))] = True
        return Found(mask, " OR ".join(f"{number}[UID]" for number in numbers), "OR" if len(numbers) > 1 else None)

    def _date(self, text: str, searched: Field) -> Found:
        last = read_last(text, self.today)
        if last is not None:
            # A publication date may lie ahead, and "last N days" returns it all the same.
            return self.date_range(searched, last[0], date(3000, 12, 31) if searched.name == "PDAT" else last[1])
        span = read_span(text)
        if span is None:
            raise Refused(f'the date "{text}"[{searched.full_name}]; write YYYY, YYYY/MM or YYYY/MM/DD')
        if searched.name == "PDAT" and span[0] == span[1]:
            return self._found(self.index.published_on(span[0]), f"{print_span(*span)}[{searched.full_name}]")
        return self.date_range(searched, *span)

    # -- small parts ---------------------------------------------------------------------------

    def _found(self, docs: Docs, text: str) -> Found:
        mask = self._none()
        mask[docs] = True
        if self.scores is not None:
            self.scores[docs] += 1
        return Found(mask, text)

    def _removed(self, node: Term, printed: str) -> Found:
        """Report a phrase PubMed does not have; it takes no part in the query."""
        tag = f"[{node.tag.text}]" if node.tag else ""
        self.diagnostics.quoted_phrases_not_found.append(f'"{node.text}"{tag}')
        return Found(None, printed)

    def _none(self) -> Mask:
        return np.zeros(self.n_versions, dtype=np.bool_)

    def _approximate(self, what: str, mark: str) -> None:
        if self.dialect.unsupported == "refuse":
            raise Refused(what)
        self.diagnostics.approximations.add(mark)


def split_words(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a text term, and whether its last one is truncated (ASCII *, four letters or more)."""
    tokens = tuple(words(text))
    is_truncated = bool(tokens) and text.rstrip().endswith("*") and len(tokens[-1]) >= MIN_TRUNCATION_STEM
    return tokens, is_truncated


def printed_name(name: str) -> str:
    """Return a heading as QueryTranslation prints it: lower case, hyphens as blanks, commas kept."""
    return " ".join(name.lower().replace("-", " ").split())


def _mapped_length(parts: list[str]) -> int:
    """Return how many of the first words the subject table knows as one entry, the longest entry first; 0 for none."""
    for length in range(min(len(parts), _LONGEST_ENTRY), 0, -1):
        if tuple(words(" ".join(parts[:length]))) in term_mappings():
            return length
    return 0


def combine_and(left: Found, right: Found) -> Found:
    """Return what both match; used for limits that come as parameters."""
    return _combine("AND", left, right)


def _combine(operator: str, left: Found, right: Found) -> Found:
    """Apply one operator; a part PubMed removed leaves the other as it is."""
    if left.mask is None or right.mask is None:
        if operator == "NOT" and left.mask is None:
            return left
        kept = right if left.mask is None else left
        return kept if kept.mask is not None else Found(None, left.text or right.text)
    if operator == "AND":
        mask = left.mask & right.mask
    elif operator == "OR":
        mask = left.mask | right.mask
    else:
        mask = left.mask & ~right.mask
    left_text = f"({left.text})" if left.operator not in (None, operator) else left.text
    right_text = f"({right.text})" if right.operator else right.text
    return Found(mask, f"{left_text} {operator} {right_text}", operator)


def _allows_proximity(node: Term, searched: Field) -> bool:
    return searched.has_proximity and node.is_quoted and len(words(node.text)) > 1 and "*" not in node.text


def _key_name(text: str, searched: Field) -> str:
    """Return a name as the exact keys hold it; a slash separates heading and qualifier."""
    if searched.key == "aid":
        return fold(text.strip())
    if searched.key in ("mh", "mj", "si") and "/" in text:
        heading, _, qualifier = text.rpartition("/")
        return f"{key_text(heading)}/{key_text(qualifier)}"
    return key_text(text)
