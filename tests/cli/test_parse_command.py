"""``her2lit parse``: files in, JSON lines or Parquet out, and an exit code that says how it went."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from every_element import EVERY_BOOK_ELEMENT, EVERY_ELEMENT
from pyarrow import parquet
from small_records import document, record

from her2lit.cli import cli
from her2lit.errors import UsageError
from her2lit.pubmed.article_json import article_from_dict

XML = Path(__file__).parent.parent / "pubmed" / "xml"
NBIB = "PMID- 77\nTI  - A title that\n      goes on.\nROF - Doe J. J Inv. 2020;1:1.\n      PMID: 5\nLA  - eng\n"


def run(*arguments: object, stdin: bytes | None = None):
    """Run the command; its return value is the exit code, as ``main`` hands it on."""
    runner = CliRunner()
    return runner.invoke(cli, ["parse", *map(str, arguments)], input=stdin, standalone_mode=False)


def test_every_value_of_every_record_is_in_the_json(tmp_path):
    out = tmp_path / "records.jsonl"

    result = run(XML / "every_element.xml", XML / "every_book_element.xml", "-o", out)

    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert result.return_value == 0
    assert [next(iter(line.items())) for line in lines] == [("pmid", 990000001), ("pmid", 990000003)]
    assert [article_from_dict(line) for line in lines] == [EVERY_ELEMENT, EVERY_BOOK_ELEMENT]


def test_parquet_has_a_file_per_table_and_keys_that_join(tmp_path):
    out = tmp_path / "records.parquet"

    result = run(XML / "every_element.xml", "-o", out)

    tables = {path.stem: parquet.read_table(path) for path in out.iterdir()}
    assert result.return_value == 0
    assert tables["articles"].select(["pmid", "title"]).to_pylist() == [
        {"pmid": 990000001, "title": EVERY_ELEMENT.title}
    ]
    assert tables["mesh_headings_qualifiers"].to_pylist()[0] == {
        "pmid": 990000001,
        "pmid_version": 2,
        "mesh_headings_position": 0,
        "position": 0,
        "name": "drug therapy",
        "ui": "Q000188",
        "major_topic": True,
        "is_auto": True,
    }
    assert [row["ref_pmid"] for row in tables["comments_corrections"].to_pylist()] == [990000002, None]
    assert tables["book"].num_rows == 0


def test_several_processes_write_what_one_writes(tmp_path, shared):
    """The order is the input's, whichever process was quicker; a file that fails does not end the others."""
    sources = (XML / "every_element.xml", tmp_path / "page.html", shared / "gold" / "dev_records.xml.gz")
    sources[1].write_text("<html></html>")

    results = [run(*sources, "-q", "-o", tmp_path / f"{n}.parquet", "--workers", n) for n in (1, 2)]

    one, two = ({path.name: parquet.read_table(path) for path in (tmp_path / f"{n}.parquet").iterdir()} for n in (1, 2))
    assert one == two
    assert one["articles.parquet"].num_rows > 100
    assert [result.return_value for result in results] == [1, 1]
    assert results[0].stderr == results[1].stderr


def test_references_can_be_left_out(tmp_path):
    for name in ("out.parquet", "out.jsonl"):
        run(XML / "every_element.xml", "-q", "-o", tmp_path / name, "--no-references")

    assert parquet.read_table(tmp_path / "out.parquet" / "references.parquet").num_rows == 0
    [record] = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert article_from_dict(record) == replace(EVERY_ELEMENT, references=())


@pytest.mark.parametrize(("end", "pmids"), [("", [2, 3]), ("</PubmedArticle >", [1, 2, 3])])
@pytest.mark.parametrize("name", ["out.parquet", "out.jsonl"])
def test_leaving_references_out_loses_no_record_that_another_swallowed(tmp_path, end, pmids, name):
    """Between the first list of the piece and its last one there is a whole record."""
    cited = "<PubmedData><ReferenceList><Reference><Citation>X.</Citation></Reference></ReferenceList></PubmedData>"
    first, *others = (record(n).replace("</PubmedArticle>", f"{cited}</PubmedArticle>") for n in (1, 2, 3))
    source = tmp_path / "in.xml"
    source.write_bytes(document(first.replace("</PubmedArticle>", end), *others))

    result = run(source, "-q", "-o", tmp_path / name, "--no-references")

    if name == "out.jsonl":
        articles = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        references = [reference for article in articles for reference in article["references"]]
    else:
        articles = parquet.read_table(tmp_path / name / "articles.parquet").to_pylist()
        references = parquet.read_table(tmp_path / name / "references.parquet").to_pylist()
    assert ([article["pmid"] for article in articles], references) == (pmids, [])
    assert result.return_value == (0 if 1 in pmids else 1)


def test_nbib_and_gzip_are_told_by_content(tmp_path):
    source, out = tmp_path / "export.xml", tmp_path / "out.jsonl"
    source.write_bytes(gzip.compress(NBIB.encode()))

    result = run(source, "-o", out)

    [record] = [json.loads(line) for line in out.read_text().splitlines()]
    assert (result.return_value, record["pmid"], record["title"]) == (0, 77, "A title that goes on.")
    assert [(link["ref_type"], link["pmid"]) for link in record["comments_corrections"]] == [("RetractionOf", 5)]


def test_one_bad_record_is_named_the_rest_is_written_and_the_exit_code_is_1(tmp_path):
    source, out = tmp_path / "bad.xml", tmp_path / "out.jsonl"
    good = (XML / "every_element.xml").read_text(encoding="utf-8")
    bad = "<PubmedArticle><MedlineCitation><PMID>5</PMID></PubmedArticle>"
    source.write_text(good.replace("</PubmedArticleSet>", f"{bad}</PubmedArticleSet>"), encoding="utf-8")

    result = run(source, "-o", out)

    assert result.return_value == 1
    assert "rejected: PMID 5 at byte" in result.stderr
    assert len(out.read_text().splitlines()) == 1


