"""The exact shapes of E-utilities replies: prologs, element order, line breaks, error documents.

Copied in form from recorded replies of 2024-2025; every success shape must satisfy Biopython's
``Entrez.read``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from her2lit.replica.evaluate import Diagnostics
from her2lit.replica.fields import FIELDS, Field
from her2lit.replica.summary import Item

_PROLOG = '<?xml version="1.0" encoding="UTF-8" ?>\n'
_DTD = "https://eutils.ncbi.nlm.nih.gov/eutils/dtd"
_ESEARCH = (
    f'{_PROLOG}<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" "{_DTD}/20060628/esearch.dtd">\n'
)
_EPOST = f'{_PROLOG}<!DOCTYPE ePostResult PUBLIC "-//NLM//DTD epost 20090526//EN" "{_DTD}/20090526/epost.dtd">'
_EINFO = f'{_PROLOG}<!DOCTYPE eInfoResult PUBLIC "-//NLM//DTD einfo 20190110//EN" "{_DTD}/20190110/einfo.dtd">\n'
# "eEfetchResult" against the root <eFetchResult> is NCBI's own slip, seen in every recorded error.
_EFETCH_ERROR = (
    f'{_PROLOG}<!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch 20131226//EN" "{_DTD}/20131226/efetch.dtd">\n'
)
_ELINK = f'{_PROLOG}<!DOCTYPE eLinkResult PUBLIC "-//NLM//DTD elink 20101123//EN" "{_DTD}/20101123/elink.dtd">\n'
_ESUMMARY = f'{_PROLOG}<!DOCTYPE eSummaryResult PUBLIC "-//NLM//DTD esummary v1 20041029//EN" "{_DTD}/20041029/esummary-v1.dtd">\n'
_RECORDS = (
    b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)
_ROOTS = {
    "einfo": (_EINFO, "eInfoResult"),
    "esearch": (_ESEARCH, "eSearchResult"),
    "epost": (_EPOST + "\n", "ePostResult"),
    "efetch": (_EFETCH_ERROR, "eFetchResult"),
    "esummary": (_ESUMMARY, "eSummaryResult"),
    "elink": (_ELINK, "eLinkResult"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """An ESearch result, ready to print."""

    count: int
    retmax: int
    retstart: int
    pmids: Sequence[int]
    query_translation: str
    diagnostics: Diagnostics
    messages: tuple[str, ...] = ()
    #: (QueryKey, WebEnv) with usehistory=y
    history: tuple[int, str] | None = None


def error_document(utility: str, *messages: str) -> str:
    """Return the XML document a utility reports errors in."""
    prolog, root = _ROOTS[utility]
    errors = "".join(f"\t<ERROR>{escape(message)}</ERROR>\n" for message in messages)
    return f"{prolog}<{root}>\n{errors}</{root}>\n"


def search_result(answer: SearchAnswer) -> str:
    """Return ESearch's XML: Count RetMax RetStart [QueryKey WebEnv] IdList TranslationSet QueryTranslation …."""
    ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in answer.pmids)
    parts = [
        f"<Count>{answer.count}</Count><RetMax>{answer.retmax}</RetMax><RetStart>{answer.retstart}</RetStart>",
        f"<QueryKey>{answer.history[0]}</QueryKey><WebEnv>{answer.history[1]}</WebEnv>" if answer.history else "",
        f"<IdList>\n{ids}</IdList>" if ids else "<IdList/>",
        _translation_set(answer.diagnostics.translations),
        f"<QueryTranslation>{escape(answer.query_translation)}</QueryTranslation>",
        _diagnostic_lists(answer),
    ]
    return f"{_ESEARCH}<eSearchResult>{''.join(parts)}</eSearchResult>\n"


def count_result(count: int) -> str:
    """Return what ``rettype=count`` sends: the number alone, no translation and no warning."""
    return f"{_ESEARCH}<eSearchResult>\n\t<Count>{count}</Count>\n</eSearchResult>\n"


def post_result(query_key: int, web_env: str, invalid_ids: Iterable[str] = ()) -> str:
    """Return EPost's XML."""
    invalid = "".join(f"\t\t<Id>{escape(each)}</Id>\n" for each in invalid_ids)
    invalid_list = f"\t<InvalidIdList>\n{invalid}\t</InvalidIdList>\n" if invalid else ""
    return f"{_EPOST}<ePostResult>\n{invalid_list}\t<QueryKey>{query_key}</QueryKey>\n\t<WebEnv>{web_env}</WebEnv>\n</ePostResult>\n"


def record_set(records: Iterable[bytes]) -> bytes:
    """Return EFetch's XML; with no record the root is there and empty."""
    inside = b"".join(record + b"\n" for record in records)
    return _RECORDS + b"<PubmedArticleSet>" + (b"\n" if inside else b"") + inside + b"</PubmedArticleSet>\n"


def db_list(names: Iterable[str]) -> str:
    """Return EInfo without a database: the names there are."""
    lines = "".join(f"\t<DbName>{name}</DbName>\n" for name in names)
    return f"{_EINFO}<eInfoResult>\n<DbList>\n\n{lines}</DbList>\n\n</eInfoResult>\n"


