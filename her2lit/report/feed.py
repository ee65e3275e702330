"""Atom feeds, one per drug; an entry's id is made of PMID, drug and kind of news, never of text or address."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree as ET

from her2lit.report.entries import Alert, Entry

#: Authority of our tag: URIs (RFC 4151); reserved, so nobody else can own it, and never to be changed.
_AUTHORITY = "her2lit.invalid,2021"
#: Characters that XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Most entries of one feed.
MAX_ENTRIES = 100


def build_feed(
    drug_id: str, name: str, entries: tuple[Entry, ...], alerts: tuple[Alert, ...], *, updated: datetime
) -> str:
    """
    Return the Atom feed of one drug: warnings first, then papers.

    Args:
        updated: When the data was read (UTC); also that of entries, so that equal rows give equal bytes.
    """
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _text(feed, "id", f"tag:{_AUTHORITY}:drug/{drug_id}")
    _text(feed, "title", f"her2lit: {name}")
    _text(feed, "updated", f"{updated:%Y-%m-%dT%H:%M:%SZ}")
    _text(ET.SubElement(feed, "author"), "name", "her2lit")
    _link(feed, "self", f"{drug_id}.atom")
    _link(feed, "alternate", f"../drugs/{drug_id}.html")
    for alert in alerts:
        kind = alert.word.lower().replace(" ", "-")
        guid = f"tag:{_AUTHORITY}:pmid/{alert.pmid}/drug/{drug_id}/{kind}/{alert.told_on}"
        _entry(
            feed,
            guid=guid,
            title=f"{alert.word}: {alert.title}",
            url=alert.url,
            summary=alert.explanation,
            day=alert.told_on.isoformat(),
        )
    for entry in entries[:MAX_ENTRIES]:
        guid = f"tag:{_AUTHORITY}:pmid/{entry.pmid}/drug/{drug_id}"
        marks = "".join(f"[{word}] " for word in entry.warnings)
        summary = "; ".join((*entry.badges, entry.labelled_by, entry.why))
        _entry(
            feed,
            guid=guid,
            title=marks + entry.title,
            url=entry.url,
            summary=summary,
            day=entry.told_on.isoformat(),
        )
    ET.indent(feed, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _entry(feed: ET.Element, *, guid: str, title: str, url: str, summary: str, day: str) -> None:
    entry = ET.SubElement(feed, "entry")
    _text(entry, "id", guid)
    _text(entry, "title", title)
    _text(entry, "updated", f"{day}T00:00:00Z")
    _link(entry, "alternate", url)
    _text(entry, "summary", summary)


def _text(parent: ET.Element, tag: str, value: str) -> None:
    ET.SubElement(parent, tag).text = _FORBIDDEN.sub("\ufffd", value)


def _link(parent: ET.Element, rel: str, href: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": href})
