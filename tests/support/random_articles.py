"""
Hypothesis strategies for whole ``Article`` records, every field of them, as PubMed XML can say them.

What follows from something else (the plain text from the markup, the DOI from the ids, the dates PubMed
searches by from the history) is worked out here a second time, by other means than the parser's.
"""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from her2lit.records import (
    AbstractSection,
    Affiliation,
    Article,
    ArticleDate,
    ArticleId,
    Author,
    Book,
    BookLink,
    BookSection,
    CommentCorrection,
    DatabankAccession,
    ELocation,
    Grant,
    HistoryDate,
    Identifier,
    ItemList,
    Journal,
    Keyword,
    LinkedObject,
    MeshHeading,
    OtherAbstract,
    OwnedText,
    PersonalNameSubject,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
    SupplementaryMesh,
)

MATHML = "http://www.w3.org/1998/Math/MathML"
#: What XML has to escape, what may stand in XML and looks like white space but is none, scripts read
#: from the right, letters with marks of their own, letters beyond 16 bits, numbers that are no digits.
_AWKWARD = "<>&\"';]=-+/^_\u00a0\u2009\u200b\u0085\u2028\u00ad\u0301\u0327\u05d0\u0627\u4e2d\U0001f9ec\U0001d538\u00b2\u2162\u00df\u0130\ufeff\ufffd\x7f"
_CHARACTERS = st.one_of(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789"),
    st.sampled_from(_AWKWARD),
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff \u2028"),
)
_WORD = st.text(_CHARACTERS, min_size=1, max_size=8)
#: A text as it stands in a leaf or an attribute: single blanks, none at the ends.
TEXT = st.lists(_WORD, min_size=1, max_size=4).map(" ".join)
SOME_TEXT = st.none() | TEXT
_ENTITIES_SPELLED = st.sampled_from(["&amp;", "&lt;b&gt;", "]]>", "<!--", "<![CDATA[", "&#0;", 'a="b"', "/>", "<?x"])
LEAF = st.one_of(TEXT, TEXT, _ENTITIES_SPELLED)
SOME_LEAF = st.none() | LEAF


def few(strategy, most=3):
    """Return a strategy for tuples of up to *most*."""
    return st.lists(strategy, max_size=most).map(tuple)


# ---------------------------------------------------------------------------------------------
# Mixed content: pairs of (what is read as text, what stands in the XML)
# ---------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    """Return *text* as lxml writes it between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _token(name):
    return TEXT.map(lambda text: (text, f"<mml:{name}>{escaped(text)}</mml:{name}>"))


_TOKENS = st.one_of(_token("mi"), _token("mn"), _token("mo"), _token("mtext"))


def _joined(name, joint):
    def build(pair):
        (left, left_xml), (right, right_xml) = pair
        return f"{left}{joint}{right}", f"<mml:{name}>{left_xml}{right_xml}</mml:{name}>"

    return lambda inner: st.tuples(inner, inner).map(build)


def _row(name, pattern="{}"):
    def build(parts):
        return pattern.format(
            " ".join(text for text, _ in parts)
        ), f"<mml:{name}>{''.join(x for _, x in parts)}</mml:{name}>"

    return lambda inner: st.lists(inner, min_size=1, max_size=3).map(build)


def _two_scripts(name):
    def build(three):
        (base, base_xml), (sub, sub_xml), (sup, sup_xml) = three
        return f"{base}_{sub}^{sup}", f"<mml:{name}>{base_xml}{sub_xml}{sup_xml}</mml:{name}>"

    return lambda inner: st.tuples(inner, inner, inner).map(build)


def _with_twin(inner):
    """The same formula once more as TeX, which is left out of the text."""
    return inner.map(
        lambda formula: (
            formula[0],
            f'<mml:semantics>{formula[1]}<mml:annotation encoding="application/x-tex">\\TeX</mml:annotation></mml:semantics>',
        )
    )


