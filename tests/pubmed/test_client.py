"""The client against a service on loopback that misbehaves on cue."""

from __future__ import annotations

import gzip
import logging
import threading
import time
import traceback
from datetime import UTC, datetime

import pytest
import requests
from scripted import WEBENV, Answer, ScriptedService, client_for, error_xml, in_turn, post_xml, search_xml, set_xml

from her2lit.clock import SimulatedClock
from her2lit.errors import EutilsRefused, EutilsReplyError, EutilsUnavailable, SettingsError
from her2lit.pubmed.client import EutilsClient, HistoryLost
from her2lit.pubmed.transport import Limits
from her2lit.settings import EutilsSettings

KEY = "0123456789abcdefKEY"
RATE = '{"error":"API rate limit exceeded","api-key":"%s","count":"4","limit":"3"}'
HTML = "<!DOCTYPE html><html><body>WWW Error 500 Diagnostic</body></html>"


def simulated():
    return SimulatedClock(datetime(2021, 6, 8, 6, 30, tzinfo=UTC))


# -- what is sent -----------------------------------------------------------------------------


@pytest.mark.case("28", "29")
def test_every_request_is_a_post_that_says_who_asks_in_its_body():
    """Key and address never stand in a URL, where proxies and logs would keep them."""
    with ScriptedService(in_turn(search_xml([1]), post_xml(), set_xml([1]))) as service:
        with client_for(service, api_key=KEY) as client:
            client.esearch("her2[tiab]", use_history=True)
            client.epost([1])
            client.efetch([1])

    who = {"tool": "her2lit", "email": "someone@hospital.invalid", "api_key": KEY, "db": "pubmed", "retmode": "xml"}
    search = {"term": "her2[tiab]", "retmax": "9999", "retstart": "0", "usehistory": "y"}
    assert [(asked.method, asked.path) for asked in service.requests] == [
        ("POST", f"/entrez/eutils/{utility}.fcgi") for utility in ("esearch", "epost", "efetch")
    ]
    assert [asked.form for asked in service.requests] == [who | search, who | {"id": "1"}, who | {"id": "1"}]
    assert {asked.headers["Accept-Encoding"] for asked in service.requests} == {"gzip"}


def test_a_session_is_named_as_the_service_spells_it():
    """``webenv`` in lower case made old servers hang."""
    with ScriptedService(in_turn(search_xml([]))) as service, client_for(service) as client:
        client.esearch("#1", webenv=WEBENV)

    form = service.requests[0].form
    assert (form["WebEnv"], form["usehistory"]) == (WEBENV, "y")


