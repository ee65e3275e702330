import csv
import io
import json

import click
import pytest
from click.testing import CliRunner
from made_records import NIGHT, article, made_drugs, night, started

from her2lit.cli import cli, main
from her2lit.cli.sql import write_csv, write_table
from her2lit.errors import UsageError, WarehouseError
from her2lit.home import open_home
from warehouse.connection import open_writer
from warehouse.load import load_drugs, load_night
from warehouse.publish import publish
from warehouse.query import QueryResult
from warehouse.samples import sample_queries


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with one published night."""
    made = open_home(tmp_path_factory.mktemp("home"), create=True)
    with open_writer(made.warehouse) as connection:
        load_drugs(connection, made_drugs())
        load_night(connection, night(article(1), article(2, title="=HYPERLINK(1)")))
    publish(made.warehouse, made.published, label=NIGHT, published_at=started(), data_as_of=started())
    return made


def ask(home, *arguments, **given):
    return CliRunner().invoke(cli, ["--home", str(home.root), "sql", *arguments], catch_exceptions=False, **given)


def test_an_answer_goes_into_a_pipe_as_csv(home):
    result = ask(home, "SELECT pmid, title, her2_status FROM new_evidence ORDER BY pmid")

    assert list(csv.reader(io.StringIO(result.output))) == [
        ["pmid", "title", "her2_status"],
        ["1", "Trastuzumab deruxtecan in made-up study 1", "positive"],
        ["2", "'=HYPERLINK(1)", "positive"],
    ]


def test_an_answer_can_be_json_or_a_table(home):
    sql = "SELECT pmid, run_label, drug_id AS drug FROM new_evidence WHERE pmid = 1"

    assert json.loads(ask(home, sql, "--format", "json").output) == [
        {"pmid": 1, "run_label": "2021-06-05", "drug": "trastuzumab-deruxtecan"}
    ]
    table = ask(home, sql, "--format", "table").output
    assert "trastuzumab-deruxtecan" in table
    assert table.rstrip().endswith("(1 row)")


def test_the_question_can_come_from_standard_input(home):
    assert ask(home, "-", input="SELECT 1 AS one").output == "one\n1\n"


def test_another_published_file_can_be_asked(home, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(home.published_database.read_bytes())

    assert ask(home, "SELECT count(*) AS n FROM drugs", "--database", str(copy)).output == "n\n4\n"


def test_a_home_where_nothing_was_published_says_what_to_run(tmp_path, capsys):
    open_home(tmp_path / "empty", create=True)

    with pytest.raises(SystemExit) as exited:
        main(["--home", str(tmp_path / "empty"), "sql", "FROM new_evidence"])

    assert exited.value.code == 1
    assert "Nothing has been published yet" in capsys.readouterr().err


@pytest.mark.parametrize("sql", ["SELEC 1", "DROP TABLE main.drugs", "COPY main.drugs TO 'x.csv'"])
def test_wrong_or_forbidden_sql_is_an_error_of_ours(home, sql):
    with pytest.raises(WarehouseError):
        ask(home, sql)


def test_a_timeout_must_be_a_positive_number_of_seconds(home):
    assert ask(home, "SELECT 1", "--timeout", "0").exit_code == 2


def test_no_cell_of_a_csv_starts_a_formula():
    """
    A title is outside text: a spreadsheet must not run it.
    """
    stream = io.StringIO()
    texts = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "plain", -1, None, ["=a", "b"], {"k": 1})
    write_csv(QueryResult(columns=("c",), types=("VARCHAR",), rows=tuple((text,) for text in texts)), stream)

    cells = [row[0] if row else "" for row in csv.reader(io.StringIO(stream.getvalue()))][1:]
    assert cells == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "plain", "-1", "", "'=a; b", '{"k": 1}']


def test_no_cell_of_a_table_steers_the_terminal_or_is_taken_for_markup():
    stream = io.StringIO()
    row = ("\x1b[31mred\x07\nnext", "[bold]x[/bold]", "right\u202eleft")

    write_table(QueryResult(columns=("a", "b", "c"), types=("VARCHAR",) * 3, rows=(row,)), stream)

    assert "[31mred next" in stream.getvalue()
    assert "[bold]x[/bold]" in stream.getvalue()
    assert not {"\x1b", "\x07", "\u202e"} & set(stream.getvalue())


def test_sample_queries_are_listed_with_their_questions(home):
    lines = ask(home, "--samples").output.splitlines()

    assert len(lines) == len(sample_queries()) >= 20
    assert lines[0].split("  ")[0] == sample_queries()[0].name
    assert all(line.endswith("?") for line in lines)


def test_a_sample_query_runs_or_is_printed_to_be_changed(home):
    answer = ask(home, "--sample", "new_by_drug_this_week").output
    printed = ask(home, "--sample", "new_by_drug_this_week", "--show").output

    assert answer.splitlines()[0] == "drug_name,evidence_rank,design,pmid,is_retracted,title"
    assert ask(home, "-", input=printed).output == answer


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ((), "Give one of"),
        (("SELECT 1", "--samples"), "Give one of"),
        (("--sample", "new_by_drug"), "Did you mean new_by_drug_this_week"),
        (("SELECT 1", "--show"), "name it with --sample"),
    ],
)
def test_a_wrong_call_says_what_to_give(home, words, advice):
    with pytest.raises(UsageError, match=advice):
        ask(home, *words)


def test_help_shows_an_example():
    assert "her2lit sql" in CliRunner().invoke(cli, ["sql", "--help"]).output
    assert isinstance(cli, click.Group)
