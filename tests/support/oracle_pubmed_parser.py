"""
pubmed_parser as an oracle: every field it has, with the options that give most.

Its mistakes are played through. For every field we say what the record holds in its form, once rightly and
once for every known mistake: what equals the first agrees, what equals one of the others is explained by
it, anything else is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from oracle_tally import Rule, Tally, plain, squeezed, tree_of
from pubmed_parser.medline_parser import parse_article_info, parse_grant_id
from pubmed_parser.utils import stringify_children

from her2lit.records import Article, Author, Journal, Keyword

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEFT_OUT = "For a full list of the authors' affiliations please see the Acknowledgements section."
#: A mistake of theirs or a convention of ours, whose it is, and what a field says by it.
Reason = tuple[str, str, object]
#: Name of a field, what it says there, what the record holds in that form, and the reasons for another value.
Saying = tuple[str, object, object, list[Reason]]


def read(record: bytes) -> dict[str, Any]:
    """Return what pubmed_parser makes of one PubmedArticle."""
    element = etree.fromstring(record)
    options = {"year_info_only": False, "nlm_category": False, "author_list": True, "reference_list": True}
    return {**parse_article_info(element, **options, parse_subs=True), "grants": parse_grant_id(element)}


def compare(tally: Tally, article: Article, theirs: dict[str, Any], record: bytes) -> None:
    """Hold one record of pubmed_parser beside ours; *record* is what both were read from."""
    tally.n_records += 1
    for name, value, right, reasons in sayings(article, theirs, record):
        rules = [Rule(says, whose, _predicts(predicted)) for says, whose, predicted in reasons]
        tally.compare(article.pmid, name, _tidy(right), _tidy(value), rules)


def _predicts(predicted: object) -> Any:
    """Return a test of what a reason predicts to the letter."""
    tidied = _tidy(predicted)
    return lambda _ours, theirs: theirs == tidied


def _tidy(value: Any) -> Any:
    """Return texts with single blanks, none at separators, None as the empty text: it keeps line breaks as printed."""
    if isinstance(value, dict):
        return {name: _tidy(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_tidy(inner) for inner in value]
    # What it joins with "; ", " / " and ":" it does not strip.
    return re.sub(r" ?([;:/*]) ?", r"\1", squeezed(value) or "")


# ---------------------------------------------------------------------------------------------
# How it flattens texts
# ---------------------------------------------------------------------------------------------


def _fragment(text: str | None, markup: str | None) -> str:
    return markup or escape(text or "")


def _all_text(fragment: str) -> str:
    return plain(fragment) or ""


def _one_level(fragment: str) -> str:
    """Return a text as ``stringify_children`` does: markup inside markup is lost with its text."""
    tree = tree_of(fragment)
    return "".join([tree.text or "", *(f"{child.text or ''}{child.tail or ''}" for child in tree)])


def _to_first_tag(fragment: str) -> str:
    """Return a text as ``.text`` does."""
    return tree_of(fragment).text or ""


_NESTED = ("markup inside markup is deleted with its text", "theirs")
_CUT = ("a text is cut at its first tag", "theirs")


# ---------------------------------------------------------------------------------------------
# Field by field
# ---------------------------------------------------------------------------------------------


def sayings(a: Article, theirs: dict[str, Any], record: bytes) -> Iterator[Saying]:
    """Yield every field of theirs beside what our record holds in its form."""
    journal = a.journal or Journal()
    title, vernacular = _fragment(a.title, a.title_markup), _fragment(a.vernacular_title, a.vernacular_title_markup)
    plainly = {
        "pmid": str(a.pmid),
        "journal": journal.title,
        "pages": a.medline_pgn,
        "publication_types": "; ".join(f"{p.ui or ''}:{p.name}" for p in a.publication_types),
        "chemical_list": "; ".join(f"{s.ui or ''}:{s.name}" for s in a.substances),
        "languages": ";".join(a.languages),
        "medline_ta": journal.medline_ta,
        "nlm_unique_id": journal.nlm_unique_id,
        "issn_linking": journal.issn_linking,
        "country": journal.country,
        "grants": [
            {"grant_id": g.grant_id, "grant_acronym": g.acronym, "country": g.country, "agency": g.agency}
            for g in a.grants
        ],
    }
    for name, right in plainly.items():
        yield name, theirs[name], right, []
    yield "title", theirs["title"], _all_text(title), [(*_NESTED, _one_level(title))]
    said = theirs["vernacular_title"]
    yield "vernacular_title", said, _all_text(vernacular), [(*_NESTED, _one_level(vernacular))]
    yield "abstract", theirs["abstract"], *_abstract(a, record)
    yield "issue", theirs["issue"], *_issue(journal)
    yield "pubdate", theirs["pubdate"], *_pubdate(a)
    yield "mesh_terms", theirs["mesh_terms"], *_mesh(a)
    yield "keywords", theirs["keywords"], *_keywords(a)
    yield "doi", theirs["doi"], *_doi(a)
    yield from _other_ids(a, theirs)
    yield from _authors(a, theirs["authors"])
    yield from _references(a, theirs["references"], record)


def _abstract(a: Article, record: bytes) -> tuple[object, list[Reason]]:
    reasons: list[Reason] = [(*_NESTED, _abstract_of(a, _one_level))]
    if not a.abstract:
        reasons.append(("a copyright line alone is taken for the abstract", "theirs", a.abstract_copyright))
    elif b'Label="' in record:
        texts = etree.fromstring(record).findall("MedlineCitation/Article/Abstract/AbstractText")
        for flatten in ("".join(text.itertext()) for text in texts), map(stringify_children, texts):
            printed = [(text.get("Label"), said.strip()) for text, said in zip(texts, flatten, strict=True)]
            reasons.append(("an empty section is left out with its label", "ours, on purpose", _assembled(printed)))
    return _abstract_of(a, _all_text), reasons


def _abstract_of(a: Article, flatten: Any) -> str:
    return _assembled([(s.label, flatten(_fragment(s.text, s.markup)).strip()) for s in a.abstract])


def _assembled(sections: list[tuple[str | None, str]]) -> str:
    """Return labels and texts in their form."""
    if len(sections) == 1:
        return sections[0][1]
    parts = [part for label, text in sections for part in ("" if label == "UNASSIGNED" else label, text)]
    return "\n".join(part for part in parts if part)


def _issue(journal: Journal) -> tuple[object, list[Reason]]:
    volume, issue = journal.volume or "", journal.issue or ""
    right = f"{volume}({issue})" if volume or issue else ""
    return right, [("without a volume the issue is lost", "theirs", f"{volume}({issue})" if volume else "")]


def _pubdate(a: Article) -> tuple[object, list[Reason]]:
    """Return the date as they print it; a season or a MedlineDate becomes its first year there."""
    if a.pub_date is None:
        return "", []
    words = a.pub_date.verbatim.split()
    right = _dashed(words) if a.pub_date.precision in {"year", "month", "day"} else a.pub_date.verbatim
    years = re.findall(r"\d{4}", a.pub_date.verbatim)
    return right, [("a season or MedlineDate is cut to its first year", "theirs", years[0] if years else "")]


def _dashed(words: list[str]) -> str:
    month = [f"{_MONTHS.index(word) + 1:02}" if word in _MONTHS else word.zfill(2) for word in words[1:2]]
    return "-".join([*words[:1], *month, *(day.zfill(2) for day in words[2:3])])


def _mesh(a: Article) -> tuple[object, list[Reason]]:
    def said(*, with_stars: bool) -> str:
        return "; ".join(
            " / ".join(
                [
                    f"{m.descriptor_ui or ''}:{m.descriptor}{'*' if m.major_topic and with_stars else ''}",
                    *(f"{q.ui or ''}:{q.name}{'*' if q.major_topic else ''}" for q in m.qualifiers),
                ]
            )
            for m in a.mesh_headings
        )

    return said(with_stars=True), [
        ("a descriptor that is a major topic is not marked", "theirs", said(with_stars=False))
    ]


def _keywords(a: Article) -> tuple[object, list[Reason]]:
    lists = [list(group) for _, group in groupby(a.keywords, key=lambda word: word.owner)]
    every, first = list(a.keywords), lists[0] if lists else []

    def said(words: list[Keyword], flatten: Any, *, with_empty: bool = False) -> str:
        texts = (flatten(_fragment(word.term, word.markup)) for word in words)
        return "; ".join(text for text in texts if text or with_empty)

    return said(every, _all_text), [
        (*_CUT, said(every, _to_first_tag)),
        # Where white space stands before the first tag, it is what is left of the keyword.
        (*_CUT, said(every, _to_first_tag, with_empty=True)),
        ("only the first list of keywords is read", "theirs", said(first, _all_text)),
        ("only the first list of keywords is read", "theirs", said(first, _to_first_tag)),
    ]


def _doi(a: Article) -> tuple[object, list[Reason]]:
    """Their DOI is the last ELocationID's, whatever it is; without one that of ArticleIdList."""
    listed = [i.value for i in a.article_ids if i.id_type == "doi"]
    if not a.elocations:
        return a.doi, [("a DOI in lower case", "ours, on purpose", listed[0] if listed else "")]
    last = a.elocations[-1]
    if last.id_type != "doi":
        return a.doi, [("a pii that comes last hides the DOI", "theirs", "")]
    if not last.is_valid:
        return a.doi, [("a DOI marked as invalid is taken", "theirs", last.value)]
    if last.value.lower() == a.doi:
        return a.doi, [("a DOI in lower case", "ours, on purpose", last.value)]
    return a.doi, [("ELocationID and ArticleIdList disagree; we take ArticleIdList", "ours, on purpose", last.value)]