def test_nothing_is_taken_from_the_environment(monkeypatch):
    """A proxy from the environment would see key and address."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with ScriptedService(in_turn(search_xml([7]))) as service, client_for(service) as client:
        assert client.esearch("her2[tiab]").pmids == (7,)


@pytest.mark.case("93")
def test_cookies_are_not_kept():
    answers = in_turn(Answer(search_xml([7]), headers={"Set-Cookie": "ncbi_sid=1; Path=/"}), search_xml([7]))
    with ScriptedService(answers) as service, client_for(service) as client:
        client.esearch("her2[tiab]")
        client.esearch("her2[tiab]")

    assert [asked.headers.get("Cookie") for asked in service.requests] == [None, None]


@pytest.mark.case("93")
def test_another_host_is_refused_before_anything_is_sent():
    settings = EutilsSettings(email="a@b.invalid", base_url="https://eutils.example.org/entrez/eutils/")

    with pytest.raises(SettingsError):
        EutilsClient(settings, simulated())


def test_a_session_of_the_caller_is_used_and_left_open():
    """A site that needs a proxy or its own certificates hands its own session in."""
    with ScriptedService(in_turn(search_xml([7]))) as service, requests.Session() as session:
        session.headers["X-Site"] = "ours"
        settings = EutilsSettings(email="a@b.invalid", base_url=service.base_url)
        with EutilsClient(settings, simulated(), session=session) as client:
            client.esearch("her2[tiab]")
        client.esearch("her2[tiab]")

    assert [asked.headers["X-Site"] for asked in service.requests] == ["ours", "ours"]


@pytest.mark.parametrize("pmids", [[], [0], [-5], range(1, 5002)])
def test_an_impossible_id_list_is_a_programming_error(pmids):
    with ScriptedService(in_turn(post_xml())) as service, client_for(service) as client:
        with pytest.raises(ValueError, match="PMIDs"):
            client.epost(pmids)

    assert service.requests == []


# -- failures that pass -----------------------------------------------------------------------


def cut_chunk(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.wfile.write(b"400\r\n" + search_xml([1]).encode()[:300])


def reset(handler):
    handler.connection.close()


def cut_clean(handler):
    body = search_xml([1]).encode()[:-30]
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")


def gzip_raw(body):
    def write(handler):
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(head.encode() + body)

    return write


GOOD_GZIP = gzip.compress(search_xml([1]).encode())
PASSING = {
    "500 page": Answer(HTML, status=500),
    "502 page": Answer(HTML, status=502),
    "503": Answer("", status=503),
    "504": Answer("Gateway Time-out", status=504),
    "web page": Answer(HTML),
    "empty": Answer(""),
    "prolog only": Answer('<?xml version="1.0"?><!DOCTYPE eSearchResult PUBLIC "a" "b">'),
    "outage": Answer(error_xml("Search Backend failed: Database is not supported: pubmed")),
    "timeout as 400": Answer(error_xml("External viewer error: Empty Response. Status: Timeout"), status=400),
    "proxy as 400": Answer("<eSearchResult><ERROR>proxy_stream() 502", status=400),
    "rate": Answer(RATE % "203.0.113.7", status=429),
    "rate with 200": Answer(RATE % "203.0.113.7"),
    "cut inside a chunk": Answer(raw=cut_chunk),
    "cut cleanly": Answer(raw=cut_clean),
    "reset": Answer(raw=reset),
    "gzip with a wrong sum": Answer(raw=gzip_raw(GOOD_GZIP[:-8] + b"\0" * 8)),
    "gzip cut": Answer(raw=gzip_raw(GOOD_GZIP[:-40])),
    "no gzip though declared": Answer(raw=gzip_raw(search_xml([1]).encode())),
    "history lost without a session": Answer(error_xml("Unable to obtain query #1")),
}


@pytest.mark.case("69", "69c", "71", "72", "73", "74", "75", "76", "77", "78", "79", "80", "82", "83", "86", "87")
@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING)
def test_a_failure_that_passes_is_outlasted(failure):
    with ScriptedService(in_turn(failure, failure, search_xml([7]))) as service, client_for(service) as client:
        reply = client.esearch("her2[tiab]")

    assert (reply.pmids, len(service.requests)) == ((7,), 3)
    # A request can die on a connection that the server has just closed: it counts, but never arrives.
    assert client.n_requests >= 3


@pytest.mark.case("69", "69c", "71", "72", "73", "74", "75", "76", "77", "78", "79", "80", "82", "83", "86", "87")
@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING)
def test_a_failure_that_lasts_is_given_up_after_six_attempts(failure):
    with ScriptedService(in_turn(failure)) as service, client_for(service) as client:
        with pytest.raises(EutilsUnavailable, match="in 6 attempts"):
            client.esearch("her2[tiab]")

    assert client.n_requests == 6


def test_waits_grow_and_differ():
    """Exponential with jitter: many clients must not come back in step."""
    waits = []
    for _ in range(2):
        clock = simulated()
        with ScriptedService(in_turn(Answer(HTML, status=500))) as service:
            with client_for(service, clock=clock) as client, pytest.raises(EutilsUnavailable):
                client.esearch("her2[tiab]")
        waits.append(clock.monotonic())

    assert waits[0] != waits[1]
    assert all(31 <= waited <= 37 for waited in waits)


@pytest.mark.case("69b")
def test_retry_after_is_honoured():
    clock = simulated()
    answers = in_turn(Answer(RATE % "x", status=429, headers={"Retry-After": "42"}), search_xml([7]))
    with ScriptedService(answers) as service, client_for(service, clock=clock) as client:
        client.esearch("her2[tiab]")

    assert 42 <= clock.monotonic() < 44


@pytest.mark.case("73")
def test_a_retry_after_beyond_reason_ends_the_call():
    answers = in_turn(Answer("", status=503, headers={"Retry-After": "86400"}))
    with ScriptedService(answers) as service, client_for(service) as client:
        with pytest.raises(EutilsUnavailable, match="1 attempt"):
            client.esearch("her2[tiab]")

    assert len(service.requests) == 1


@pytest.mark.case("78")
def test_an_outage_of_the_search_engine_is_waited_out_longer():
    clock = simulated()
    answers = in_turn(PASSING["outage"], search_xml([7]))
    with ScriptedService(answers) as service, client_for(service, clock=clock) as client:
        client.esearch("her2[tiab]")

    assert clock.monotonic() >= 15


def test_the_waiting_of_a_whole_run_is_bounded():
    """Once the budget is spent, a call fails at its first failure: a service that is down is not hammered."""
    clock = simulated()
    with ScriptedService(in_turn(Answer(HTML, status=500))) as service:
        with client_for(service, clock=clock, budget_s=40.0) as client:
            for _ in range(10):
                with pytest.raises(EutilsUnavailable):
                    client.esearch("her2[tiab]")

    assert clock.monotonic() < 80
    assert len(service.requests) < 24


@pytest.mark.case("88")
def test_a_stalled_reply_ends_at_the_read_time_out():
    def stall(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<eSea\r\n")
        handler.wfile.flush()
        time.sleep(1.0)

    limits = Limits(read_s=0.2, deadline_s=5)
    answers = in_turn(Answer(raw=stall), search_xml([7]))
    with ScriptedService(answers) as service, client_for(service, limits=limits) as client:
        assert client.esearch("her2[tiab]").pmids == (7,)


@pytest.mark.case("89")
@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_dripping_reply_ends_at_the_deadline(where):
    """Each byte resets a read time-out; only the deadline over all ends it."""
    stop = threading.Event()

    def drip(handler):
        head = b"HTTP/1.1 200 OK\r\n" + (b"" if where == "headers" else b"Content-Length: 100000\r\n\r\n")
        handler.wfile.write(head)
        for _ in range(200):
            if stop.wait(0.05):
                return
            handler.wfile.write(b"X")
            handler.wfile.flush()

    limits = Limits(read_s=2, deadline_s=0.4)
    answers = in_turn(Answer(raw=drip), search_xml([7]))
    with ScriptedService(answers) as service, client_for(service, limits=limits) as client:
        started = time.monotonic()
        reply = client.esearch("her2[tiab]")
        took_s = time.monotonic() - started
        stop.set()

    assert reply.pmids == (7,)
    assert took_s < 2


def test_a_reply_beyond_the_size_limit_is_not_read_to_its_end():
    """A gzip bomb of a few kilobytes would otherwise fill the memory."""
    bomb = Answer("<eSearchResult>" + " " * 50_000_000, gzipped=True)
    limits = Limits(max_bytes=1_000_000)
    with ScriptedService(in_turn(bomb)) as service, client_for(service, limits=limits, max_attempts=2) as client:
        with pytest.raises(EutilsUnavailable, match="larger than 1,000,000 bytes"):
            client.esearch("her2[tiab]")


@pytest.mark.case("30")
def test_gzip_is_read():
    with ScriptedService(in_turn(Answer(search_xml([7]), gzipped=True))) as service, client_for(service) as client:
        assert client.esearch("her2[tiab]").pmids == (7,)


@pytest.mark.case("90")
@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/octet-stream"])
def test_the_content_type_does_not_matter(content_type):
    answers = in_turn(Answer(search_xml([7]), headers={"Content-Type": content_type}))
    with ScriptedService(answers) as service, client_for(service) as client:
        assert client.esearch("her2[tiab]").pmids == (7,)


def test_a_service_that_is_not_there_is_unavailable():
    with ScriptedService(in_turn(search_xml([]))) as service:
        client = client_for(service)

    with client, pytest.raises(EutilsUnavailable, match="could not be made"):
        client.esearch("her2[tiab]")


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.case("3", "44", "55", "81", "93", "94")
@pytest.mark.parametrize(
    "refusal",
    [
        Answer(error_xml("Invalid db name specified: nope")),
        Answer(error_xml("Search Backend failed: Exception:\n'retstart' cannot be larger than 9998.")),
        Answer(error_xml("ID list is empty! Possibly it has no correct IDs."), status=400),
        Answer(HTML, status=414),
        Answer("", status=301, headers={"Location": "https://eutils.ncbi.nlm.nih.gov/"}),
        Answer('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><eSearchResult>&x;</eSearchResult>'),
    ],
)
def test_a_refusal_is_not_asked_again(refusal):
    with ScriptedService(in_turn(refusal)) as service, client_for(service) as client:
        with pytest.raises(EutilsRefused, match="would not help"):
            client.esearch("her2[tiab]")

    assert len(service.requests) == 1


@pytest.mark.case("93")
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(status):
    """Key and address would go along."""
    with ScriptedService(in_turn(search_xml([1]))) as elsewhere:
        answers = in_turn(Answer("", status=status, headers={"Location": elsewhere.base_url + "esearch.fcgi"}))
        with ScriptedService(answers) as service, client_for(service) as client:
            with pytest.raises(EutilsRefused, match="redirect"):
                client.esearch("her2[tiab]")

    assert elsewhere.requests == []


@pytest.mark.case("97")
def test_an_invalid_key_is_a_setting_to_mend():
    body = f'{{"error":"API key invalid","api-key":"{KEY}","type":"invalid","status":"unknown"}}'
    with ScriptedService(in_turn(Answer(body, status=400))) as service, client_for(service, api_key=KEY) as client:
        with pytest.raises(SettingsError, match="HER2LIT_API_KEY") as caught:
            client.esearch("her2[tiab]")

    assert (len(service.requests), KEY in str(caught.value), caught.value.exit_code) == (1, False, 2)


@pytest.mark.case("51")
def test_a_lost_session_is_told_apart():
    lost = error_xml("Cannot retrieve history data. query_key: 1</ERROR><ERROR>Can't fetch uids from history")
    with ScriptedService(in_turn(lost)) as service, client_for(service) as client:
        with pytest.raises(HistoryLost):
            client.esearch("#1", webenv=WEBENV)

    assert len(service.requests) == 1


# -- secrets ----------------------------------------------------------------------------------


@pytest.mark.case("69", "97")
def test_neither_key_nor_address_nor_network_address_reaches_a_message_or_a_log(caplog):
    """The 429 body holds the caller's IP, or the key itself when one was sent."""
    caplog.set_level(logging.DEBUG)
    said = error_xml(f"api_key={KEY} someone@hospital.invalid someone%40hospital.invalid 203.0.113.7 2001:db8:0:1::7")
    with ScriptedService(in_turn(Answer(RATE % KEY, status=429), Answer(said, status=400))) as service:
        with client_for(service, api_key=KEY) as client:
            with pytest.raises(EutilsRefused) as caught:
                client.esearch("her2[tiab]")
            shown = repr(client) + "".join(traceback.format_exception(caught.value)) + caplog.text

    for secret in (KEY, "someone@hospital", "someone%40hospital", "203.0.113.7", "2001:db8:0:1::7"):
        assert secret not in shown
    assert "[redacted]" in str(caught.value)