_LAYOUTS = (
    _row("mrow"), _row("mstyle"), _row("msqrt", "√({})"),
    _joined("msup", "^"), _joined("msub", "_"), _joined("mfrac", "/"), _joined("munder", "_"), _joined("mover", "^"),
    _two_scripts("msubsup"), _two_scripts("munderover"), _with_twin,
)  # fmt: skip
_FORMULA = st.recursive(_TOKENS, lambda inner: st.one_of([layout(inner) for layout in _LAYOUTS]), max_leaves=5)


class Mixed:
    """Text with markup, put together piece by piece in document order."""

    def __init__(self) -> None:
        self.text, self.xml, self.has_markup = "", "", False

    def add_text(self, text: str) -> None:
        self.text += text
        self.xml += escaped(text)

    def add_inline(self, name: str, pieces: list) -> None:
        """A script that begins with a digit, right after a digit, is told from it by ^ or _."""
        inner = Mixed()
        before = self.text[-1:]
        inner.text = before
        for piece in pieces:
            piece(inner)
        own = inner.text[len(before) :]
        mark = {"sup": "^", "sub": "_"}.get(name, "")
        is_number = own.lstrip("+-\u2212\u2013")[:1].isdigit()
        self.text += (mark if is_number and before.isdigit() else "") + own
        self.xml += f"<{name}>{inner.xml}</{name}>" if inner.xml else f"<{name}/>"
        self.has_markup = True

    def add_formula(self, text: str, xml: str, *, is_displayed: bool) -> None:
        """A formula never touches a letter or digit beside it."""
        self._apart(text)
        self.xml += f"<DispFormula>{xml}</DispFormula>" if is_displayed else xml
        self.has_markup = True

    def add_text_after_formula(self, text: str) -> None:
        self._apart(text)
        self.xml += escaped(text)

    def _apart(self, text: str) -> None:
        is_touching = text[:1].isalnum() and self.text[-1:].isalnum()
        self.text += (" " if is_touching else "") + text


_BLANKED = st.tuples(st.booleans(), TEXT, st.booleans()).map(lambda t: " " * t[0] + t[1] + " " * t[2])
_NUMBERS = st.sampled_from(["10", "6", "-3", "+2", "CD4", "1.5 × 10", "\u22126"])
_TEXT_PIECE = st.one_of(_BLANKED, _NUMBERS).map(lambda text: lambda mixed: mixed.add_text(text))


def _inline(inner):
    names = st.sampled_from(["i", "b", "sub", "sup", "sup", "u"])
    return st.tuples(names, st.lists(inner, max_size=3)).map(
        lambda pair: lambda mixed: mixed.add_inline(pair[0], pair[1])
    )


_INLINE_PIECE = st.recursive(_TEXT_PIECE, _inline, max_leaves=4)


def _formula_piece(formula, is_displayed, tail):
    def piece(mixed):
        text, inner = formula
        mixed.add_formula(text, f'<mml:math xmlns:mml="{MATHML}">{inner}</mml:math>', is_displayed=is_displayed)
        mixed.add_text_after_formula(tail)

    return piece


_MATH_PIECE = st.builds(_formula_piece, _FORMULA, st.just(False), _BLANKED | _NUMBERS)
_DISPLAYED_PIECE = st.builds(_formula_piece, _FORMULA, st.booleans(), _BLANKED | _NUMBERS)


def _squeezed(text: str) -> str:
    """Return *text* with runs of XML white space as one blank, none at the ends; other blanks stay."""
    for blank in "\t\r\n":
        text = text.replace(blank, " ")
    return " ".join(part for part in text.split(" ") if part)


def mixed(*, math=False, formulas_on_their_own=False):
    """Return a strategy for (text, markup or None) pairs."""
    pieces = [_TEXT_PIECE, _TEXT_PIECE, _INLINE_PIECE]
    if math:
        pieces.append(_DISPLAYED_PIECE if formulas_on_their_own else _MATH_PIECE)

    def build(chosen):
        content = Mixed()
        for piece in chosen:
            piece(content)
        text = _squeezed(content.text)
        return (text, _squeezed(content.xml) if content.has_markup else None) if text else None

    with_markup = st.lists(st.one_of(pieces), min_size=1, max_size=5).map(build).filter(lambda pair: pair is not None)
    return st.one_of(LEAF.map(lambda text: (text, None)), with_markup)