def _other_ids(a: Article, theirs: dict[str, Any]) -> Iterator[Saying]:
    texts = [other.text for other in a.other_ids]
    of_pmc = [text for text in texts if "PMC" in text]
    lost = "the PMC id is looked for among OtherID alone, where it stood in old files"
    yield "pmc", theirs["pmc"], a.pmcid, [(lost, "theirs", of_pmc[-1] if of_pmc else "")]
    yield "other_id", theirs["other_id"], "; ".join(text for text in texts if text not in of_pmc), []


def _authors(a: Article, theirs: list[dict[str, str]]) -> Iterator[Saying]:
    yield "authors", [""] * len(theirs), [""] * len(a.authors), []
    for person, other in zip(a.authors, theirs, strict=False):
        blank: list[Reason] = [("a collective author is blank", "theirs", "")] if person.collective_name else []
        yield "authors: lastname", other["lastname"], person.collective_name or person.last_name, blank
        old: Reason = ("FirstName and MiddleName of files before 2003 are not read", "theirs", "")
        yield "authors: forename", other["forename"], person.fore_name, [old]
        yield "authors: initials", other["initials"], person.initials, []
        yield "authors: identifier", other["identifier"], *_identifier(person, other["identifier"])
        yield "authors: affiliation", other["affiliation"], *_affiliation(person)


