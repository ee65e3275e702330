"""The drugs, masks and regimens of ``drugs.toml`` as values, checked block by block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from her2lit.errors import TopicError

#: Kinds of names a block may list; all but "ambiguous" always count.
NAME_KINDS = ("generic", "brand", "code", "abbreviation", "description", "misspelling")

_DRUG_KEYS = {
    "id", "name", "class", "is_her2_targeted", "status", "target", "rolls_up_to", "is_therapeutic", "components",
    "members", "mesh", "ids", "note", "ambiguous", *NAME_KINDS,
}  # fmt: skip
_ID_SHAPES = {
    "unii": r"[0-9A-Z]{10}", "ncit": r"C\d+", "drugbank": r"DB\d{5}", "chembl": r"CHEMBL\d+",
    "cas": r"\d+-\d\d-\d", "atc": r"[A-Z]\d\d[A-Z]{2}\d\d", "rxnorm": r"\d+",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When an ambiguous name counts; all parts that are given must hold."""

    #: One of these words stands in title, abstract or keywords
    any: tuple[str, ...] = ()
    #: … within so many characters of the name
    within: int | None = None
    #: None of these words does
    unless: tuple[str, ...] = ()
    #: The record defines the abbreviation as this drug
    is_defined: bool = False
    #: At least so many of a regimen's drugs are named by name
    parts: int = 0
    #: Never counts
    is_never: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbiguousName:
    """A name that counts only where its condition holds; the examples are its tests."""

    term: str
    kind: str
    needs: Condition
    example: str | None
    counterexample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshConcept:
    """A descriptor or a substance (supplementary concept) that stands for a drug."""

    ui: str
    name: str
    #: "descriptor" or "substance"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """One drug, as its block says."""

    drug_id: str
    name: str
    drug_class: str
    is_her2_targeted: bool
    status: str
    is_therapeutic: bool = True
    target: str | None = None
    rolls_up_to: str | None = None
    #: A fixed combination counts as these drugs too
    components: tuple[str, ...] = ()
    #: A class word ("taxane") counts only where none of these is named
    members: tuple[str, ...] = ()
    #: (kind, name), in the order of the block
    names: tuple[tuple[str, str], ...] = ()
    ambiguous: tuple[AmbiguousName, ...] = ()
    mesh: tuple[MeshConcept, ...] = ()
    #: (scheme, identifier)
    ids: tuple[tuple[str, str], ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """Text that is consumed before any shorter name inside it can count."""

    name: str
    #: Regular expression on normalised text; {drug-id} stands for that drug's one-word names
    pattern: str
    #: Drugs the masked text counts as; empty: nothing
    tags: tuple[str, ...]
    why: str
    example: str
    #: Drugs that the example names beside the masked text
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimen:
    """Letters that stand for several drugs."""

    tokens: tuple[str, ...]
    drugs: tuple[str, ...]
    needs: Condition
    example: str
    counterexample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Everything ``drugs.toml`` says."""

    drugs: tuple[Drug, ...]
    masks: tuple[Mask, ...]
    regimens: tuple[Regimen, ...]
    never_accept: tuple[str, ...]


def name_key(name: str) -> str:
    """Return *name* without case, blanks, hyphens and slashes: what makes two names the same."""
    return re.sub(r"[\s/-]+", "", name.casefold())


def read_lexicon(data: Mapping[str, Any], file: str) -> Lexicon:
    """
    Read and check the parsed TOML of *file*.

    Raises:
        TopicError: A block is wrong; the message names file and block.
    """
    words = {name: tuple(listed) for name, listed in data.get("words", {}).items()}
    drugs = tuple(_read_drug(block, words, file) for block in data.get("drug", ()))
    known = {drug.drug_id: drug for drug in drugs}
    if len(known) < len(drugs):
        double = next(d.drug_id for i, d in enumerate(drugs) if d.drug_id in {e.drug_id for e in drugs[:i]})
        raise TopicError(f"{file}: two blocks have the id {double!r}; give each drug one block")
    masks = tuple(_read_mask(block, known, file) for block in data.get("mask", ()))
    regimens = tuple(_read_regimen(block, known, words, file) for block in data.get("regimen", ()))
    lexicon = Lexicon(drugs=drugs, masks=masks, regimens=regimens, never_accept=tuple(data.get("never_accept", ())))
    _check_references(drugs, known, file)
    _check_names(lexicon, file)
    return lexicon


def _read_drug(block: Mapping[str, Any], words: Mapping[str, tuple[str, ...]], file: str) -> Drug:
    where = f"{file}, drug {block.get('id')!r}"
    for key in ("id", "name", "class", "is_her2_targeted", "status"):
        if key not in block:
            raise TopicError(f"{where}: the key {key!r} is missing")
    if extra := sorted(set(block) - _DRUG_KEYS):
        raise TopicError(f"{where}: unknown key {extra[0]!r}; the top of the file lists the keys")
    names = tuple((kind, name) for kind in NAME_KINDS for name in block.get(kind, ()))
    ids = tuple(sorted(block.get("ids", {}).items()))
    for scheme, identifier in ids:
        if scheme not in _ID_SHAPES or not re.fullmatch(_ID_SHAPES[scheme], identifier):
            raise TopicError(f"{where}: {identifier!r} is no {scheme} identifier")
    return Drug(
        drug_id=block["id"],
        name=block["name"],
        drug_class=block["class"],
        is_her2_targeted=block["is_her2_targeted"],
        status=block["status"],
        is_therapeutic=block.get("is_therapeutic", True),
        target=block.get("target"),
        rolls_up_to=block.get("rolls_up_to"),
        components=tuple(block.get("components", ())),
        members=tuple(block.get("members", ())),
        names=names,
        ambiguous=tuple(_read_ambiguous(entry, words, where) for entry in block.get("ambiguous", ())),
        mesh=tuple(_read_mesh(entry, where) for entry in block.get("mesh", ())),
        ids=ids,
        note=block.get("note"),
    )


def _read_mesh(entry: Mapping[str, Any], where: str) -> MeshConcept:
    shape = {"descriptor": r"D\d{6,9}", "substance": r"C\d{6,9}"}.get(entry.get("kind", ""))
    if shape is None or not re.fullmatch(shape, entry.get("ui", "")) or not entry.get("name"):
        raise TopicError(
            f"{where}: mesh entry {dict(entry)} wants ui (D… or C…), name and kind descriptor or substance"
        )
    return MeshConcept(ui=entry["ui"], name=entry["name"], kind=entry["kind"])


def _read_ambiguous(entry: Mapping[str, Any], words: Mapping[str, tuple[str, ...]], where: str) -> AmbiguousName:
    term = entry.get("term", "")
    where = f"{where}, ambiguous name {term!r}"
    needs = read_condition(entry.get("needs", {}), words, where)
    if needs.parts:
        raise TopicError(f"{where}: parts is for regimens")
    if not term or "counterexample" not in entry or ("example" not in entry and not needs.is_never):
        raise TopicError(f"{where}: term, needs, example and counterexample are all wanted")
    return AmbiguousName(
        term=term,
        kind=entry.get("kind", "abbreviation"),
        needs=needs,
        example=entry.get("example"),
        counterexample=entry["counterexample"],
    )


def read_condition(needs: Mapping[str, Any], words: Mapping[str, tuple[str, ...]], where: str) -> Condition:
    """
    Read one ``needs`` table; word sets named with "@" are written out.

    Raises:
        TopicError: The table is empty, holds an unknown key or names an unknown word set.
    """
    if extra := sorted(set(needs) - {"any", "within", "unless", "defined", "parts", "never"}):
        raise TopicError(f"{where}: a condition has no {extra[0]!r}")
    condition = Condition(
        any=_expand(needs.get("any", ()), words, where),
        within=needs.get("within"),
        unless=_expand(needs.get("unless", ()), words, where),
        is_defined=bool(needs.get("defined", False)),
        parts=int(needs.get("parts", 0)),
        is_never=bool(needs.get("never", False)),
    )
    if not (condition.any or condition.is_defined or condition.parts or condition.is_never):
        raise TopicError(f"{where}: needs says nothing; give any, defined, parts or never")
    if condition.within is not None and not (condition.any and 0 < condition.within <= 500):
        raise TopicError(f"{where}: within wants any and a distance of 1 to 500 characters")
    return condition


def _expand(listed: Iterable[str], words: Mapping[str, tuple[str, ...]], where: str) -> tuple[str, ...]:
    expanded: list[str] = []
    for word in listed:
        if word.startswith("@") and word[1:] not in words:
            raise TopicError(f"{where}: there is no word set {word!r} in [words]")
        expanded.extend(words[word[1:]] if word.startswith("@") else (word,))
    return tuple(expanded)


def _read_mask(block: Mapping[str, Any], known: Mapping[str, Drug], file: str) -> Mask:
    where = f"{file}, mask {block.get('name')!r}"
    for key in ("name", "pattern", "tags", "why", "example"):
        if key not in block:
            raise TopicError(f"{where}: the key {key!r} is missing")
    mask = Mask(
        name=block["name"],
        pattern=block["pattern"],
        tags=tuple(block["tags"]),
        why=block["why"],
        example=block["example"],
        beside=tuple(block.get("beside", ())),
    )
    for drug_id in (*mask.tags, *mask.beside, *re.findall(r"\{([a-z][a-z0-9-]+)\}", mask.pattern)):
        if drug_id not in known:
            raise TopicError(f"{where}: there is no drug {drug_id!r}")
    try:
        re.compile(re.sub(r"\{[a-z][a-z0-9-]+\}", "x", mask.pattern))
    except re.error as error:
        raise TopicError(f"{where}: the pattern is no regular expression: {error}") from error
    return mask


def _read_regimen(
    block: Mapping[str, Any], known: Mapping[str, Drug], words: Mapping[str, tuple[str, ...]], file: str
) -> Regimen:
    where = f"{file}, regimen {block.get('tokens')!r}"
    for key in ("tokens", "drugs", "needs", "example", "counterexample"):
        if not block.get(key):
            raise TopicError(f"{where}: the key {key!r} is missing")
    for drug_id in block["drugs"]:
        if drug_id not in known:
            raise TopicError(f"{where}: there is no drug {drug_id!r}")
    return Regimen(
        tokens=tuple(block["tokens"]),
        drugs=tuple(block["drugs"]),
        needs=read_condition(block["needs"], words, where),
        example=block["example"],
        counterexample=block["counterexample"],
    )


def _check_references(drugs: tuple[Drug, ...], known: Mapping[str, Drug], file: str) -> None:
    for drug in drugs:
        targets = ((drug.rolls_up_to,) if drug.rolls_up_to else ()) + drug.components + drug.members
        for target in targets:
            if target not in known:
                raise TopicError(f"{file}, drug {drug.drug_id!r}: there is no drug {target!r} to refer to")
            if target == drug.drug_id:
                raise TopicError(f"{file}, drug {drug.drug_id!r} refers to itself")


def _check_names(lexicon: Lexicon, file: str) -> None:
    owner: dict[str, str] = {}
    never = {name_key(name) for name in lexicon.never_accept}
    for drug in lexicon.drugs:
        if not (drug.names or drug.ambiguous):
            raise TopicError(f"{file}, drug {drug.drug_id!r}: no name at all")
        for name in [name for _, name in drug.names] + [a.term for a in drug.ambiguous]:
            if not name_key(name):
                raise TopicError(f"{file}, drug {drug.drug_id!r}: an empty name")
            if name_key(name) in never:
                raise TopicError(f"{file}, drug {drug.drug_id!r}: {name!r} stands in never_accept")
            first = owner.setdefault(name_key(name), drug.drug_id)
            if first != drug.drug_id:
                raise TopicError(f"{file}, drug {drug.drug_id!r}: {name!r} is already a name of {first!r}")
