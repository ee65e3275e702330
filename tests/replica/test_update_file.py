"""The real NLM update file, thinned out: every record that names HER2 or trastuzumab, and one in twenty others."""

from __future__ import annotations

from datetime import datetime

import pytest
from replica_records import Asked

from her2lit.clock import NLM_TIME_ZONE
from her2lit.replica.corpus import Corpus
from her2lit.replica.files import RawRecord, cut_records
from her2lit.topic.topic import load_topic

STORY = (34091830, 33759669, 34014777, 33663941, 33961794, 33961795)


@pytest.fixture(scope="module")
def corpus(update_file, tmp_path_factory):
    """About 1,100 real records."""
    path = tmp_path_factory.mktemp("real") / "thin.xml"
    records = [piece.data for piece in cut_records(update_file) if isinstance(piece, RawRecord)]
    assert len(records) == 20_788
    kept = (each for n, each in enumerate(records) if n % 20 == 0 or b"HER2" in each or b"rastuzumab" in each)
    path.write_bytes(b"<PubmedArticleSet>" + b"".join(kept) + b"</PubmedArticleSet>")
    return Corpus.from_files([path])


def test_the_nights_of_the_demo_find_the_papers_of_the_story(corpus):
    [harvest] = [each.text for each in load_topic().strategies if each.kind == "harvest"]
    found = {}
    for day in (5, 6, 7, 8):
        asked = Asked(corpus, at=datetime(2021, 6, day, 2, 30, tzinfo=NLM_TIME_ZONE))
        for arm in ("crdt", "lr"):
            term = f'({harvest}) AND ("2021/05/29"[{arm}] : "2021/06/{day - 1:02d}"[{arm}])'
            found[day, arm] = [pmid for pmid in STORY if pmid in asked.found(term)]

    assert found == {
        (5, "crdt"): [],
        (5, "lr"): [],
        (6, "crdt"): [],
        (6, "lr"): [],
        (7, "crdt"): [34091830],
        (7, "lr"): [34091830],
        (8, "crdt"): [34091830],
        (8, "lr"): [34091830, 33759669, 34014777, 33663941],
    }


def test_every_strategy_is_understood_without_a_warning(corpus):
    asked = Asked(corpus, at=datetime(2021, 6, 8, 2, 30, tzinfo=NLM_TIME_ZONE))

    for strategy in load_topic().strategies:
        reply = asked("esearch", term=strategy.text)
        assert (strategy.name, reply.status, reply.headers) == (strategy.name, 200, ())
        warnings = reply.body.partition(b"<WarningList>")[2]
        assert warnings in (b"", b"<OutputMessage>No items found.</OutputMessage></WarningList></eSearchResult>\n")


def test_every_record_is_served_as_the_file_holds_it(corpus):
    assert corpus.n_rejects == 0
    for doc in range(0, len(corpus), 50):
        assert corpus.article(doc).pmid == corpus.pmids[doc]
