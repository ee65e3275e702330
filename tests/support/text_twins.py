"""One record as MEDLINE text and as XML: what both carry, in a form in which both can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from her2lit.records import Article, Author, Journal

#: MEDLINE text is written in ASCII: Greek letters by name, other signs by what looks like them.
_SPELLED = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu",
    "σ": "sigma", "χ": "chi", "×": "x", "ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "©": "c", "®": "r",
}  # fmt: skip


def letters(text: str | None) -> str:
    """Return the letters and digits of *text* in ASCII and lower case."""
    spelled = "".join(_SPELLED.get(character, character) for character in text or "")
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", spelled).lower())


def _name(p: Author) -> tuple[str, ...]:
    """Return the names of a person; initials are made up in text where XML has none (PMID 30158200)."""
    return (*map(letters, (p.last_name, p.fore_name, p.suffix, p.collective_name)),)


def _journal(name: str) -> Callable[[Article], Any]:
    return lambda a: letters(getattr(a.journal or Journal(), name))


def _same(name: str) -> Callable[[Article], Any]:
    return lambda a: getattr(a, name)


#: Field -> what both forms carry of it. Lists that text sorts or splits over tags are compared as sets.
CARRIED: dict[str, Callable[[Article], Any]] = {
    "title": lambda a: letters(a.title),
    "vernacular_title": lambda a: letters(a.vernacular_title),
    "abstract": lambda a: letters(a.abstract_text),
    "abstract_copyright": lambda a: letters(a.abstract_copyright),
    "other_abstracts": lambda a: [letters(s.text) for other in a.other_abstracts for s in other.sections],
    **{
        f"journal.{name}": _journal(name)
        for name in ("title", "medline_ta", "nlm_unique_id", "country", "volume", "issue", "issn", "issn_linking")
    },
    "pub_date": lambda a: a.pub_date and (a.pub_date.start, a.pub_date.end),
    "article_dates": lambda a: [day.on for day in a.article_dates],
    "history": lambda a: {(day.status, day.on) for day in a.history},
    **{
        name: _same(name)
        for name in (
            *("created_date", "entry_date", "mesh_date", "date_revised", "date_completed", "status", "owner"),
            *("publication_status", "medline_pgn", "doi", "pmcid", "languages", "gene_symbols", "number_of_references"),
        )
    },
    "elocations": lambda a: {(e.id_type, e.value) for e in a.elocations if e.is_valid},
    "article_ids": lambda a: {(i.id_type, i.value) for i in a.article_ids},
    "authors": lambda a: [_name(p) for p in a.authors],
    "authors: orcid": lambda a: [p.orcid for p in a.authors if p.orcid],
    "authors: affiliations": lambda a: [[letters(place.text) for place in p.affiliations] for p in a.authors],
    "investigators": lambda a: [_name(p) for p in a.investigators],
    "publication_types": lambda a: {p.name for p in a.publication_types},
    "mesh_headings": lambda a: {
        (m.descriptor, m.major_topic, tuple((q.name, q.major_topic) for q in m.qualifiers)) for m in a.mesh_headings
    },
    "supplementary_mesh": lambda a: {s.name for s in a.supplementary_mesh},
    "substances": lambda a: {(s.name, s.registry_number) for s in a.substances},
    "keywords": lambda a: {(letters(k.term), k.owner, k.major_topic) for k in a.keywords},
    "grants": lambda a: {(g.grant_id, g.acronym, g.agency, g.country) for g in a.grants},
    "databank_accessions": lambda a: {(d.databank, d.accession) for d in a.databank_accessions},
    "comments_corrections": lambda a: {(k.ref_type, k.pmid, letters(k.ref_source)) for k in a.comments_corrections},
    "citation_subsets": lambda a: set(a.citation_subsets),
    "other_ids": lambda a: {o.text for o in a.other_ids},
    "general_notes": lambda a: [letters(n.text) for n in a.general_notes],
    "coi_statement": lambda a: letters(a.coi_statement),
}


def agreement(pairs: Iterable[tuple[Article, Article]]) -> dict[str, tuple[int, int, list[int]]]:
    """Return field -> (pairs that agree, pairs in which both have it, PMIDs of the others)."""
    found: dict[str, tuple[int, int, list[int]]] = {}
    for text, xml in pairs:
        for name, read in CARRIED.items():
            ours, theirs = read(text), read(xml)
            if ours and theirs and any(ours) and any(theirs) if isinstance(ours, list) else ours and theirs:
                n_same, n_both, others = found.get(name, (0, 0, []))
                is_same = ours == theirs
                found[name] = (n_same + is_same, n_both + 1, others + ([] if is_same else [text.pmid]))
    return found
