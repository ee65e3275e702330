"""Every fault of transport and service: once, and the client comes through; for ever, and it gives up without loss."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from dataclasses import dataclass
from datetime import date

import pytest
from against_replica import KEY, client_and_replica, corpus_of, fetched, plan, sent
from replica_records import record

from her2lit.clock import SystemClock
from her2lit.errors import EutilsError, EutilsRefused, EutilsUnavailable, SettingsError
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.search import search_arm
from her2lit.pubmed.transport import Limits
from her2lit.records import Window
from her2lit.replica.disturb import KINDS

WEEK = Window(since=date(2021, 6, 1), until=date(2021, 6, 8))
#: Patience in real seconds: a stall or a drip must not hold the suite up, a busy machine must not look like one.
IMPATIENT = Limits(read_s=0.6, deadline_s=1.2)


@dataclass(frozen=True)
class Made:
    """A strategy."""

    text: str = "record[ti]"
    name: str = "harvest"
    sha256: str = "0" * 64


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Records 1 to 5."""
    folder = tmp_path_factory.mktemp("five")
    return corpus_of(folder, *(record(n, title=f"Record {n}.", abstract="word " * 20) for n in range(1, 6)))


#: What may pass: asked again. Each under its case, as (kind, options).
PASSING = {
    "rate limit": ("rate_limit", {}),
    "rate limit with Retry-After": ("rate_limit", {"retry_after": 7}),
    "rate limit with status 200": ("rate_limit", {"status": 200}),
    "500": ("server_error", {}),
    "502": ("bad_gateway", {}),
    "503 with Retry-After": ("unavailable", {"retry_after": 5}),
    "504": ("gateway_timeout", {}),
    "web page": ("html_page", {}),
    "empty": ("empty_body", {}),
    "prolog only": ("prolog_only", {}),
    "search backend down": ("backend_down", {}),
    "timeout as 400": ("viewer_timeout", {}),
    "timeout as 200": ("viewer_timeout", {"status": 200}),
    "proxy error as 400": ("proxy_error", {}),
    "cut inside a chunk": ("cut_chunk", {}),
    "cut cleanly": ("cut_clean", {}),
    "cut at a record": ("cut_records", {"records": 2}),
    "gzip sum": ("gzip_crc", {}),
    "gzip cut": ("gzip_cut", {}),
    "gzip declared only": ("gzip_false", {}),
    "reset on connecting": ("reset_connect", {}),
    "reset behind the headers": ("reset_after_headers", {}),
    "stall": ("stall", {"seconds": 30}),
    "drip": ("drip", {"seconds": 0.05}),
}
CASES = pytest.mark.case(
    "69", "69b", "69c", "71", "72", "73", "74", "75", "76", "77", "78", "79", "80", "82", "83", "84", "86", "87", "88", "89"
)  # fmt: skip


@CASES
@pytest.mark.parametrize(("kind", "options"), PASSING.values(), ids=PASSING)
def test_a_fault_that_strikes_once_costs_one_request(corpus, tmp_path, kind, options):
    """Search and fetch, each disturbed the first time."""
    faults = plan(kind, "esearch", times=1, **options) + plan(kind, "efetch", times=1, **options)
    limits = IMPATIENT if kind in {"stall", "drip"} else None
    with client_and_replica(corpus, faults=faults, limits=limits) as (client, replica):
        arm = search_arm(client, Made(), "crdt", WEEK)
        result, articles = fetched(client, tmp_path, arm.pmids)
        waited_s = client.clock.monotonic()

    assert (arm.pmids, arm.is_clean) == ((1, 2, 3, 4, 5), True)
    assert (result.received, sorted(articles), result.warnings) == ((1, 2, 3, 4, 5), [1, 2, 3, 4, 5], ())
    # ESearch holds no records to cut between.
    seen = [(utility, fault) for utility, fault in sent(replica) if fault is not None]
    assert seen == [("esearch", kind), ("efetch", kind)]
    assert len(replica.requests) == (3 if kind == "cut_records" else 4)
    assert waited_s >= 2 * options.get("retry_after", 0.5)


@CASES
@pytest.mark.parametrize(("kind", "options"), PASSING.values(), ids=PASSING)
def test_a_fault_that_lasts_is_given_up_and_every_pmid_is_accounted_for(corpus, tmp_path, kind, options):
    limits = IMPATIENT if kind in {"stall", "drip"} else None
    attempts = 2 if limits else 3
    with client_and_replica(corpus, faults=plan(kind, "efetch", **options), limits=limits, max_attempts=attempts) as (
        client,
        replica,
    ):
        pmids = [1] if limits else [1, 2]
        result, articles = fetched(client, tmp_path, pmids)

    assert ([pmid for pmid, _ in result.failed], result.received, articles) == (pmids, (), {})
    assert "Nothing is lost: run again later" in result.failed[0][1]
    # The batch, and for two PMIDs each half twice.
    assert len(replica.requests) == attempts + (0 if limits else 2 * 2)
    assert list(RawArchive(tmp_path).hashes()) == []


