"""``her2lit annotate`` and ``her2lit evaluate`` from the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

RECORDS = """<?xml version="1.0" encoding="UTF-8"?>
<PubmedArticleSet>
<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">11</PMID>
<Article PubModel="Print"><Journal><Title>Made up</Title></Journal>
<ArticleTitle>Tucatinib in HER2-positive metastatic breast cancer: a phase II trial</ArticleTitle>
<Abstract><AbstractText>We enrolled 40 patients. The objective response rate was 41% with tucatinib.</AbstractText></Abstract>
</Article></MedlineCitation><PubmedData><PublicationStatus>aheadofprint</PublicationStatus></PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">12</PMID>
<Article PubModel="Print"><Journal><Title>Made up</Title></Journal><ArticleTitle>On bees</ArticleTitle>
</Article></MedlineCitation><PubmedData><PublicationStatus>ppublish</PublicationStatus></PubmedData></PubmedArticle>
</PubmedArticleSet>
"""


@pytest.fixture
def records(tmp_path) -> Path:
    path = tmp_path / "records.xml"
    path.write_text(RECORDS, encoding="utf-8")
    return path


def her2lit(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "her2lit", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_annotate_writes_one_json_object_a_record_with_its_provenance(records, tmp_path):
    out = tmp_path / "out.jsonl"

    done = her2lit("annotate", records, "-o", out)
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert [row["pmid"] for row in rows] == [11, 12]
    assert rows[0]["drugs"] == [{"id": "tucatinib", "role": "studied"}]
    assert (rows[0]["design"], rows[0]["phase"], rows[0]["n"]) == ("phase2", "2", 40)
    assert (rows[0]["tumour"], rows[0]["her2_status"], rows[0]["setting"]) == (["breast"], ["positive"], ["metastatic"])
    assert [(o["endpoint"], o["value"], o["quote"]) for o in rows[0]["outcomes"]] == [("ORR", 41.0, "41%")]
    drug = rows[0]["provenance"]["drugs"][0]
    assert drug["sentence"][drug["start"] : drug["end"]] == "Tucatinib"


def test_only_drugs_leaves_out_records_without_one(records, tmp_path):
    out = tmp_path / "out.jsonl"

    her2lit("annotate", records, "--only-drugs", "-o", out)

    assert [json.loads(line)["pmid"] for line in out.read_text("utf-8").splitlines()] == [11]


def test_evaluate_prints_the_table_for_labels_of_our_own(records, tmp_path):
    labels = tmp_path / "labels.jsonl"
    label = {"pmid": 11, "drugs": [{"id": "tucatinib", "role": "studied"}], "design": "phase2", "phase": "2", "n": 40}
    labels.write_text(json.dumps(label) + "\n", encoding="utf-8")

    done = her2lit("evaluate", labels, records)

    lines = dict(
        line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith(("design", "phase", "n "))
    )
    assert lines == dict.fromkeys(("design", "phase", "n"), "accuracy 1.000   (1 of 1)")


def test_a_label_that_is_no_object_is_named_by_its_line(records, tmp_path):
    labels = tmp_path / "labels.jsonl"
    labels.write_text("[]\n", encoding="utf-8")

    done = her2lit("evaluate", labels, records)

    assert done.returncode == 2
    assert "line 1" in done.stderr


def test_annotate_reads_standard_input_and_writes_trial_families(tmp_path):
    out, families = tmp_path / "out.jsonl", tmp_path / "trials.jsonl"
    text = RECORDS.replace("40 patients.", "40 patients (NCT00000011).")

    done = subprocess.run(
        [sys.executable, "-m", "her2lit", "annotate", "-", "-o", str(out), "--families", str(families)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    [family] = [json.loads(line) for line in families.read_text("utf-8").splitlines()]
    assert (family["key"], family["primary_pmid"], family["pmids"]) == ("NCT00000011", 11, [11])
    row = json.loads(out.read_text("utf-8").splitlines()[0])
    assert [(v["value"], v["is"]) for v in row["provenance"]["values"]] == [
        ("phase", "2"),
        ("n", "40"),
        ("trial_id", "NCT00000011"),
    ]
    assert row["provenance"]["finding"]["sentence"] == row["finding"]
    assert [o["sentence"][o["start"] : o["end"]] for o in row["provenance"]["outcomes"]] == ["41%"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such.xml", "-o", "out.jsonl"], "there is no file no-such.xml"),
        (["records.xml", "-o", "nowhere/out.jsonl"], "there is no folder nowhere"),
        (["records.xml", "-o", "records.xml"], "both read and written"),
    ],
)
def test_annotate_refuses_what_can_only_be_a_mistake(records, arguments, message, monkeypatch):
    monkeypatch.chdir(records.parent)

    done = her2lit("annotate", *arguments)

    assert done.returncode == 2
    assert message in done.stderr
    assert records.read_text("utf-8") == RECORDS


def test_what_cannot_be_read_is_named_and_the_rest_is_written(records, tmp_path):
    broken, out = tmp_path / "broken.xml", tmp_path / "out.jsonl"
    broken.write_text("no XML at all", encoding="utf-8")

    done = her2lit("annotate", broken, records, "-o", out)

    assert done.returncode == 3
    assert "broken.xml" in done.stderr
    assert len(out.read_text("utf-8").splitlines()) == 2


def test_a_label_without_its_record_is_named(records, tmp_path):
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"pmid": 11, "design": "phase2"}\n{"pmid": 99, "design": "phase2"}\n', encoding="utf-8")

    done = her2lit("evaluate", labels, records)

    assert done.stderr.strip() == "labelled, but not in records.xml: 99"