_MIXED, _MIXED_MATH = mixed(), mixed(math=True)
_SOME_MIXED, _SOME_MIXED_MATH = st.just((None, None)) | _MIXED, st.just((None, None)) | _MIXED_MATH
_MIXED_ABSTRACT = mixed(math=True, formulas_on_their_own=True)


# ---------------------------------------------------------------------------------------------
# Dates
# ---------------------------------------------------------------------------------------------

_DAYS = st.dates(min_value=date(1500, 1, 1), max_value=date(2199, 12, 31))
_SEASONS = {"Winter": (1, 3), "Spring": (4, 6), "Summer": (7, 9), "Fall": (10, 12), "Autumn": (10, 12)}


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _pub_date(day: date, until: date, form: str, season: str) -> PubDate:
    """Return a date in one of the forms NLM prints, with the days that form can mean."""
    first, last = sorted((day, until))
    names = [calendar.month_abbr[end.month] for end in (first, last)]
    year = str(first.year)
    if form == "day":
        return PubDate(verbatim=f"{year} {names[0]} {first.day}", start=first, end=first, precision="day")
    if form == "month":
        start, end = first.replace(day=1), _last_day(first.year, first.month)
        return PubDate(verbatim=f"{year} {names[0]}", start=start, end=end, precision="month")
    if form == "season":
        begin, finish = _SEASONS[season]
        start, end = date(first.year, begin, 1), _last_day(first.year, finish)
        return PubDate(verbatim=f"{year} {season}", start=start, end=end, precision="season")
    if form == "months" and (first.year, first.month) != (last.year, last.month):
        start, end = first.replace(day=1), _last_day(last.year, last.month)
        middle = f"-{names[1]}" if first.year == last.year else f"-{last.year} {names[1]}"
        return PubDate(verbatim=f"{year} {names[0]}{middle}", start=start, end=end, precision="range")
    if form == "nonsense":
        return PubDate(verbatim="no date", start=None, end=None, precision="unknown")
    return PubDate(verbatim=year, start=date(first.year, 1, 1), end=date(first.year, 12, 31), precision="year")


PUB_DATES = st.builds(
    _pub_date,
    _DAYS,
    _DAYS,
    st.sampled_from(["day", "month", "season", "months", "year", "nonsense"]),
    st.sampled_from(sorted(_SEASONS)),
)
SOME_PUB_DATE = st.none() | PUB_DATES


def _printed_day(day: date | None) -> dict:
    """Return date and verbatim; None is printed as a day the calendar has not."""
    return {"on": day, "verbatim": f"{day.year}-{day.month}-{day.day}" if day else "2021-2-30"}


_PRINTED_DAYS = (_DAYS | st.none()).map(_printed_day)
_CLOCK = st.none() | st.integers(0, 59)
_HISTORY = st.builds(
    lambda status, printed, hour, minute, second: HistoryDate(
        status=status, **printed, hour=hour, minute=minute, second=second
    ),
    st.sampled_from(
        ["received", "accepted", "revised", "pubmed", "entrez", "medline", "pmc-release", "newly-invented"]
    ),
    _PRINTED_DAYS,
    _CLOCK,
    _CLOCK,
    _CLOCK,
)


# ---------------------------------------------------------------------------------------------
# Parts
# ---------------------------------------------------------------------------------------------


def _section(content, label, category):
    return AbstractSection(label=label, nlm_category=category, text=content[0], markup=content[1])