@CASES
@pytest.mark.parametrize(
    ("kind", "options"), [PASSING[name] for name in PASSING if name not in {"cut at a record", "stall", "drip"}],
    ids=[name for name in PASSING if name not in {"cut at a record", "stall", "drip"}],
)  # fmt: skip
def test_a_search_that_fails_for_ever_is_an_outcome_with_its_reason(corpus, kind, options):
    with client_and_replica(corpus, faults=plan(kind, "esearch", **options), max_attempts=3) as (client, replica):
        arm = search_arm(client, Made(), "crdt", WEEK)

    assert (arm.pmids, arm.is_clean, arm.search_runs[0].outcome) == ((), False, "failed")
    assert "no usable answer in 3 attempts" in arm.search_runs[0].reason
    assert len(replica.requests) == 3


@pytest.mark.case("78")
def test_an_outage_of_the_search_engine_is_waited_out_longer(corpus):
    with client_and_replica(corpus, faults=plan("backend_down", times=1)) as (client, _):
        client.esearch("record[ti]")
        waited_s = client.clock.monotonic()

    assert waited_s >= 15


@pytest.mark.case("78")
def test_the_waiting_over_a_clients_life_is_bounded(corpus):
    """Afterwards each call fails at its first failure: a service that is down is not hammered."""
    with client_and_replica(corpus, faults=plan("backend_down"), budget_s=60.0) as (client, replica):
        for _ in range(6):
            with pytest.raises(EutilsUnavailable):
                client.esearch("record[ti]")
        waited_s = client.clock.monotonic()

    assert waited_s < 120
    assert len(replica.requests) < 14


@pytest.mark.case("69b", "73")
@pytest.mark.parametrize("kind", ["rate_limit", "unavailable"])
def test_a_date_in_retry_after_is_waited_for(corpus, kind):
    """HTTP allows both seconds and a date; the replica's clock says noon."""
    faults = plan(kind, times=1, retry_after="Tue, 08 Jun 2021 12:01:30 GMT")
    with client_and_replica(corpus, faults=faults) as (client, _):
        client.esearch("record[ti]")
        waited_s = client.clock.monotonic()

    assert 88 <= waited_s < 95


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.case("81")
def test_a_400_that_is_meant_is_not_asked_again(corpus, tmp_path):
    with client_and_replica(corpus, faults=plan("bad_request")) as (client, replica):
        with pytest.raises(EutilsRefused, match="ID list is empty"):
            client.esearch("record[ti]")
        n_searches = len(replica.requests)
        result, _ = fetched(client, tmp_path, [1])

    assert (n_searches, len(replica.requests)) == (1, 2)
    assert (result.missing, result.failed) == ((1,), ())


@pytest.mark.case("93")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_the_other_origin_is_never_asked(corpus, status):
    with client_and_replica(corpus) as (_, elsewhere):
        faults = plan("redirect", location=elsewhere.base_url + "esearch.fcgi", status=status)
        with client_and_replica(corpus, faults=faults) as (client, replica):
            with pytest.raises(EutilsRefused, match="redirect"):
                client.esearch("record[ti]")

        assert (len(replica.requests), elsewhere.requests) == (1, ())


@pytest.mark.case("93")
def test_an_unasked_for_cookie_is_not_kept(corpus):
    with client_and_replica(corpus, faults=plan("set_cookie")) as (client, _):
        client.esearch("record[ti]")

        assert len(client._session.cookies) == 0


@pytest.mark.case("94")
@pytest.mark.parametrize("kind", ["entity", "entity_bomb"])
@pytest.mark.parametrize("times", [1, 0])
def test_entities_are_refused_unread_and_unkept(corpus, tmp_path, kind, times):
    with client_and_replica(corpus, faults=plan(kind, "efetch", times=times)) as (client, _):
        result, articles = fetched(client, tmp_path, [1, 2, 3])

    if times:
        assert (result.received, articles[1].title) == ((1, 2, 3), "Record 1.")
    else:
        assert ([pmid for pmid, _ in result.failed], articles) == ([1, 2, 3], {})
        assert "entities" in result.failed[0][1]
        assert list(RawArchive(tmp_path).hashes()) == []


@pytest.mark.case("97")
def test_a_refused_key_is_a_setting_to_mend_and_stands_nowhere(corpus, caplog):
    caplog.set_level(logging.DEBUG)
    with client_and_replica(corpus, faults=plan("invalid_key"), api_key=KEY) as (client, replica):
        with pytest.raises(SettingsError, match="HER2LIT_API_KEY") as caught:
            client.esearch("record[ti]")

    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(replica.requests) + repr(client)
    assert (len(replica.requests), KEY in shown) == (1, False)