def _identifier(person: Author, theirs: str) -> tuple[object, list[Reason]]:
    values = [identifier.value for identifier in person.identifiers]
    reasons: list[Reason] = []
    if values and _digits(theirs) == _digits(values[0]) and person.identifiers[0].source == "ORCID":
        reasons.append(("an ORCID in its one form", "ours, on purpose", theirs))
    if len(values) > 1:
        reasons.append(("only the first identifier is read", "theirs", values[0]))
    if not values:
        inner = [identifier.value for place in person.affiliations for identifier in place.identifiers]
        reasons += [("an affiliation's identifier is the author's", "theirs", value) for value in inner[:1]]
    return values[0] if len(values) == 1 else values or "", reasons


def _digits(text: str) -> str:
    return re.sub(r"[^0-9X]", "", text.upper())[-16:]


def _affiliation(person: Author) -> tuple[object, list[Reason]]:
    places = [_fragment(place.text, place.markup) for place in person.affiliations]
    texts = [_all_text(place) for place in places]
    if not texts:
        return "", []
    reasons: list[Reason] = [
        ("only the first affiliation is read", "theirs", texts[0]),
        (*_CUT, _to_first_tag(places[0])),
        ("a sentence is deleted from affiliations", "theirs", texts[0].replace(_LEFT_OUT, "")),
        ("Author/Affiliation and Article/Affiliation of old files are not read", "theirs", ""),
    ]
    return texts[0] if len(texts) == 1 else texts, reasons


def _references(a: Article, theirs: list[dict[str, str]], record: bytes) -> Iterator[Saying]:
    cited = list(a.references)
    if len(cited) != len(theirs):
        first = etree.fromstring(record).find("PubmedData/ReferenceList")
        n_direct = 0 if first is None else len(first.findall("Reference"))
        reason = "only the first list of references is read, without the lists in it"
        yield "references", len(theirs) * ["r"], len(cited) * ["r"], [(reason, "theirs", n_direct * ["r"])]
        return
    for reference, other in zip(cited, theirs, strict=True):
        fragment = _fragment(reference.citation, reference.markup)
        reasons: list[Reason] = [
            ("no-break blanks at the ends are the author's and stay", "ours, on purpose", _all_text(fragment).strip()),
            (*_CUT, _to_first_tag(fragment).strip()),
        ]
        yield "references: citation", other["citation"], _all_text(fragment), reasons
        pmids = [found.value for found in reference.ids if found.id_type == "pubmed"]
        first_only: list[Reason] = [("of several PMIDs only the first is read", "theirs", pmids[0])] if pmids else []
        yield "references: pmid", other["pmid"], pmids[0] if len(pmids) == 1 else pmids or "", first_only