def test_a_file_that_is_no_pubmed_xml_fails_alone(tmp_path):
    page = tmp_path / "page.xml"
    page.write_text("<html></html>")

    result = run(page, XML / "every_element.xml", "-o", tmp_path / "o.jsonl")

    assert result.return_value == 1
    assert "not PubMed XML but an HTML page" in result.stderr
    assert len((tmp_path / "o.jsonl").read_text().splitlines()) == 1


def test_standard_input_goes_to_standard_output():
    result = run("-", "-q", stdin=(XML / "every_element.xml").read_bytes())

    assert json.loads(result.stdout)["pmid"] == 990000001


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.xml",), "no file"),
        ((XML / "every_element.xml", "-o", "out.csv"), "must end in"),
        ((XML / "every_element.xml", "-o", "nowhere/out.jsonl"), "make it first"),
        ((XML / "every_element.xml", "-o", "out.jsonl", "--workers", "2"), "for Parquet"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_read(arguments, message):
    result = run(*arguments)

    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)


@pytest.mark.parametrize("name", ["thesis.txt", "part-0001.parquet"])
def test_a_folder_with_other_things_is_never_replaced(tmp_path, name):
    folder = tmp_path / "mine.parquet"
    folder.mkdir()
    (folder / name).write_text("mine")

    result = run(XML / "every_element.xml", "-o", folder)

    assert isinstance(result.exception, UsageError)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine.parquet", name]


def test_the_tables_of_an_earlier_run_are_replaced(tmp_path):
    out = tmp_path / "out.parquet"
    run(XML / "every_book_element.xml", "-q", "-o", out)

    run(XML / "every_element.xml", "-q", "-o", out)

    assert parquet.read_table(out / "articles.parquet")["pmid"].to_pylist() == [990000001]
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_that_is_called_stdin_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stdin").write_bytes((XML / "every_element.xml").read_bytes())

    result = run("stdin", "-q", stdin=b"")

    assert json.loads(result.stdout)["pmid"] == 990000001


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_file_cut_off_between_two_records_is_said_to_be_cut(tmp_path, suffix):
    """No record is broken there, and nothing else would tell that some are missing."""
    source, out = tmp_path / "cut.xml", tmp_path / f"out.{suffix}"
    whole = (XML / "every_element.xml").read_bytes()
    source.write_bytes(whole[: whole.index(b"</PubmedArticleSet>")])

    result = run(source, "-o", out)

    assert result.return_value == 1
    assert "cut.xml: the input ends before its root element is closed: it was cut off" in result.stderr
    assert "1 articles" in result.stderr
    assert out.exists()


@pytest.mark.parametrize("content", [b"", b"\n \n", gzip.compress(b"")], ids=["empty", "blank", "empty gzip"])
def test_an_empty_file_is_named_and_the_others_are_read(tmp_path, content):
    empty = tmp_path / "empty.xml"
    empty.write_bytes(content)

    result = run(empty, XML / "every_element.xml", "-o", tmp_path / "out.jsonl")

    assert result.return_value == 1
    assert f"failed: {empty}: the input is empty, not PubMed XML" in result.stderr
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1


def test_xml_gzip_and_nbib_can_be_mixed_with_standard_input(tmp_path):
    packed, text = tmp_path / "a.gz", tmp_path / "b.nbib"
    packed.write_bytes(gzip.compress((XML / "every_element.xml").read_bytes()))
    text.write_text(NBIB)

    result = run(packed, text, "-", "-q", stdin=(XML / "every_book_element.xml").read_bytes())

    assert result.return_value == 0
    assert [json.loads(line)["pmid"] for line in result.stdout.splitlines()] == [990000001, 77, 990000003]
    assert "2 articles, 1 books, 0 deletions, 0 rejected, 0 kinds of unknown elements" in result.stderr


def test_what_nobody_knows_is_named_with_its_path_and_count(tmp_path):
    source = tmp_path / "new.xml"
    whole = (XML / "every_element.xml").read_text(encoding="utf-8")
    source.write_text(
        whole.replace("<Language>", '<Language New="1"><!-- --></Language><Newer/><Language>'), encoding="utf-8"
    )

    result = run(source, "-o", tmp_path / "out.jsonl")

    assert result.return_value == 0
    path = "unknown, not kept: PubmedArticle/MedlineCitation/Article"
    assert f"{path}/Language@New (2×)" in result.stderr
    assert f"{path}/Newer (2×)" in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("suffix", "workers"), [("jsonl", 1), ("parquet", 2)])
def test_a_run_that_is_told_to_end_leaves_nothing_half_made(tmp_path, suffix, workers):
    out = tmp_path / f"out.{suffix}"
    command = [sys.executable, "-m", "her2lit", "parse", "-", "-o", str(out), "--workers", str(workers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write((XML / "every_element.xml").read_bytes())
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.terminate()
        process.wait(timeout=30)
        said = process.stderr.read()

    assert (process.returncode, said) == (128 + signal.SIGTERM, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_killed_leaves_what_was_there_before(tmp_path):
    """Neither a half file under the final name, nor the old one gone."""
    out = tmp_path / "out.jsonl"
    out.write_text("yesterday\n")
    command = [sys.executable, "-m", "her2lit", "parse", "-", "-o", str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write((XML / "every_element.xml").read_bytes())
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".out.jsonl.*.new")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()

    assert out.read_text() == "yesterday\n"

    assert run(XML / "every_element.xml", "-o", out).return_value == 0
    assert json.loads(out.read_text())["pmid"] == 990000001