_SECTIONS = st.builds(_section, _MIXED_ABSTRACT, SOME_TEXT, st.none() | st.sampled_from(["METHODS", "UNASSIGNED"]))
_OTHER_ABSTRACTS = st.builds(
    OtherAbstract,
    type=SOME_TEXT,
    language=st.sampled_from(["eng", "fre", "chi"]),
    sections=few(_SECTIONS, 2),
    copyright=SOME_LEAF,
)
_JOURNALS = st.builds(
    Journal,
    **dict.fromkeys(
        (
            *("title", "iso_abbreviation", "medline_ta", "nlm_unique_id", "issn", "issn_type", "issn_linking"),
            *("country", "volume", "issue", "cited_medium"),
        ),
        SOME_LEAF,
    ),
)


def orcid(number: int) -> str:
    """Return a well-formed ORCID: ISO 7064 MOD 11-2, by its definition that the whole is 1 modulo 11."""
    digits = f"{number:015d}"
    value = sum(int(digit) * 2 ** (15 - place) for place, digit in enumerate(digits))
    check = (1 - value) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[at : at + 4] for at in (0, 4, 8, 12))


_ORCIDS = st.integers(0, 10**15 - 1).map(lambda number: Identifier(source="ORCID", value=orcid(number)))
_BAD_ORCIDS = _ORCIDS.map(
    lambda i: Identifier(source="ORCID", value=i.value[:-1] + ("0" if i.value[-1] != "0" else "1"))
)
_OTHER_IDENTIFIERS = st.builds(
    Identifier, source=st.none() | st.sampled_from(["GRID", "ISNI", "RINGGOLD", "odd source"]), value=LEAF
)
_IDENTIFIERS = st.one_of(_ORCIDS, _BAD_ORCIDS, _OTHER_IDENTIFIERS)
_AFFILIATIONS = st.builds(
    lambda content, identifiers: Affiliation(text=content[0], markup=content[1], identifiers=identifiers),
    _MIXED,
    few(_IDENTIFIERS, 2),
)


def _is_right_orcid(value: str) -> bool:
    digits = value.replace("-", "")
    total = 0
    for digit in digits:
        total = (total * 2 + (10 if digit == "X" else int(digit))) % 11
    return total == 1


def _with_orcid(values):
    own = [i.value for i in values["identifiers"] if i.source == "ORCID" and _is_right_orcid(i.value)]
    return Author(**values, orcid=own[0] if own else None)


_OF_ANYBODY = {
    "identifiers": few(_IDENTIFIERS, 2),
    "affiliations": few(_AFFILIATIONS, 2),
    "is_valid": st.booleans(),
}
_NAMES = {
    "last_name": SOME_LEAF, "fore_name": SOME_LEAF, "initials": SOME_LEAF,
}  # fmt: skip


def _flat(values, **pairs):
    """Put the (text, markup) pairs into *values* under their names."""
    found = dict(values)
    for name, pair in pairs.items():
        found[name], found[f"{name}_markup"] = pair
    return found


def _people_with(extra):
    return st.fixed_dictionaries({**_OF_ANYBODY, **extra})


_CONTRIBUTION = {"has_equal_contribution": st.booleans()}
_PERSONS = st.builds(
    lambda values, suffix: _with_orcid(_flat(values, suffix=suffix)),
    _people_with({**_NAMES, **_CONTRIBUTION}),
    _SOME_MIXED,
)
_GROUPS = st.builds(
    lambda values, name: _with_orcid(_flat(values, collective_name=name)),
    _people_with({**_CONTRIBUTION, "group_id": SOME_TEXT}),
    _MIXED,
)
AUTHORS = _PERSONS | _GROUPS
INVESTIGATORS = st.builds(
    lambda values, suffix: _with_orcid(_flat(values, suffix=suffix)),
    _people_with({**_NAMES, "group_id": SOME_TEXT}),
    _SOME_MIXED,
)

