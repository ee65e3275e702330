"""The command line as a whole: help, exit codes, where errors go."""

import subprocess
import sys

import pytest

from her2lit.cli import COMMANDS, main


def run(*arguments, **environ):
    """Run her2lit in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "her2lit", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environ or None,
    )


def test_help_names_every_command_and_exit_code():
    shown = run("--help").stdout

    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []
    assert [code for code in range(6) if f"\n    {code}  " not in shown] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example(name):
    shown = run(name, "--help")

    assert shown.returncode == 0
    assert "Example" in shown.stdout
    assert f"her2lit {name}" in shown.stdout.replace("--home /srv/her2lit ", "").replace("--home ./her2lit-demo ", "")


def test_help_imports_nothing_heavy():
    """
    Help starts in well under half a second because Prefect, DuckDB, pandas and lxml wait until they are needed.
    """
    code = (
        "import sys; from her2lit.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(sorted({'prefect', 'duckdb', 'pandas', 'lxml', 'pyarrow', 'requests'} & set(sys.modules)))"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert shown.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_wrong_usage():
    shown = run("nigthly")

    assert shown.returncode == 2
    assert "No such command 'nigthly'" in shown.stderr


def test_a_live_run_without_an_email_is_refused_before_anything_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("HER2LIT_EMAIL", raising=False)

    with pytest.raises(SystemExit) as stopped:
        main(["--home", str(tmp_path / "home"), "nightly"])

    assert stopped.value.code == 2
    assert "HER2LIT_EMAIL" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_a_demo_in_a_foreign_folder_is_refused(tmp_path, capsys):
    (tmp_path / "thesis.doc").write_text("years of work", encoding="utf-8")

    with pytest.raises(SystemExit) as stopped:
        main(["demo", "--out", str(tmp_path)])

    assert stopped.value.code == 1
    assert "left alone" in capsys.readouterr().err


def test_a_demo_over_a_missing_file_says_what_to_give(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["demo", "--out", str(tmp_path / "home"), "--data", str(tmp_path / "nothing.xml")])

    assert stopped.value.code == 2
    assert "Give --data a PubMed XML file" in capsys.readouterr().err


def test_the_demo_keeps_out_of_the_home_that_the_environment_names(tmp_path, monkeypatch, capsys):
    """
    HER2LIT_HOME is where an operator's real nights lie; the demo goes to ./her2lit-demo all the same.
    """
    monkeypatch.setenv("HER2LIT_HOME", str(tmp_path / "real"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "her2lit-demo").mkdir()
    (tmp_path / "her2lit-demo" / "thesis.doc").write_text("years of work", encoding="utf-8")

    with pytest.raises(SystemExit):
        main(["demo"])

    assert "her2lit-demo holds files that are not her2lit's" in capsys.readouterr().err
    assert not (tmp_path / "real").exists()
