"""The replica over HTTP: transport, rate, log, control plane, and clients that know nothing of it."""

from __future__ import annotations

import gzip
import http.client
import json
import signal
import socket
import struct
import subprocess
import sys
import threading
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest
import requests
from replica_records import AS_NCBI, NOON, element, ids, record, write_corpus

from her2lit.clock import SimulatedClock, SystemClock
from her2lit.errors import UsageError
from her2lit.replica.corpus import Corpus
from her2lit.replica.faults import read_fault_plan
from her2lit.replica.server import Replica


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Five records."""
    records = (record(n, title=f"Asthma {n}.", abstract="word " * 50) for n in range(1, 6))
    return Corpus.from_files([write_corpus(tmp_path_factory.mktemp("http") / "a.xml", *records)])


@pytest.fixture
def clock():
    """A simulated clock."""
    return SimulatedClock(NOON)


@pytest.fixture
def replica(corpus, clock):
    """A strict replica on the simulated clock."""
    with Replica(corpus, clock, strict=True, token="t") as running:
        yield running


@pytest.fixture
def post(replica, clock):
    """Ask the replica, a second of simulated time apart."""
    with requests.Session() as session:

        def ask(utility, **parameters):
            clock.sleep(1)
            return session.post(f"{replica.base_url}{utility}.fcgi", data=parameters, timeout=(2, 5))

        yield ask


@pytest.mark.case("28")
def test_post_long_term_works_and_the_same_by_get_is_414(replica, post):
    term = " OR ".join(["asthma[tiab]"] * 450)
    assert len(term) > 6000

    with requests.get(f"{replica.base_url}esearch.fcgi", params={"term": term}, timeout=5) as by_get:
        assert by_get.status_code == 414

    assert element("Count", post("esearch", term=term).text) == "5"


@pytest.mark.case("29")
def test_get_equals_post(replica, post, clock):
    by_post = post("esearch", term="asthma[tiab]", retmax="3")
    clock.sleep(1)
    by_get = requests.get(f"{replica.base_url}esearch.fcgi", params={"term": "asthma[tiab]", "retmax": "3"}, timeout=5)

    assert by_get.content == by_post.content


@pytest.mark.case("30")
def test_headers_are_those_of_the_service(post):
    """Chunked, gzip when asked, no Content-Length."""
    reply = post("efetch", id="1,2", retmode="xml")

    shown = {
        name: reply.headers.get(name)
        for name in (
            "Content-Encoding",
            "Transfer-Encoding",
            "Content-Length",
            "Content-Type",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
        )
    }
    assert shown == {
        "Content-Encoding": "gzip",
        "Transfer-Encoding": "chunked",
        "Content-Length": None,
        "Content-Type": "text/xml; charset=UTF-8",
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "2",
    }
    assert reply.headers["NCBI-PHID"].startswith("REPLICA")
    assert reply.headers["X-Replica"] == "her2lit; not NCBI"


def test_without_asking_nothing_is_packed(replica):
    with urlopen(f"{replica.base_url}esearch.fcgi?term=asthma[tiab]", timeout=5) as reply:  # noqa: S310 - loopback
        assert (reply.headers["Content-Encoding"], ids(reply.read().decode())) == (None, [5, 4, 3, 2, 1])


def test_a_connection_is_kept_for_the_next_request(replica, clock):
    url = urlsplit(replica.base_url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=5)
    ports = []
    for _ in range(2):
        clock.sleep(1)
        connection.request("GET", url.path + "einfo.fcgi")
        ports.append(connection.sock.getsockname())
        connection.getresponse().read()
    connection.close()

    assert ports[0] == ports[1]


@pytest.mark.case("70")
def test_rate_conformance_counts_every_request_over_three_a_second(replica, clock):
    """With the service's own JSON, the caller in it; a second later all is well."""
    with requests.Session() as session:
        replies = [session.post(f"{replica.base_url}einfo.fcgi", timeout=5) for _ in range(5)]
        clock.sleep(1)
        replies.append(session.post(f"{replica.base_url}einfo.fcgi", timeout=5))

    assert [reply.status_code for reply in replies] == [200, 200, 200, 429, 429, 200]
    assert replies[3].json() == {
        "error": "API rate limit exceeded",
        "api-key": "127.0.0.1",
        "count": "4",
        "limit": "3",
    }
    assert replica.violations == 2
    assert [request.is_rate_violation for request in replica.requests] == [False, False, False, True, True, False]