def db_info(*, build: str, count: int, last_update: str, links: Iterable[tuple[str, str, str]]) -> str:
    """Return EInfo for pubmed: build, count, fields and links, in the element order of the real reply."""
    fields = "".join(_field_info(each) for each in FIELDS if each.is_listed)
    link_list = "".join(
        f"\t\t\t<Link>\n\t\t\t\t<Name>{name}</Name>\n\t\t\t\t<Menu>{menu}</Menu>\n"
        f"\t\t\t\t<Description>{escape(description)}</Description>\n\t\t\t\t<DbTo>pubmed</DbTo>\n\t\t\t</Link>\n"
        for name, menu, description in links
    )
    return (
        f"{_EINFO}<eInfoResult>\n\t<DbInfo>\n\t\t<DbName>pubmed</DbName>\n\t\t<MenuName>PubMed</MenuName>\n"
        f"\t\t<Description>PubMed bibliographic record</Description>\n\t\t<DbBuild>{build}</DbBuild>\n"
        f"\t\t<Count>{count}</Count>\n\t\t<LastUpdate>{last_update}</LastUpdate>\n\t\t<FieldList>\n{fields}\t\t</FieldList>\n"
        f"\t\t<LinkList>\n{link_list}\t\t</LinkList>\n\t</DbInfo>\n</eInfoResult>\n"
    )


def field_facts(each: Field) -> tuple[tuple[str, str], ...]:
    """Return what EInfo tells of one field, in its order."""
    return (
        ("Name", each.name),
        ("FullName", each.full_name),
        ("Description", each.full_name),
        ("TermCount", ""),
        ("IsDate", "Y" if each.kind == "date" else "N"),
        ("IsNumerical", "Y" if each.kind == "pmid" else "N"),
        ("SingleToken", "N" if each.kind == "text" else "Y"),
        ("Hierarchy", "Y" if each.is_exploded else "N"),
        ("IsHidden", "N"),
    )


def _field_info(each: Field) -> str:
    lines = "".join(
        f"\t\t\t\t<{tag}>{escape(value)}</{tag}>\n" if value else f"\t\t\t\t<{tag}/>\n"
        for tag, value in field_facts(each)
    )
    return f"\t\t\t<Field>\n{lines}\t\t\t</Field>\n"


def summary_set(summaries: Iterable[tuple[int, tuple[Item, ...] | None]]) -> str:
    """Return ESummary's XML; a PMID without summary becomes an ERROR in its place."""
    parts = []
    for pmid, items in summaries:
        if items is None:
            parts.append(f"\t<ERROR>UID={pmid}: cannot get document summary</ERROR>\n")
        else:
            inside = "".join(_item(item, "\t") for item in items)
            parts.append(f"<DocSum>\n\t<Id>{pmid}</Id>\n{inside}</DocSum>\n\n")
    return f"{_ESUMMARY}<eSummaryResult>\n{''.join(parts)}</eSummaryResult>\n"


def _item(item: Item, indent: str) -> str:
    name, kind = quoteattr(item.name), quoteattr(item.type)
    if item.items:
        inside = "".join(_item(each, indent + "\t") for each in item.items)
        return f"{indent}<Item Name={name} Type={kind}>\n{inside}{indent}</Item>\n"
    return f"{indent}<Item Name={name} Type={kind}>{escape(item.value)}</Item>\n"


def link_sets(sets: Iterable[tuple[Sequence[int], Mapping[str, Sequence[int]]]]) -> str:
    """Return ELink's XML: (ids, link name -> linked ids) per set; unknown and unlinked ids look the same."""
    return f"{_ELINK}<eLinkResult>\n{''.join(_link_set(ids, links) for ids, links in sets)}</eLinkResult>\n"


def _link_set(ids: Sequence[int], links: Mapping[str, Sequence[int]]) -> str:
    id_list = "".join(f"\t\t<Id>{pmid}</Id>\n" for pmid in ids)
    databases = "".join(
        f"\t<LinkSetDb>\n\t\t<DbTo>pubmed</DbTo>\n\t\t<LinkName>{name}</LinkName>\n"
        + "".join(f"\t\t<Link>\n\t\t\t<Id>{pmid}</Id>\n\t\t</Link>\n" for pmid in linked)
        + "\t</LinkSetDb>\n"
        for name, linked in links.items()
        if linked
    )
    return f"<LinkSet>\n\t<DbFrom>pubmed</DbFrom>\n\t<IdList>\n{id_list}\t</IdList>\n{databases}</LinkSet>\n"


def _translation_set(translations: Sequence[tuple[str, str]]) -> str:
    if not translations:
        return "<TranslationSet/>"
    each = "".join(
        f"<Translation>     <From>{escape(source)}</From>     <To>{escape(target)}</To>    </Translation>"
        for source, target in translations
    )
    return f"<TranslationSet>{each}</TranslationSet>"


def _diagnostic_lists(answer: SearchAnswer) -> str:
    found = answer.diagnostics
    errors = _elements("PhraseNotFound", found.phrases_not_found) + _elements("FieldNotFound", found.fields_not_found)
    warnings = (
        _elements("PhraseIgnored", found.phrases_ignored)
        + _elements("QuotedPhraseNotFound", found.quoted_phrases_not_found)
        + _elements("OutputMessage", answer.messages)
    )
    error_list = f"<ErrorList>{errors}</ErrorList>" if errors else "<ErrorList/>" if found.has_error_list else ""
    return error_list + (f"<WarningList>{warnings}</WarningList>" if warnings else "")


def _elements(name: str, texts: Iterable[str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for text in texts)
