"""Fetching: requested = received + missing + rejected + failed, exactly, whatever the service does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Answer, ScriptedService, client_for, error_xml, ids_of, record_xml, set_xml

from her2lit.errors import ArchiveDamaged
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.fetch import fetch_articles, read_batch


class Records:
    """A service of made-up records that can go wrong in chosen ways."""

    def __init__(self, known, *, spoil=None):
        self.known = set(known)
        self._spoil = spoil or (lambda asked, pmids, n: None)
        self._n = 0

    def __call__(self, asked):
        self._n += 1
        pmids = ids_of(asked)
        spoiled = self._spoil(asked, pmids, self._n)
        if spoiled is not None:
            return spoiled
        return set_xml([pmid for pmid in pmids if pmid in self.known])


def fetched(tmp_path, answer, pmids, *, batch_size=200, **policy):
    with ScriptedService(answer) as service, client_for(service, **policy) as client:
        result = fetch_articles(client, RawArchive(tmp_path), pmids, batch_size=batch_size)
    accounted = sorted(
        [*result.received, *result.missing, *(r.pmid for r in result.rejects), *(p for p, _ in result.failed)]
    )
    assert accounted == list(result.requested)
    assert result.n_requests == len(service.requests)
    return result, service.requests


@pytest.mark.case("22")
def test_batches_of_200_bring_everything(tmp_path):
    """The minimum of requests: ceil(n / 200)."""
    result, requests = fetched(tmp_path, Records(range(1, 451)), range(1, 451))

    assert result.received == tuple(range(1, 451))
    assert (result.missing, result.extra, result.rejects, result.failed, result.warnings) == ((), (), (), (), ())
    assert [len(ids_of(asked)) for asked in requests] == [200, 200, 50]
    assert [batch.pmids[0] for batch in result.batches] == [1, 201, 401]


def test_nothing_asked_is_nothing_sent(tmp_path):
    result, requests = fetched(tmp_path, Records([]), [])

    assert (result.requested, result.batches, requests) == ((), (), [])


def test_a_pmid_asked_for_twice_is_fetched_once(tmp_path):
    result, requests = fetched(tmp_path, Records([1, 2]), [2, 1, 2])

    assert (result.received, ids_of(requests[0])) == ((1, 2), [1, 2])


def test_the_archive_holds_the_bytes_as_received(tmp_path):
    result, _ = fetched(tmp_path, Records([1, 2]), [1, 2])

    [batch] = result.batches
    assert RawArchive(tmp_path).read(batch.batch_sha256) == set_xml([1, 2]).encode()
    assert [article.pmid for article in read_batch(RawArchive(tmp_path), batch).articles] == [1, 2]


def test_progress_is_told(tmp_path):
    steps = []
    with ScriptedService(Records(range(1, 6))) as service, client_for(service) as client:
        fetch_articles(client, RawArchive(tmp_path), range(1, 6), batch_size=2, progress=lambda *s: steps.append(s))

    assert steps == [(2, 5), (4, 5), (5, 5)]


@pytest.mark.case("53")
def test_a_missing_record_is_asked_for_once_more(tmp_path):
    """EFetch leaves out what it does not have without a word, and sometimes what it has."""
    result, requests = fetched(tmp_path, Records([1, 3]), [1, 2, 3])

    assert (result.received, result.missing) == ((1, 3), (2,))
    assert [ids_of(asked) for asked in requests] == [[1, 2, 3], [2]]


@pytest.mark.case("85")
def test_a_record_left_out_by_accident_is_received_on_the_second_ask(tmp_path):
    records = Records([1, 2, 3], spoil=lambda asked, pmids, n: set_xml([1, 3]) if n == 1 else None)
    result, _ = fetched(tmp_path, records, [1, 2, 3])

    assert (result.received, result.missing, len(result.batches)) == ((1, 2, 3), (), 2)


@pytest.mark.case("54")
def test_all_unknown_is_missing_without_a_storm(tmp_path):
    result, requests = fetched(tmp_path, Records([]), [1, 2, 3])

    assert (result.missing, len(requests)) == ((1, 2, 3), 2)


@pytest.mark.case("58")
def test_a_record_that_came_unasked_is_discarded_and_named(tmp_path):
    records = Records([], spoil=lambda asked, pmids, n: set_xml([1, 2, 99]))
    result, _ = fetched(tmp_path, records, [1, 2])

    assert (result.received, result.extra) == ((1, 2), (99,))
    assert result.warnings == ("1 records came unasked and were discarded, first PMID 99",)
    assert [a.pmid for a in read_batch(RawArchive(tmp_path), result.batches[0]).articles] == [1, 2]


@pytest.mark.case("57")
def test_of_two_versions_the_higher_is_kept(tmp_path):
    """A PMID can come twice in one reply; the highest version is the current one."""
    body = set_xml([], records=record_xml(1, version=2, title="New") + record_xml(1, version=1, title="Old"))
    result, _ = fetched(tmp_path, Records([], spoil=lambda *_: body), [1])

    [article] = read_batch(RawArchive(tmp_path), result.batches[0]).articles
    assert (result.received, article.pmid_version, article.title) == ((1,), 2, "New")
    assert result.warnings == ("1 records came twice or in older versions",)


def poison(*bad):
    """Return a way to spoil any batch that holds one of *bad*."""
    return lambda asked, pmids, n: Answer("", status=502) if set(bad) & set(pmids) else None


@pytest.mark.case("95")
def test_one_poisonous_record_is_isolated(tmp_path):
    """One PMID makes any batch fail: halve, keep the rest, report the one."""
    result, requests = fetched(tmp_path, Records(range(1, 201), spoil=poison(77)), range(1, 201))

    assert result.received == tuple(pmid for pmid in range(1, 201) if pmid != 77)
    assert [pmid for pmid, _ in result.failed] == [77]
    assert "HTTP 502" in result.failed[0][1]
    assert len(requests) < 40


def test_a_service_that_is_down_is_not_hammered(tmp_path):
    """Everything fails: the number of requests stays bounded and every PMID is accounted for as failed."""
    records = Records([], spoil=lambda *_: Answer("", status=500))
    result, requests = fetched(tmp_path, records, range(1, 1001), budget_s=60.0)

    assert [pmid for pmid, _ in result.failed] == list(range(1, 1001))
    assert len(requests) < 150


@pytest.mark.case("92")
def test_a_broken_byte_in_one_record_does_not_cost_the_batch(tmp_path):
    """A control character makes the whole reply malformed; the rest of the batch is kept."""
    broken = record_xml(5).replace("Made-up", "Made\x01up")

    def spoil(asked, pmids, n):
        return set_xml([], records="".join(broken if p == 5 else record_xml(p) for p in pmids)) if 5 in pmids else None

    result, _ = fetched(tmp_path, Records(range(1, 11), spoil=spoil), range(1, 11))

    assert set(result.received) | {reject.pmid for reject in result.rejects} == set(range(1, 11))
    assert set(range(1, 11)) - {5} <= set(result.received)
    assert result.failed == ()


@pytest.mark.case("55")
def test_an_id_list_that_efetch_calls_empty_means_no_such_records(tmp_path):
    def spoil(asked, pmids, n):
        return Answer(error_xml("ID list is empty! Possibly it has no correct IDs.", "eFetchResult"), status=400)

    result, _ = fetched(tmp_path, Records([], spoil=spoil), [1, 2])

    assert (result.missing, result.failed) == ((1, 2), ())


@pytest.mark.case("83", "84")
@pytest.mark.parametrize(
    "cut", [lambda body: body[:-200], lambda body: body[: body.rindex("<PubmedArticle>")], lambda body: body[:500]]
)
def test_a_reply_that_breaks_off_is_never_taken_for_whole(tmp_path, cut):
    """There is no Content-Length to check: only the closed root proves that all was read."""
    records = Records([1, 2, 3], spoil=lambda asked, pmids, n: cut(set_xml(pmids)) if n == 1 else None)
    result, requests = fetched(tmp_path, records, [1, 2, 3])

    assert (result.received, len(requests), len(result.batches)) == ((1, 2, 3), 2, 1)


def test_a_pruned_batch_is_named_when_read_again(tmp_path):
    result, _ = fetched(tmp_path, Records([1]), [1])
    next(tmp_path.rglob("*.xml.gz")).unlink()

    with pytest.raises(ArchiveDamaged, match="pruned"):
        read_batch(RawArchive(tmp_path), result.batches[0])


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_account_always_balances(tmp_path_factory, data):
    """Whatever is known, poisonous or left out by accident: every PMID ends in exactly one place."""
    pmids = data.draw(st.sets(st.integers(1, 60), max_size=25))
    known = data.draw(st.sets(st.sampled_from(sorted(pmids)))) if pmids else set()
    bad = data.draw(st.sets(st.sampled_from(sorted(pmids)), max_size=2)) if pmids else set()
    left_out = data.draw(st.sets(st.integers(1, 6)))

    def spoil(asked, batch, n):
        if bad & set(batch):
            return Answer("", status=502)
        return set_xml([pmid for pmid in batch if pmid in known][1:]) if n in left_out else None

    result, _ = fetched(
        tmp_path_factory.mktemp("raw"), Records(known, spoil=spoil), pmids, batch_size=7, max_attempts=2
    )

    assert {pmid for pmid, _ in result.failed} == bad
    assert set(result.received) <= known