@pytest.mark.case("69", "97")
def test_what_a_reply_says_in_passing_is_redacted_too():
    """Warnings are published with the ledger; a count that is none stands in an error."""
    secrets = f"api_key={KEY} from 203.0.113.7"
    warned = search_xml([7], warnings=(("OutputMessage", secrets),))
    broken = search_xml([7]).replace("<Count>1<", f"<Count>{secrets}<")
    with ScriptedService(in_turn(warned, broken)) as service, client_for(service, api_key=KEY) as client:
        reply = client.esearch("her2[tiab]")
        with pytest.raises(EutilsReplyError) as caught:
            client.esearch("her2[tiab]")

    shown = repr(reply) + "".join(traceback.format_exception(caught.value))
    assert (KEY in shown, "203.0.113.7" in shown) == (False, False)
    assert reply.warnings == ("OutputMessage: api_key=[redacted] from [address]",)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("from 2001:db8::1 at 12:30:45", "from [address] at 12:30:45"),
        ("from 2001:db8::1: too many", "from [address]: too many"),
        ("client:fe80::1%eth0", "client:[address]%eth0"),
        ("[2a01:4f8::5]:443", "[[address]]:443"),
        ("::ffff:192.0.2.1", "[address]:[address]"),
        ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "[address]"),
        ("std::bad_alloc, a ratio of 3:2, her2::x, a :: b", "std::bad_alloc, a ratio of 3:2, her2::x, a :: b"),
    ],
)
def test_network_addresses_of_every_spelling_are_redacted_and_times_are_not(said, shown):
    with ScriptedService(in_turn()) as service, client_for(service) as client:
        assert client.redact(said) == shown


# -- the start-up probe -----------------------------------------------------------------------


def info_xml(name="pubmed", fields=("CRDT", "EDAT", "MDAT", "MHDA")):
    listed = "".join(f"<Field><Name>{field}</Name></Field>" for field in fields)
    return (
        f"<eInfoResult><DbInfo><DbName>{name}</DbName><DbBuild>Build-1</DbBuild><Count>5</Count>"
        f"<LastUpdate>2021/06/08 06:33</LastUpdate><FieldList>{listed}</FieldList></DbInfo></eInfoResult>"
    )


@pytest.mark.case("2")
def test_the_probe_says_which_pubmed_answers():
    with ScriptedService(in_turn(info_xml())) as service, client_for(service) as client:
        info = client.einfo()

    assert (info.db_build, info.last_update, info.count) == ("Build-1", "2021/06/08 06:33", 5)


@pytest.mark.case("2")
@pytest.mark.parametrize("body", [info_xml(name="pmc"), info_xml(fields=("EDAT",))])
def test_the_probe_refuses_a_pubmed_without_the_dates_we_stand_on(body):
    with ScriptedService(in_turn(body)) as service, client_for(service) as client:
        with pytest.raises(EutilsRefused, match="nothing was searched"):
            client.einfo()