@pytest.mark.case("70")
def test_thirds_of_a_second_are_fast_enough_and_not_too_fast(replica, clock):
    """Floats do not add up to a violation."""
    for _ in range(12):
        requests.post(f"{replica.base_url}einfo.fcgi", timeout=5).close()
        clock.sleep(1 / 3)

    assert replica.violations == 0


def test_a_key_has_its_own_quota_of_ten_and_is_never_logged(replica):
    data = {"api_key": "SECRETKEY", "email": "me@her2lit.invalid", "db": "pubmed"}
    for _ in range(11):
        reply = requests.post(f"{replica.base_url}einfo.fcgi", data=data, timeout=5)

    assert (reply.status_code, reply.json()["limit"], replica.violations) == (429, "10", 1)
    assert replica.requests[0].parameters == (("api_key", "REDACTED"), ("email", "REDACTED"), ("db", "pubmed"))
    assert "SECRETKEY" not in repr(replica.requests)


def test_threads_share_one_quota(corpus, clock):
    with Replica(corpus, clock, strict=True) as replica:
        threads = [
            threading.Thread(target=lambda: requests.post(f"{replica.base_url}einfo.fcgi", timeout=5).close())
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(replica.requests), replica.violations) == (8, 5)


def test_only_utilities_are_served(replica):
    for path in ("", "esearch", "espell.fcgi", "../esearch.fcgi"):
        with requests.get(replica.base_url + path, timeout=5) as reply:
            assert (reply.status_code, reply.text) == (404, "Not Found\n")


def test_a_request_without_a_readable_length_is_refused_and_the_next_one_served(replica, post, capfd):
    url = urlsplit(replica.base_url)
    with socket.create_connection((url.hostname, url.port), timeout=5) as connection:
        connection.sendall(f"POST {url.path}einfo.fcgi HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n".encode())
        answer = connection.makefile("rb").readline()
    with socket.create_connection((url.hostname, url.port), timeout=5) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"POST /ent")

    assert answer.split()[1] == b"400"
    assert post("einfo").status_code == 200
    assert capfd.readouterr().err == ""


def test_requests_are_recorded_in_a_file_as_well(corpus, clock, tmp_path):
    log = tmp_path / "log.jsonl"
    with Replica(corpus, clock, record_to=log) as replica:
        requests.post(f"{replica.base_url}esearch.fcgi", data={"term": "asthma[tiab]", "api_key": "K"}, timeout=5)

    [line] = log.read_text().splitlines()
    logged = json.loads(line)
    assert (logged["utility"], logged["parameters"], logged["status"]) == (
        "esearch",
        [["term", "asthma[tiab]"], ["api_key", "REDACTED"]],
        200,
    )


def test_a_port_in_use_is_an_error_that_says_what_to_do(corpus, replica):
    port = urlsplit(replica.base_url).port

    with pytest.raises(UsageError, match="choose another with --port"), Replica(corpus, SystemClock(), port=port):
        pass


# -- the control plane -------------------------------------------------------------------------


@pytest.fixture
def control(replica):
    """Send one order to the control plane."""
    url = replica.base_url.replace("/entrez/eutils/", "/__replica__/")

    def send(order, body="", *, token="t"):  # noqa: S107 - the fixture's own
        method, name = order.split()
        return requests.request(method, url + name, data=body, headers={"X-Replica-Token": token}, timeout=5)

    return send


def test_the_control_plane_asks_for_its_token(control):
    assert [control("GET status", token=token).status_code for token in ("t", "", "wrong")] == [200, 403, 403]
    assert control("GET nothing").status_code == 404


def test_the_clock_can_be_set_forward(control, clock):
    assert control("POST clock", "2021-06-10T00:00:00+00:00").status_code == 200
    assert clock.now() == datetime(2021, 6, 10, tzinfo=UTC)
    assert [control("POST clock", text).status_code for text in ("2021-06-09T00:00:00+00:00", "x")] == [400, 400]


