"""Whether a record is retracted, under concern, corrected, or the notice that says so of another."""

from __future__ import annotations

from her2lit.records import Article

#: RefType -> status; the type alone counts, with or without the other record's PMID.
_BY_REF_TYPE = {
    "RetractionIn": "retracted",
    "RetractionOf": "retraction_notice",
    "ErratumIn": "corrected",
    "ErratumFor": "erratum_notice",
    "ExpressionOfConcernIn": "concern",
    "ExpressionOfConcernFor": "concern_notice",
    "CorrectedandRepublishedIn": "corrected",
    "CorrectedRepublishedIn": "corrected",
    "RetractedandRepublishedIn": "retracted",
    "PartialRetractionIn": "retracted",
    "PartialRetractionOf": "retraction_notice",
}
#: Publication type UI -> status; names for records whose types carry no UI.
_BY_TYPE_UI = {
    "D016441": "retracted",
    "D016440": "retraction_notice",
    "D000075742": "concern_notice",
    "D016425": "erratum_notice",
}
_BY_TYPE_NAME = {
    "retracted publication": "retracted",
    "retraction of publication": "retraction_notice",
    "expression of concern": "concern_notice",
    "published erratum": "erratum_notice",
}
_ORDER = ("retracted", "concern", "corrected", "retraction_notice", "concern_notice", "erratum_notice")


def read_integrity(article: Article) -> tuple[str, ...]:
    """Return every integrity status the record carries, gravest first."""
    found = {_BY_REF_TYPE.get(c.ref_type) for c in article.comments_corrections}
    found |= {_BY_TYPE_UI.get(p.ui or "") or _BY_TYPE_NAME.get(p.name.casefold()) for p in article.publication_types}
    return tuple(status for status in _ORDER if status in found)
