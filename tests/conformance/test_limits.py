"""What the client makes of the window of 9,999 and of a history server that forgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from against_replica import client_and_replica, corpus_of, fetched, plan, sent
from replica_records import many_corpus, record

from her2lit.errors import EutilsRefused
from her2lit.pubmed.asking import judge_warnings
from her2lit.pubmed.provenance import PostedSet
from her2lit.pubmed.search import search_arm, search_provenance
from her2lit.pubmed.watch import watch_known_set
from her2lit.records import Window


@dataclass(frozen=True)
class Made:
    """A strategy."""

    text: str = "many[ti]"
    name: str = "harvest"
    sha256: str = "0" * 64


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """10,020 records: 6,000 of 3 June, 4,000 of 5 June, 20 of 6 June."""
    return many_corpus(tmp_path_factory.mktemp("many"))


def days(first, last):
    """The window of some days of June 2021, both included."""
    return Window(since=date(2021, 6, first), until=date(2021, 6, last + 1))


@pytest.mark.case("42", "48")
def test_more_than_9999_are_had_in_parts_by_date(many):
    """The reply that is cut says so, but its count is enough: the window is split before its list is read."""
    with client_and_replica(many) as (client, replica):
        result = search_arm(client, Made(), "crdt", days(1, 6))

    assert (result.pmids, result.is_clean) == (tuple(range(1, 10_021)), True)
    assert [(run.window, run.count) for run in result.search_runs] == [
        (days(1, 6), 10_020),
        (days(1, 3), 6_000),
        (days(4, 6), 4_020),
    ]
    assert len(replica.requests) == 3


@pytest.mark.case("47", "48")
def test_exactly_ten_thousand_lose_none(many):
    """The trap: 9,999 come back, and of a kept set one would be missing without a word."""
    with client_and_replica(many) as (client, _):
        result = search_arm(client, Made(), "crdt", days(3, 5))

    assert (len(result.pmids), result.is_clean) == (10_000, True)


@pytest.mark.case("17", "48")
def test_a_day_that_holds_more_than_a_search_returns_fails_with_its_reason(many):
    """1 January, where every record without a month is filed."""
    new_year = Window(since=date(2021, 1, 1), until=date(2021, 1, 2))

    with client_and_replica(many) as (client, _):
        result = search_arm(client, Made(), "dp", new_year)

    assert (result.search_runs[0].outcome, result.is_clean) == ("failed", False)
    assert "2021-01-01 alone holds 10,020" in result.search_runs[0].reason


@pytest.mark.case("43", "45")
@pytest.mark.parametrize(("term", "retstart", "n_listed"), [("many[ti]", 9_990, 9), ("many[ti] AND 7[pmid]", 9_999, 0)])
def test_a_page_that_pubmed_cut_is_a_paging_mistake_and_never_an_answer(many, term, retstart, n_listed):
    """An empty page of a small set beyond the window is no zero."""
    with client_and_replica(many) as (client, _):
        reply = client.esearch(term, retstart=retstart, retmax=100)

    assert (len(reply.pmids), judge_warnings(reply, term).outcome) == (n_listed, "failed")


@pytest.mark.case("44")
def test_a_page_beyond_the_window_is_refused_for_good(many):
    with client_and_replica(many) as (client, replica):
        with pytest.raises(EutilsRefused, match="cannot be larger than 9998"):
            client.esearch("many[ti]", retstart=9_999)

    assert len(replica.requests) == 1


@pytest.mark.case("46", "49")
@pytest.mark.parametrize(
    ("term", "retstart", "said"),
    [("many[ti]", "9999", "'retstart' cannot be larger than 9998"), ("7[pmid]", "1", "OUT OF RANGE")],
)
def test_a_page_of_a_kept_set_beyond_its_end_is_refused_for_good(many, term, retstart, said):
    """her2lit never pages through a kept set; should it come to that, such a page is not asked for again."""
    with client_and_replica(many) as (client, replica):
        kept = client.esearch(term, retmax=0, use_history=True)
        page = {"WebEnv": kept.webenv, "query_key": kept.query_key, "retstart": retstart}
        with pytest.raises(EutilsRefused, match=said):
            client._ask("efetch", page, root="PubmedArticleSet")

    assert len(replica.requests) == 2


# -- a history server that forgets -------------------------------------------------------------


@pytest.fixture
def few(tmp_path):
    """Three records that stay and one that is deleted at ten in the morning of 8 June."""
    return corpus_of(
        tmp_path,
        *(record(n, title="Many.") for n in (1, 2, 3, 4)),
        '<?her2lit-replica delete="3" at="2021-06-08T10:00:00-04:00"?>',
    )


LOST = ("expire_history", "history_lost", "history_lost_twice")


@pytest.mark.case("50", "51")
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("asking", ["provenance", "watch"])
def test_a_set_that_was_lost_under_way_is_posted_again(few, kind, asking):
    with client_and_replica(few, faults=plan(kind, "esearch", nth=2)) as (client, replica):
        if asking == "provenance":
            strategies = (Made(name="a"), Made("1[pmid]", "b"), Made("2[pmid]", "c"))
            result = search_provenance(client, strategies, [1, 2, 4])
            found = [(hit.strategy, hit.pmid) for hit in result.search_hits]
            assert found == [("a", 1), ("a", 2), ("a", 4), ("b", 1), ("c", 2)]
        else:
            result = watch_known_set(client, [1, 2, 4])

    assert result.is_clean
    assert [utility for utility, _ in sent(replica)].count("epost") == 2


@pytest.mark.case("50", "51")
@pytest.mark.parametrize("kind", LOST)
def test_a_set_that_is_lost_again_and_again_is_posted_three_times_and_given_up(few, kind):
    with client_and_replica(few, faults=plan(kind, "esearch")) as (client, replica):
        result = search_provenance(client, (Made(name="a"),), [1, 2, 4])

    assert (result.search_hits, result.is_clean) == ((), False)
    assert [utility for utility, _ in sent(replica)] == ["epost", "esearch"] * 3


@pytest.mark.case("50")
def test_a_session_that_grew_old_between_two_searches_is_renewed(few):
    """Eight idle hours on the shared clock, no fault planned."""
    with client_and_replica(few) as (client, replica):
        posted = PostedSet(client=client, pmids=(1, 2))
        found = []
        for _ in range(2):
            found.append(posted.use(lambda webenv: client.esearch("#1 AND (many[ti])", webenv=webenv)).pmids)
            client.clock.sleep(9 * 3600)

    assert found == [(2, 1), (2, 1)]
    assert [utility for utility, _ in sent(replica)] == ["epost", "esearch", "esearch", "epost", "esearch"]


@pytest.mark.case("52", "53")
def test_a_record_deleted_between_search_and_fetch_is_missing_and_shifts_nothing(few, tmp_path):
    with client_and_replica(few) as (client, _):
        found = client.esearch("many[ti]")
        client.clock.sleep(3 * 3600)
        result, articles = fetched(client, tmp_path / "raw", found.pmids, batch_size=2)

    assert found.pmids == (4, 3, 2, 1)
    assert (result.received, result.missing, sorted(articles)) == ((1, 2, 4), (3,), [1, 2, 4])