def test_faults_can_be_planned_and_ended(control, post):
    assert control("POST faults", '[[fault]]\nkind = "unavailable"').status_code == 200
    assert post("einfo").status_code == 503
    control("POST faults", "")
    assert post("einfo").status_code == 200
    assert control("POST faults", '[[fault]]\nkind = "no such"').status_code == 400


def test_history_can_be_expired_and_requests_listed(control, post):
    web_env = element("WebEnv", post("epost", id="1").text)

    control("POST expire-history")

    assert "Unable to obtain query #1" in post("efetch", WebEnv=web_env, query_key="1").text
    assert [each["utility"] for each in control("GET requests").json()] == ["epost", "efetch"]
    assert control("GET status").json()["n_visible"] == 5


# -- faults on the wire ------------------------------------------------------------------------

FETCH = {"id": "1,2,3,4,5", "retmode": "xml"}


def test_an_undisturbed_request_is_logged_without_a_fault(replica, post):
    replica.set_faults(read_fault_plan('[[fault]]\nkind = "unavailable"\nnth = 2'))

    assert [post("einfo").status_code for _ in range(3)] == [200, 503, 200]
    assert [request.fault for request in replica.requests] == [None, "unavailable", None]


@pytest.mark.case("82", "86", "87")
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("cut_chunk", requests.exceptions.ChunkedEncodingError),
        ("reset_connect", requests.exceptions.ConnectionError),
        ("reset_after_headers", requests.exceptions.ChunkedEncodingError),
        ("gzip_crc", requests.exceptions.ContentDecodingError),
        ("gzip_false", requests.exceptions.ContentDecodingError),
    ],
)
def test_a_broken_transport_is_an_error_to_the_client(replica, post, kind, error):
    """Once, then well again."""
    replica.set_faults(read_fault_plan(f'[[fault]]\nkind = "{kind}"\ntimes = 1'))

    with pytest.raises(error):
        post("efetch", **FETCH)

    assert post("efetch", **FETCH).content.count(b"<PubmedArticle>") == 5
    assert [request.fault for request in replica.requests] == [kind, None]


@pytest.mark.case("86")
def test_a_gzip_that_ends_early_cannot_be_unpacked_whole(replica, clock):
    """Some clients notice nothing, so the bytes are looked at here."""
    replica.set_faults(read_fault_plan('[[fault]]\nkind = "gzip_cut"'))
    url = urlsplit(replica.base_url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=5)
    connection.request("POST", url.path + "efetch.fcgi", urlencode(FETCH), {"Accept-Encoding": "gzip"})
    packed = connection.getresponse().read()
    connection.close()

    with pytest.raises(EOFError):
        gzip.decompress(packed)


@pytest.mark.case("88", "89")
def test_stall_and_drip_outlast_a_clients_patience(replica, clock):
    """Real seconds; the replica still stops at once."""
    replica.set_faults(
        read_fault_plan('[[fault]]\nkind = "stall"\nseconds = 30\ntimes = 1\n[[fault]]\nkind = "drip"\nseconds = 0.05')
    )
    with pytest.raises(requests.exceptions.ConnectionError, match="timed out"):
        requests.post(f"{replica.base_url}einfo.fcgi", timeout=0.2)

    with requests.post(
        f"{replica.base_url}einfo.fcgi", timeout=0.2, stream=True, headers={"Accept-Encoding": ""}
    ) as slow:
        assert len(next(slow.iter_content(1))) == 1


def test_a_late_answer_takes_its_time_on_the_injected_clock(replica, post, clock):
    replica.set_faults(read_fault_plan('[[fault]]\nkind = "delay"\nseconds = 90\ntimes = 1'))
    before = clock.now()

    reply = post("einfo")

    assert (reply.status_code, (clock.now() - before).total_seconds()) == (200, 91)
    assert replica.requests[-1].fault == "delay"


@pytest.mark.case("50")
def test_a_planned_expiry_forgets_every_session_before_the_answer(replica, post):
    """The history is really gone: the next request finds nothing either, a new session works."""
    web_env = element("WebEnv", post("epost", id="1").text)
    replica.set_faults(read_fault_plan('[[fault]]\nkind = "expire_history"\ntimes = 1'))
    history = {"term": "#1", "usehistory": "y", "WebEnv": web_env}

    texts = [post("esearch", **history).text for _ in range(2)]
    renewed = element("WebEnv", post("epost", id="1").text)

    assert [element("ERROR", text) for text in texts] == ["Unable to obtain query #1"] * 2
    assert ids(post("esearch", **history | {"WebEnv": renewed}).text) == [1]
    assert [request.fault for request in replica.requests] == [None, "expire_history", None, None, None]


