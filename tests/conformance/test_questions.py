"""What the client asks of the control plane and of searches, and what it believes of silent answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from against_replica import client_and_replica, corpus_of, plan, sent
from replica_records import AS_NCBI, heading, link, record

from her2lit.errors import EutilsRefused, QueryError
from her2lit.pubmed.query import check_query
from her2lit.pubmed.replies import SearchReply
from her2lit.pubmed.search import search_arm, search_provenance
from her2lit.pubmed.watch import watch_known_set
from her2lit.records import Window
from her2lit.replica.evaluate import Dialect

WEEK = Window(since=date(2021, 6, 1), until=date(2021, 6, 8))


@dataclass(frozen=True)
class Made:
    """A strategy."""

    text: str = "asthma[tiab] OR copd[tiab]"
    name: str = "harvest"
    sha256: str = "0" * 64


@pytest.fixture
def corpus(tmp_path):
    """Four small records of 5 and 6 June."""
    return corpus_of(
        tmp_path,
        record(1, title="Asthma.", abstract="The lung in asthma.", created="2021-06-05"),
        record(2, title="COPD.", abstract="Intervention in COPD.", created="2021-06-05"),
        record(3, title="Asthma and COPD.", abstract="Interventions for both.", created="2021-06-06"),
        record(4, title="Nothing of the kind.", abstract="Battery of body tests.", created="2021-06-06"),
    )


def found(corpus, text, *, arm="crdt", window=WEEK, faults=None, dialect=None, **policy):
    """The one run of an arm, its PMIDs, and what the replica met."""
    with client_and_replica(corpus, faults=faults, dialect=dialect, **policy) as (client, replica):
        result = search_arm(client, Made(text), arm, window)
    return result, sent(replica)


# -- A: control plane and happy paths ----------------------------------------------------------


@pytest.mark.case("1", "2")
def test_the_probe_learns_databases_build_and_date_fields(corpus):
    with client_and_replica(corpus) as (client, _):
        names, info = client.databases(), client.einfo()

    assert names == ("pubmed",)
    assert (info.db_name, info.db_build, info.last_update, info.count) == (
        "pubmed",
        "Build-2021.06.08.00.00",
        "2021/06/08 00:00",
        4,
    )
    assert {"CRDT", "MHDA", "MDAT"} <= set(info.fields)


@pytest.mark.case("4")
def test_a_search_is_read_whole(corpus):
    with client_and_replica(corpus) as (client, _):
        reply = client.esearch("asthma[tiab]", retmax=20)

    assert reply == SearchReply(
        count=2,
        retmax=2,
        retstart=0,
        pmids=(3, 1),
        query_key=None,
        webenv=None,
        query_translation='"asthma"[Title/Abstract]',
        warnings=(),
    )


@pytest.mark.case("5", "6", "7", "21")
def test_kept_sets_are_named_in_later_searches(corpus):
    """Sets of searches and posted PMIDs alike; they intersect, and share a WebEnv."""
    with client_and_replica(corpus) as (client, _):
        first = client.esearch("asthma[tiab]", retmax=0, use_history=True)
        second = client.esearch("copd[tiab]", webenv=first.webenv)
        both = client.esearch("#1 AND #2", webenv=first.webenv)
        posted = client.epost([1, 2, 4])
        of_posted = client.esearch("#1 AND (asthma[tiab])", webenv=posted.webenv)

    assert (first.count, first.pmids, first.query_key) == (2, (), "1")
    assert (second.query_key, second.webenv) == ("2", first.webenv)
    assert (both.pmids, of_posted.pmids) == ((3,), (1,))
    assert posted.webenv != first.webenv


@pytest.mark.case("7", "34", "35")
def test_a_term_that_pubmed_would_search_as_nonsense_is_not_sent():
    """A set without its session, an untagged word, a tagged stop word: each gives a zero that is none."""
    for term in ("#1 AND asthma[tiab]", "abcXYZ", "the[tiab] AND asthma[tiab]"):
        with pytest.raises(QueryError):
            check_query(term)


@pytest.mark.case("34", "35")
@pytest.mark.parametrize("term", ["abcXYZ", "the[tiab] AND asthma[tiab]"])
def test_a_zero_beside_a_word_that_was_not_found_is_held(corpus, term, monkeypatch):
    """Were it sent all the same: the reply names the word."""
    monkeypatch.setattr("her2lit.pubmed.search.check_query", lambda text: None)
    result, _ = found(corpus, term)

    assert (result.search_runs[0].outcome, result.is_clean) == ("held", False)
    assert "PhraseNotFound" in result.search_runs[0].reason


@pytest.mark.case("10")
def test_each_part_of_a_term_stands_in_its_own_parentheses(corpus):
    """Read from left to right, the date clause would otherwise bind the last word only."""
    first_day = Window(since=date(2021, 6, 5), until=date(2021, 6, 6))

    result, _ = found(corpus, "asthma[tiab] OR copd[tiab]", window=first_day)

    assert result.pmids == (1, 2)


@pytest.mark.case("11")
@pytest.mark.parametrize("arm", ["crdt", "lr", "mhda"])
def test_every_arm_finds_its_field_in_the_translation(corpus, arm):
    result, requests = found(corpus, "asthma[tiab]", arm=arm, window=Window(since=date(2021, 5, 1), until=WEEK.until))

    assert (result.pmids, result.is_clean, len(requests)) == ((1, 3), True, 1)


@pytest.mark.case("18", "19")
@pytest.mark.parametrize(
    ("term", "pmids"), [('"body battery"[tiab:~1]', (4,)), ("interv*[tiab]", (2, 3)), ('"body battery"[tiab:~0]', ())]
)
def test_proximity_and_truncation_pass_the_check_and_find_what_they_mean(corpus, term, pmids):
    result, _ = found(corpus, term)

    assert (result.pmids, result.is_clean) == (pmids, True)


@pytest.mark.case("20")
def test_the_watch_reads_the_words_pubmed_files_notices_under(tmp_path):
    corpus = corpus_of(
        tmp_path,
        record(1, links=link("RetractionIn")),
        record(2, links=link("RetractedandRepublishedIn", 9)),
        record(3, links=link("ExpressionOfConcernIn", 9)),
        record(4, links=link("ErratumIn", 9)),
        record(5, links=link("UpdateIn", 9)),
        record(6, links=link("CommentIn", 9), mesh=heading("Asthma")),
        record(7, types=("Journal Article", "Retracted Publication")),
        record(8, links=link("CorrectedandRepublishedIn", 9)),
    )

    with client_and_replica(corpus) as (client, _):
        result = watch_known_set(client, range(1, 9))

    assert result.pmids_by_kind == (("retraction", (1, 2, 7)), ("concern", (3,)), ("correction", (4, 5, 8)))
    assert result.is_clean


@pytest.mark.case("21")
def test_more_than_5000_pmids_are_posted_in_sets(corpus):
    """Whether a posted set of 10,000 is cut at 9,999 is nowhere said."""
    with client_and_replica(corpus) as (client, replica):
        result = watch_known_set(client, range(1, 5_002))

    posted = [
        dict(request.parameters)["id"].count(",") + 1 for request in replica.requests if request.utility == "epost"
    ]
    assert (posted, result.is_clean) == ([5_000, 1], True)


@pytest.mark.case("28", "30")
def test_a_term_of_six_kilobytes_is_asked_at_once(corpus):
    """By POST and, as every request, accepting gzip."""
    text = " OR ".join(["asthma[tiab]"] * 450)

    result, requests = found(corpus, text)

    assert (len(text) > 6_000, result.pmids, requests) == (True, (1, 3), [("esearch", None)])


# -- B: silent semantics -----------------------------------------------------------------------


@pytest.mark.case("31")
def test_an_honest_zero_is_asked_twice(corpus):
    result, requests = found(corpus, "zebra[ti]")

    assert (result.pmids, result.is_clean, len(requests)) == ((), True, 2)


@pytest.mark.case("31")
def test_a_zero_that_the_service_made_up_once_is_corrected(corpus):
    result, requests = found(corpus, "asthma[tiab]", faults=plan("zero", times=1))

    assert (result.pmids, result.is_clean) == ((1, 3), True)
    assert requests == [("esearch", "zero"), ("esearch", None)]


@pytest.mark.case("32")
def test_a_zero_beside_a_heading_that_does_not_exist_is_held(corpus):
    result, _ = found(corpus, 'zebra[ti] OR "Astma"[mh]')

    assert (result.search_runs[0].outcome, result.is_clean) == ("held", False)
    assert result.search_runs[0].warnings[0] == 'QuotedPhraseNotFound: "Astma"[mh]'


@pytest.mark.case("32", "33")
@pytest.mark.parametrize("term", ['"Astma"[mh]', 'asthma[tiab] AND ("Astma"[mh] OR "Copd"[mh])'])
def test_a_clause_of_which_pubmed_drops_everything_fails_the_arm_and_fetches_nothing(corpus, term):
    """PubMed searches on without it: the window alone, all its records, would be taken for hits."""
    result, _ = found(corpus, term)

    assert (result.pmids, result.search_runs[0].outcome, result.is_clean) == ((), "failed", False)
    assert result.search_runs[0].reason.startswith("PubMed dropped every phrase of ")
    assert result.search_runs[0].count > 0


@pytest.mark.case("33")
def test_a_strategy_of_dropped_phrases_alone_matches_no_paper(corpus):
    """`#1 AND ("HER2 low"[tiab])` without its phrase is `#1`: every paper of the night would be filed under it."""
    dialect = Dialect(missing_phrases=frozenset({"body battery"}))
    strategies = (Made('"body battery"[tiab]', "new"), Made("asthma[tiab]", "asthma"))
    with client_and_replica(corpus, dialect=dialect) as (client, _):
        result = search_provenance(client, strategies, [1, 2, 3])

    assert [(hit.strategy, hit.pmid) for hit in result.search_hits] == [("asthma", 1), ("asthma", 3)]
    assert (result.is_clean, result.search_runs[0].count) == (True, 3)
    assert "searched without it" in result.search_runs[0].reason


@pytest.mark.case("33")
def test_a_phrase_dropped_inside_an_or_is_noted(corpus):
    """The others still count: new drug names are ordinary."""
    result, _ = found(
        corpus,
        '"body battery"[tiab] OR asthma[tiab]',
        dialect=Dialect(missing_phrases=frozenset({"body battery"})),
    )

    assert (result.pmids, result.is_clean) == ((1, 3), True)
    assert result.search_runs[0].warnings == ('QuotedPhraseNotFound: "body battery"[tiab]',)


@pytest.mark.case("18b", "19", "36", "37", "39")
@pytest.mark.parametrize(
    "term", ["asthma[foo]", "(asthma OR copd)[tiab]", "asthma[mh:~2]", "interv∗[tiab]", "int*[tiab]", "a &amp; b[tiab]"]
)
def test_what_pubmed_would_misread_in_silence_never_reaches_it(corpus, term):
    with client_and_replica(corpus, dialect=AS_NCBI) as (client, replica):
        with pytest.raises(QueryError):
            search_arm(client, Made(term), "crdt", WEEK)

    assert replica.requests == ()


@pytest.mark.case("38")
def test_a_message_nobody_knows_fails_the_search(corpus):
    result, _ = found(corpus, "asthma[tiab]", faults=plan("warning", message="Unknown sort schema 'date' ignored"))

    assert (result.search_runs[0].outcome, result.is_clean) == ("failed", False)
    assert "Unknown sort schema" in result.search_runs[0].reason


@pytest.mark.case("3")
def test_another_database_is_refused_for_good(corpus):
    with client_and_replica(corpus) as (client, replica):
        with pytest.raises(EutilsRefused, match="Invalid db name"):
            client._ask("esearch", {"db": "nope", "term": "asthma[tiab]"}, root="eSearchResult")

    assert len(replica.requests) == 1
