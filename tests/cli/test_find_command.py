import csv
import io
import json

import pytest
from click.testing import CliRunner
from made_records import NIGHT, article, made_drugs, night, started

from her2lit.cli import cli
from her2lit.cli.find import drug_ids_named
from her2lit.errors import UsageError, WarehouseError
from her2lit.home import open_home
from her2lit.topic.topic import load_topic
from warehouse.connection import open_writer
from warehouse.load import load_drugs, load_night
from warehouse.publish import publish


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with one published night of three records."""
    made = open_home(tmp_path_factory.mktemp("home"), create=True)
    with open_writer(made.warehouse) as connection:
        load_drugs(connection, made_drugs())
        load_night(
            connection,
            night(article(1), article(2, title="=HYPERLINK(1) \x1b[31m lapatinib"), article(3, title="Neratinib")),
        )
    publish(made.warehouse, made.published, label=NIGHT, published_at=started(), data_as_of=started())
    return made


def find(home, *arguments):
    return CliRunner().invoke(cli, ["--home", str(home.root), "find", *arguments], catch_exceptions=False)


def test_found_records_go_into_a_pipe_as_csv(home):
    answer = find(home, "lapatinib")

    [row] = csv.DictReader(io.StringIO(answer.stdout))
    assert (row["pmid"], row["created_date"], row["drug_ids"], row["design"], row["is_retracted"]) == (
        "2", "2021-06-03", "trastuzumab-deruxtecan", "phase2", "False",
    )  # fmt: skip
    assert row["title"].startswith("'=HYPERLINK")
    assert answer.exit_code == 0


def test_found_records_can_be_json(home):
    [found] = json.loads(find(home, "made-up study", "--format", "json", "--limit", "5").stdout)

    assert (found["pmid"], found["snippet"]) == (1, "Patients were made up.")


def test_a_table_shows_the_sentence_and_cannot_steer_the_terminal(home):
    answer = find(home, "patients", "--format", "table", "--limit", "2")

    assert answer.stdout.count("  | Patients were made up.") == 2
    assert "\x1b" not in answer.stdout
    assert answer.stdout.rstrip().endswith("(2 of 3 records)")
    assert "1 more" in answer.stderr


def test_a_drug_is_named_by_id_brand_or_code(home):
    for name in ("trastuzumab-deruxtecan", "Enhertu", "DS-8201a"):
        assert '"pmid": 1' in find(home, "study", "--drug", name, "--format", "json").stdout
    assert find(home, "study", "--drug", "tucatinib", "--format", "json").stdout == "[]\n"


def test_where_nothing_is_found_it_says_why_and_what_is_near(home):
    answer = find(home, "lapatinb neratinib")
    together = find(home, "lapatinib neratinib", "--since", "2021-01-01")

    assert "lapatinb: 0 records; near: lapatinib (1)" in answer.stderr
    assert "neratinib: 1 record\n" in answer.stderr
    assert "--any" in together.stderr
    assert "--since" in together.stderr
    assert (answer.exit_code, together.exit_code) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("study", "--drug", "enhertoo"), "Near: trastuzumab-deruxtecan"),
        (("study", "--drug", "qqqqqqqq"), "FROM drugs"),
        (("study", "--design", "phase9"), "There are: phase2"),
        (("study", "--setting", "nowhere"), "There are: metastatic"),
        (("…",), "no word to look for"),
    ],
)
def test_a_question_that_could_only_find_nothing_is_refused(home, arguments, message):
    with pytest.raises(UsageError, match=message):
        find(home, *arguments)


def test_a_home_without_a_publication_says_what_to_do(tmp_path):
    open_home(tmp_path / "new", create=True)

    with pytest.raises(WarehouseError, match="Nothing has been published yet"):
        CliRunner().invoke(cli, ["--home", str(tmp_path / "new"), "find", "x"], catch_exceptions=False)


def test_an_abbreviation_of_two_drugs_means_both():
    topic = load_topic()

    assert drug_ids_named("trastuzumab", topic) == ("trastuzumab",)
    assert drug_ids_named("  T-DXd ", topic) == drug_ids_named("trastuzumab deruxtecan", topic)