# -- clients that know nothing of the replica --------------------------------------------------


@pytest.fixture
def entrez(replica, clock, monkeypatch, tmp_path):
    """Bio.Entrez, pointed at the replica in the one way it allows."""
    monkeypatch.setenv("HOME", str(tmp_path))
    from Bio import Entrez

    def to_replica(request):
        clock.sleep(1)
        request.full_url = request.full_url.replace("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/", replica.base_url)
        return urlopen(request, timeout=5)  # noqa: S310 - loopback

    monkeypatch.setattr(Entrez, "urlopen", to_replica)
    monkeypatch.setattr(Entrez, "email", "me@her2lit.invalid")
    monkeypatch.setattr(Entrez, "sleep_between_tries", 0)
    monkeypatch.setattr(Entrez, "max_tries", 1)
    monkeypatch.setattr(Entrez._open, "previous", -1000.0)
    return Entrez


def read(entrez, handle):
    """Parse one reply with Biopython's parser, against its own DTDs."""
    with handle:
        return entrez.read(handle)


def test_biopython_reads_every_success_shape(entrez):
    search = read(entrez, entrez.esearch(db="pubmed", term="asthma[tiab]", usehistory="y", retmax=2))
    posted = read(entrez, entrez.epost(db="pubmed", id="1,2"))
    fetched = read(entrez, entrez.efetch(db="pubmed", id="1,2", retmode="xml"))
    summary = read(entrez, entrez.esummary(db="pubmed", id="1"))
    info = read(entrez, entrez.einfo(db="pubmed"))
    links = read(entrez, entrez.elink(dbfrom="pubmed", db="pubmed", id="1"))

    assert (search["Count"], search["IdList"], search["QueryKey"]) == ("5", ["5", "4"], "1")
    assert posted["QueryKey"] == "1"
    assert [str(each["MedlineCitation"]["PMID"]) for each in fetched["PubmedArticle"]] == ["1", "2"]
    assert (summary[0]["Title"], summary[0]["AuthorList"]) == ("Asthma 1.", ["Smith JA"])
    assert [(each["DbName"], each["Count"]) for each in info["DbInfo"]] == [("pubmed", "5")]
    assert links[0]["IdList"] == ["1"]


def test_biopython_meets_an_error_as_on_the_service(entrez):
    with pytest.raises(RuntimeError, match="Empty term and query_key - nothing todo"):
        read(entrez, entrez.esearch(db="pubmed", term=""))


def test_easy_entrez_works_against_the_replica(corpus):
    """A client of another author, on the real clock, at its own pace."""
    from easy_entrez import EntrezAPI

    with Replica(corpus, SystemClock(), strict=True, dialect=AS_NCBI) as replica:
        api = EntrezAPI("her2lit-test", "me@her2lit.invalid", server=replica.base_url, return_type="json")
        found = api.search("asthma[tiab]", max_results=3).data["esearchresult"]
        summaries = api.summarize(["1", "2"], max_results=2).data["result"]
        fetched = api.fetch(["1", "2"], max_results=2).data

        assert (found["count"], found["idlist"]) == ("5", ["5", "4", "3"])
        assert (summaries["uids"], summaries["1"]["title"]) == (["1", "2"], "Asthma 1.")
        assert [each.text for each in fetched.findall("PubmedArticle/MedlineCitation/PMID")] == ["1", "2"]
        assert replica.violations == 0


@pytest.fixture
def interruptible():
    """Let children take Ctrl-C, also where the suite runs in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_the_command_serves_until_it_is_stopped():
    command = [sys.executable, "-m", "her2lit", "replica", "--now", "2021-06-08T02:30:00-04:00"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told = "".join(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
        base_url = told.partition("Base URL: ")[2].split()[0]
        with requests.post(f"{base_url}esearch.fcgi", data={"term": "HER2[tiab]"}, timeout=5) as reply:
            count = element("Count", reply.text)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()

    assert (count, process.returncode) == ("6", 0)
    assert "Served 1 requests, 0 of them too fast." in rest