@pytest.mark.case("69", "97")
@pytest.mark.parametrize("status", [429, 200])
def test_the_body_of_a_rate_limit_is_redacted(corpus, caplog, status):
    """It holds the key where one was sent, and the caller's address otherwise."""
    caplog.set_level(logging.DEBUG)
    shown = ""
    for key in (KEY, None):
        faults = plan("rate_limit", status=status)
        with client_and_replica(corpus, faults=faults, api_key=key, max_attempts=2) as (client, _):
            with pytest.raises(EutilsError) as caught:
                client.esearch("record[ti]")
        shown += "".join(traceback.format_exception(caught.value))

    for secret in (KEY, "someone@hospital", '"127.0.0.1"'):
        assert secret not in shown + caplog.text


# -- odd but good ------------------------------------------------------------------------------


@pytest.mark.case("90", "91")
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("content_type", {"type": "text/plain"}),
        ("content_type", {"type": "text/html"}),
        ("bom", {}),
        ("leading_newline", {}),
        ("crlf", {}),
    ],
)
def test_good_content_in_an_odd_dress_is_taken_at_once(corpus, tmp_path, kind, options):
    with client_and_replica(corpus, faults=plan(kind, **options)) as (client, replica):
        arm = search_arm(client, Made(), "crdt", WEEK)
        result, articles = fetched(client, tmp_path, arm.pmids)

    assert (result.received, articles[5].title) == ((1, 2, 3, 4, 5), "Record 5.")
    assert sent(replica) == [("esearch", kind), ("efetch", kind)]


@pytest.mark.parametrize(("seconds", "n_requests"), [(10, 1), (42, 2)])
def test_a_late_answer_is_waited_for_until_the_deadline(corpus, seconds, n_requests):
    """The replica's fault `delay` passes time on the shared clock; the deadline is 20 s here."""
    with client_and_replica(corpus, faults=plan("delay", seconds=seconds, times=1)) as (client, replica):
        reply = client.esearch("record[ti]")
        waited_s = client.clock.monotonic()

    assert (reply.count, len(replica.requests), replica.requests[0].fault) == (5, n_requests, "delay")
    assert seconds <= waited_s < seconds + 5


# -- the rate ----------------------------------------------------------------------------------


def ask_from_threads(client, n_threads, n_each):
    """Let threads share one client; return how many answers came."""
    answers = []

    def work():
        for _ in range(n_each):
            try:
                answers.append(client.esearch("record[ti]", retmax=0).count)
            except EutilsUnavailable:
                answers.append(None)

    threads = [threading.Thread(target=work) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.case("70")
@pytest.mark.parametrize("api_key", [None, KEY])
def test_threads_and_their_retries_never_ask_too_fast(corpus, api_key):
    """Eight threads, every fourth request fails in one way or another; the replica's counter is strict."""
    kinds = ("rate_limit", "server_error", "cut_chunk", "reset_connect", "empty_body")
    faults = "seed = 70\n" + "".join(plan(kind, probability=0.06) for kind in kinds)
    # Each thread's waits move the clock of all: no deadline, or the waits of one would end another's exchange.
    limits = Limits(read_s=5, deadline_s=100_000)
    with client_and_replica(corpus, faults=faults, api_key=api_key, limits=limits) as (client, replica):
        answers = ask_from_threads(client, 8, 12)
        took_s = client.clock.monotonic()

    n_faults = sum(fault is not None for _, fault in sent(replica))
    assert (answers, replica.violations) == ([5] * 96, 0)
    assert n_faults > 10
    assert len(replica.requests) == 96 + n_faults
    assert took_s >= len(replica.requests) / (10 if api_key else 3) - 2


@pytest.mark.case("70")
@pytest.mark.parametrize(("api_key", "n_each"), [(None, 3), (KEY, 8)])
def test_the_rate_holds_on_the_machines_own_clock(corpus, api_key, n_each):
    """The same in real seconds, as against the real service."""
    faults = plan("reset_connect", nth=4)
    with client_and_replica(corpus, faults=faults, clock=SystemClock(), api_key=api_key, first_wait_s=0.01) as (
        client,
        replica,
    ):
        started = time.monotonic()
        answers = ask_from_threads(client, 3, n_each)
        took_s = time.monotonic() - started

    assert (answers, len(replica.requests)) == ([5] * (3 * n_each), 3 * n_each + 1)
    assert took_s >= (len(replica.requests) - 1) / (10 if api_key else 3) - 1


# -- completeness ------------------------------------------------------------------------------

#: Kinds that other tests of the client's side meet: searches that lie, records, and histories that are lost.
ELSEWHERE = {
    "bad_request", "bad_utf8", "bom", "content_type", "control_character", "count_drop", "crlf", "delay", "drop_records",
    "entity", "entity_bomb", "expire_history", "extra_record", "history_lost", "history_lost_twice", "invalid_key",
    "leading_newline", "redirect", "reorder_records", "repeat_records", "set_cookie", "translation_drift", "warning", "zero",
}  # fmt: skip


def test_the_client_meets_every_kind_of_fault():
    """A new kind must be put to the client, too."""
    assert {kind for kind, _ in PASSING.values()} | ELSEWHERE == set(KINDS)