_QUALIFIERS = st.builds(Qualifier, name=LEAF, ui=SOME_TEXT, major_topic=st.booleans(), is_auto=st.booleans())
_HEADINGS = st.builds(
    MeshHeading,
    descriptor=LEAF,
    descriptor_ui=SOME_TEXT,
    major_topic=st.booleans(),
    type=st.none() | st.just("Geographic"),
    is_auto=st.booleans(),
    qualifiers=few(_QUALIFIERS),
)
_KEYWORDS = st.builds(
    lambda content, owner, is_major: Keyword(term=content[0], markup=content[1], owner=owner, major_topic=is_major),
    _MIXED_MATH,
    st.sampled_from(["NLM", "NOTNLM", "NASA"]),
    st.booleans(),
)
PMIDS = st.integers(1, 999_999_999)


def _link(ref_type, source, numbers, note):
    pmid, version = numbers
    return CommentCorrection(ref_type=ref_type, ref_source=source, pmid=pmid, pmid_version=version, note=note)


_LINKS = st.builds(
    _link,
    st.sampled_from(["RetractionIn", "ErratumFor", "ExpressionOfConcernIn", "Cites", "NewlyInvented"]),
    SOME_LEAF,
    st.just((None, None)) | st.tuples(PMIDS, st.none() | st.integers(1, 9)),
    SOME_LEAF,
)
_OTHER_IDS = st.builds(ArticleId, id_type=st.sampled_from(["pii", "mid", "pmcid", "sici", "bookaccession"]), value=LEAF)
_ANY_ID = st.one_of(
    _OTHER_IDS,
    PMIDS.map(lambda pmid: ArticleId(id_type="pubmed", value=str(pmid))),
    st.just(ArticleId(id_type="doi", value="10.1234/Cited.DOI")),
)
_REFERENCES = st.builds(
    lambda content, ids, title: Reference(citation=content[0], markup=content[1], ids=ids, list_title=title),
    _SOME_MIXED_MATH,
    few(_ANY_ID, 2),
    SOME_LEAF,
)
_ELOCATIONS = st.builds(
    ELocation, id_type=st.sampled_from(["pii", "doi", None]), value=LEAF, is_valid=st.booleans()
).filter(lambda place: "10." not in place.value)
_DOIS = st.integers(1, 9999).map(lambda number: f"10.1234/Some.DOI({number})")
_PMCIDS = st.integers(1, 99_999_999).map(lambda number: f"PMC{number}")


def _ids_and_places(places, ids, dois, doi_is_where, pmcid):
    """Return the ids in both places, and which DOI and PMCID are the record's own."""
    own, (doi, invalid_doi) = None, dois
    if invalid_doi:
        places = (ELocation(id_type="doi", value=invalid_doi, is_valid=False), *places)
    if doi and doi_is_where != "list":
        places, own = (*places, ELocation(id_type="doi", value=doi, is_valid=True)), doi.lower()
    if doi and doi_is_where != "place":
        ids, own = (*ids, ArticleId(id_type="doi", value=doi)), doi.lower()
    if pmcid:
        ids = (ArticleId(id_type="pmc", value=pmcid), *ids)
    return {"elocations": places, "article_ids": ids, "doi": own, "pmcid": pmcid}


_IDS = st.builds(
    _ids_and_places,
    few(_ELOCATIONS, 2),
    few(_OTHER_IDS, 2),
    st.tuples(st.none() | _DOIS, st.none() | _DOIS),
    st.sampled_from(["list", "place", "both"]),
    st.none() | _PMCIDS,
)
_OWNED = {"text": LEAF}
_PARAM_TEXTS = st.one_of(st.none(), LEAF)
_OBJECTS = st.builds(LinkedObject, type=SOME_TEXT, params=few(st.tuples(SOME_TEXT, _PARAM_TEXTS), 2))


# ---------------------------------------------------------------------------------------------
# Books
# ---------------------------------------------------------------------------------------------

_BOOK_LINKS = st.none() | st.builds(BookLink, book=SOME_TEXT, part=SOME_TEXT, sec=SOME_TEXT).filter(
    lambda link: link != BookLink()
)


