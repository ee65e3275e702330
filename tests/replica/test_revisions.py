"""Real records that NLM revised: the replica shows the old version on one day and the new one on the next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from against_replica import client_and_replica, fetched
from replica_records import NOON

from her2lit.pubmed.fingerprint import fingerprint
from her2lit.pubmed.parse import parse_articles
from her2lit.replica.corpus import Corpus
from her2lit.replica.files import RawRecord, cut_records

#: Pairs taken of the file; all of them are about ten times as many bytes.
N_PAIRS = 40


@pytest.fixture(scope="module")
def pairs(shared):
    """PMID -> (earlier, later) bytes of one record."""
    versions = {}
    for piece in cut_records(shared / "data" / "pubmed_revisions.xml.gz"):
        if isinstance(piece, RawRecord):
            [article] = parse_articles(b"<PubmedArticleSet>" + piece.data + b"</PubmedArticleSet>").articles
            versions.setdefault(article.pmid, []).append((article.date_revised or article.created_date, piece.data))
    revised = {pmid: each for pmid, each in versions.items() if len(each) >= 2 and each[0][1] != each[-1][1]}
    return {pmid: (each[0][1], each[-1][1]) for pmid, each in list(revised.items())[:N_PAIRS]}


@pytest.fixture(scope="module")
def corpus(pairs, tmp_path_factory):
    """The earlier versions count from 1 June, the later ones from noon (UTC) of 9 June 2021."""
    path = tmp_path_factory.mktemp("revisions") / "pairs.xml"
    records = (
        f'<?her2lit-replica valid-from="{since}"?>\n'.encode() + data
        for pair in pairs.values()
        for since, data in zip(("2021-06-01T00:00:00+00:00", "2021-06-09T12:00:00+00:00"), pair, strict=True)
    )
    path.write_bytes(b"<PubmedArticleSet>\n" + b"\n".join(records) + b"\n</PubmedArticleSet>\n")
    return Corpus.from_files([path])


@pytest.mark.case("16", "68")
def test_each_day_serves_its_version_of_real_records(pairs, corpus):
    """Byte for byte."""
    days = (NOON, NOON + timedelta(days=1))

    served = {
        pmid: tuple(corpus.record_bytes(corpus.find(pmid, day)) for day in days) for pmid in pairs
    }  # fmt: skip

    assert (len(pairs), corpus.n_rejects) == (N_PAIRS, 0)
    assert served == pairs


@pytest.mark.case("16", "68")
def test_a_client_that_fetches_on_both_days_sees_both_versions(pairs, corpus, tmp_path):
    with client_and_replica(corpus) as (client, _):
        first, before = fetched(client, tmp_path / "1", pairs)
        client.clock.sleep(24 * 3600)
        second, after = fetched(client, tmp_path / "2", pairs)

    assert first.received == second.received == tuple(sorted(pairs))
    for pmid, pair in pairs.items():
        articles = [parse_articles(b"<PubmedArticleSet>" + data + b"</PubmedArticleSet>").articles[0] for data in pair]
        assert [before[pmid], after[pmid]] == articles
    changed = [pmid for pmid in pairs if fingerprint(before[pmid]) != fingerprint(after[pmid])]
    # The others were only rendered or dated anew: no revision.
    assert 5 <= len(changed) < N_PAIRS // 2
