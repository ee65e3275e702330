"""Every element and attribute of NLM's DTD has its place in the record and in the warehouse, found out by trying."""

from __future__ import annotations

from pathlib import Path

import pytest
from places import INLINE, TEXT_ONLY, WITHOUT, documents, holds_only_elements, page, places_of_the_dtd, try_all

from her2lit.pubmed.parse import parse_articles

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def found():
    return try_all()


def test_the_self_written_documents_hold_every_place_of_the_dtd(found):
    missing = {place for place in places_of_the_dtd() if place not in found and not holds_only_elements(place)}

    assert missing == set(WITHOUT)


def test_a_change_of_any_element_or_attribute_shows_in_the_record_and_in_the_warehouse(found):
    assert [str(place) for place, at in found.items() if not at.fields] == []
    assert [str(place) for place, at in found.items() if not at.columns] == []


def test_markup_is_kept_beside_the_text_wherever_the_dtd_allows_it(found):
    marked = {
        place: at for place, at in found.items() if place.element in {*INLINE, "math"} and place.attribute is None
    }

    assert len(marked) > 80
    without = {place.parent for place, at in marked.items() if not any("markup" in field for field in at.fields)}
    assert without == set(TEXT_ONLY)
    for place, at in marked.items():
        assert any("markup" not in field for field in at.fields), f"{place} changes no plain text"


def test_nothing_in_the_self_written_documents_is_unknown():
    from lxml import etree

    assert [parse_articles(etree.tostring(document)).unknown for document in documents()] == [()] * 4


def test_the_page_that_lists_the_places_is_true():
    """Made anew by `python tests/support/places.py`."""
    assert (DOCS / "elements.md").read_text(encoding="utf-8") == page()