def _nested(sections):
    """Give the sections depths that a tree can have: the first 0, none deeper than its predecessor by two."""
    depth, fitting = -1, []
    for section in sections:
        depth = min(section.depth, depth + 1)
        fitting.append(replace(section, depth=depth))
    return tuple(fitting)


_BOOK_SECTIONS = few(
    st.builds(
        lambda title, depth, link, label: BookSection(
            **_flat({}, title=title), depth=depth, link=link if title[0] else None, label=label[0], label_type=label[1]
        ),
        _SOME_MIXED,
        st.integers(0, 3),
        _BOOK_LINKS,
        st.just((None, None)) | st.tuples(LEAF, SOME_TEXT),
    ),
    4,
).map(_nested)


def _book(values, names):
    found = _flat(values, **names)
    for name, is_complete in zip(("editors", "authors"), found.pop("are_complete"), strict=True):
        found[f"{name}_complete"] = is_complete if found[name] else None
    for name in ("title", "collection_title"):
        if found[name] is None:
            found[f"{name}_link"] = None
    return Book(**found)


_BOOKS = st.builds(
    _book,
    st.fixed_dictionaries(
        {
            **dict.fromkeys(("publisher_location", "edition", "volume", "medium", "report_number"), SOME_LEAF),
            **dict.fromkeys(("pub_date", "beginning_date", "ending_date", "contribution_date"), SOME_PUB_DATE),
            **dict.fromkeys(("title_link", "collection_title_link"), _BOOK_LINKS),
            "isbns": few(LEAF, 2),
            **dict.fromkeys(("editors", "authors"), few(AUTHORS, 2)),
            "are_complete": st.tuples(st.booleans(), st.booleans()),
            "investigators": few(INVESTIGATORS, 2),
            "elocations": few(_ELOCATIONS, 2),
            "location_labels": few(st.tuples(SOME_TEXT, SOME_LEAF), 2),
            "sections": _BOOK_SECTIONS,
            "item_lists": few(st.builds(ItemList, type=SOME_TEXT, items=few(LEAF)), 2),
        }
    ),
    st.fixed_dictionaries(
        {
            **dict.fromkeys(("title", "collection_title"), _SOME_MIXED_MATH),
            **dict.fromkeys(("publisher", "volume_title"), _SOME_MIXED),
        }
    ),
)


# ---------------------------------------------------------------------------------------------
# Whole records
# ---------------------------------------------------------------------------------------------


def _first_day(history, status):
    return next((day.on for day in history if day.status == status and day.on is not None), None)


