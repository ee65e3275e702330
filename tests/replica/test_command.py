"""``her2lit replica``: what it says at the start, how it ends, and how it refuses wrong input."""

from __future__ import annotations

import gzip
import re
import socket

import pytest
import requests
from replica_records import record, write_corpus

from her2lit.cli import main
from her2lit.cli import replica as replica_module
from her2lit.replica.server import APPROXIMATIONS


@pytest.fixture
def corpus(tmp_path):
    """One small record."""
    return write_corpus(tmp_path / "one.xml", record(1, title="Asthma."))


def run(*arguments):
    """Run the command; return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["replica", *map(str, arguments)])
    return ended.value.code


@pytest.fixture
def stopped(monkeypatch, capsys):
    """Run the command until it serves, ask it *n_requests* times at once, and press Ctrl-C."""

    def start(*arguments, n_requests=0):
        told = []

        def instead_of_sleeping(_seconds):
            told.append(capsys.readouterr().out)
            base_url = re.search(r"Base URL: (\S+)", told[0])[1]
            for _ in range(n_requests):
                requests.post(f"{base_url}einfo.fcgi", timeout=5).close()
            raise KeyboardInterrupt

        monkeypatch.setattr(replica_module.time, "sleep", instead_of_sleeping)
        code = run(*arguments)
        return code, told[0], capsys.readouterr().out

    return start


def test_the_start_declares_every_approximation_and_the_end_counts(stopped, corpus):
    code, told, rest = stopped("--corpus", corpus, "--now", "2021-06-08T02:30:00-04:00", n_requests=2)

    assert [line for line in APPROXIMATIONS if f"  - {line}\n" not in told] == []
    assert "1 record versions; 0 records could not be read. Not NCBI: approximations" in told
    assert (code, rest) == (0, "Served 2 requests, 0 of them too fast.\n")


@pytest.mark.case("70")
@pytest.mark.parametrize(("strict", "code"), [(["--strict"], 1), ([], 0)])
def test_too_many_requests_a_second_fail_a_strict_replica(stopped, corpus, strict, code):
    assert stopped("--corpus", corpus, *strict, n_requests=5)[0] == code


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--now", "yesterday"], 2, "is no ISO date-time; write e.g. 2021-06-08T02:30:00-04:00"),
        (["--now", "2021-06-08T02:30:00"], 2, "has no UTC offset"),
        (["--port", "99999"], 2, "not in the range 0<=x<=65535"),
        (["--corpus", "nowhere.xml"], 2, "does not exist"),
        (["--faults", "nowhere.toml"], 2, "does not exist"),
        (["--log", "/nowhere/at/all.jsonl"], 2, "cannot be written"),
    ],
)
def test_a_wrong_option_says_what_to_write_instead(capsys, arguments, code, said):
    assert run(*arguments) == code
    assert said in capsys.readouterr().err


def test_a_wrong_fault_plan_is_refused_before_anything_is_indexed(tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nkind = "stall"\nseconds = "long"\n')

    assert run("--faults", plan) == 2
    told = capsys.readouterr()
    assert (told.out, "a number of seconds belongs" in told.err) == ("", True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no PubmedArticleSet"),
        (b"<html></html>", "holds no PubmedArticleSet"),
        (b"<PubmedArticleSet><PubmedArticle>", "the file is cut"),
        (
            gzip.compress(b"<PubmedArticleSet>" + b"<PubmedArticle></PubmedArticle>" * 50, mtime=0)[:40],
            "bad.xml cannot be read to its end",
        ),
        (b"\x1f\x8b no gzip", "bad.xml cannot be read to its end"),
        (b'<PubmedArticleSet><?her2lit-replica valid-from="soon"?></PubmedArticleSet>', "with a UTC offset"),
    ],
)
def test_a_corpus_that_is_none_is_an_error_that_names_the_file(tmp_path, capsys, content, said):
    path = tmp_path / "bad.xml"
    path.write_bytes(content)

    assert run("--corpus", path) == 1
    assert said in capsys.readouterr().err


def test_a_port_in_use_is_an_error_that_says_what_to_do(corpus, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        assert run("--corpus", corpus, "--port", taken.getsockname()[1]) == 2
    assert "choose another with --port" in capsys.readouterr().err