_IN_BOTH = {
    "pmid": PMIDS,
    "pmid_version": st.integers(1, 9),
    "title": _SOME_MIXED_MATH,
    "vernacular_title": _SOME_MIXED_MATH,
    "abstract": few(_SECTIONS),
    "abstract_copyright": SOME_LEAF,
    "languages": few(LEAF, 2),
    "authors": few(AUTHORS),
    "author_list_type": st.none() | st.sampled_from(["authors", "editors"]),
    "is_complete": st.tuples(st.booleans(), st.booleans(), st.booleans()),
    "investigators": few(INVESTIGATORS, 2),
    "publication_types": few(st.builds(PublicationType, name=LEAF, ui=SOME_TEXT)),
    "keywords": few(_KEYWORDS),
    "grants": few(st.builds(Grant, **dict.fromkeys(("grant_id", "acronym", "agency", "country"), SOME_LEAF)), 2),
    "references": few(_REFERENCES),
    "history": few(_HISTORY),
    "publication_status": SOME_LEAF,
    "date_revised": st.none() | _DAYS,
    "objects": few(_OBJECTS, 2),
    "ids": _IDS,
    **dict.fromkeys(("start_page", "end_page", "medline_pgn"), SOME_LEAF),
}
_IN_ARTICLES = {
    "journal": _JOURNALS,
    "pub_date": SOME_PUB_DATE,
    "article_dates": few(
        st.builds(lambda kind, printed: ArticleDate(date_type=kind, **printed), SOME_TEXT, _PRINTED_DAYS), 2
    ),
    "other_abstracts": few(_OTHER_ABSTRACTS, 2),
    "date_completed": st.none() | _DAYS,
    "medline_created": st.none() | _DAYS,
    **dict.fromkeys(("status", "indexing_method", "version_date", "version_id", "pub_model"), SOME_TEXT),
    "owner": st.sampled_from(["NLM", "NASA", "KIE"]),
    "mesh_headings": few(_HEADINGS),
    "supplementary_mesh": few(st.builds(SupplementaryMesh, name=LEAF, ui=SOME_TEXT, type=SOME_TEXT), 2),
    "substances": few(
        st.builds(Substance, name=LEAF, ui=SOME_TEXT, registry_number=SOME_LEAF.filter(lambda number: number != "0")), 2
    ),
    "databank_accessions": few(st.builds(DatabankAccession, databank=LEAF, accession=SOME_LEAF), 3),
    "comments_corrections": few(_LINKS),
    "citation_subsets": few(LEAF, 2),
    "gene_symbols": few(LEAF, 2),
    "personal_name_subjects": few(
        st.builds(
            lambda values, suffix: PersonalNameSubject(**_flat(values, suffix=suffix)),
            st.fixed_dictionaries(_NAMES),
            _SOME_MIXED,
        ),
        2,
    ),
    "other_ids": few(st.builds(OwnedText, source=SOME_TEXT, **_OWNED), 2),
    "general_notes": few(st.builds(OwnedText, source=st.sampled_from(["NLM", "KIE"]), **_OWNED), 2),
    "space_flight_missions": few(LEAF, 2),
    "number_of_references": SOME_LEAF,
    "coi_statement": _SOME_MIXED,
}


def _record(kind, values):
    values = dict(values)
    for name in ("title", "vernacular_title", "coi_statement"):
        if name in values:
            values[name], values[f"{name}_markup"] = values[name]
    authors, grants, databanks = values.pop("is_complete")
    values["authors_complete"] = authors if values["authors"] else None
    values["author_list_type"] = values["author_list_type"] if values["authors"] else None
    values["grants_complete"] = grants if values["grants"] else None
    if values.get("databank_accessions"):
        values["databanks_complete"] = databanks
    if values.get("book") is not None:
        link = values.pop("chapter_link")
        book = values["book"]
        values["book"] = Book(
            **{name: getattr(book, name) for name in Book.__dataclass_fields__ if name != "chapter_link"},
            chapter_link=link if values["title"] else None,
        )
    ids, history = values.pop("ids"), values["history"]
    if kind == "book":
        # ELocationID stands in Book there, and names the book, not the chapter.
        in_list = any(found.id_type == "doi" for found in ids["article_ids"])
        ids = {**ids, "elocations": (), "doi": ids["doi"] if in_list else None}
    return Article(
        kind=kind,
        **values,
        **ids,
        created_date=_first_day(history, "entrez"),
        entry_date=_first_day(history, "pubmed"),
        mesh_date=_first_day(history, "medline"),
    )


def _records_of(kind, fields):
    return st.fixed_dictionaries(fields).map(lambda values: _record(kind, values))


ARTICLES = _records_of("article", {**_IN_BOTH, **_IN_ARTICLES})
BOOK_RECORDS = _records_of("book", {**_IN_BOTH, "book": _BOOKS, "chapter_link": _BOOK_LINKS})
#: Deferred, because Hypothesis prints strategies beside its failures and this one is long.
RECORDS = st.deferred(lambda: st.one_of(ARTICLES, ARTICLES, BOOK_RECORDS))


def some_records(n_records: int) -> list[Article]:
    """Return about *n_records* random records, no two alike, numbered from 1: a list drawn at once would be too long."""
    found: dict[Article, None] = {}

    @settings(
        max_examples=n_records,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(article=RECORDS)
    def gather(article):
        found[article] = None

    gather()
    return [replace(article, pmid=number) for number, article in enumerate(found, start=1)]
