"""The command line: one module per command, loaded only when that command runs."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from her2lit import __version__
from her2lit.errors import Her2litError

#: Command -> (module, one line for the overview). The overview imports none of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("her2lit.cli.demo", "Run four real nights offline and show what was found by drug."),
    "nightly": ("her2lit.cli.nightly", "Ask PubMed what is new, load it, publish it."),
    "reconcile": ("her2lit.cli.reconcile", "Compare the whole set in PubMed with what is held, weekly."),
    "sql": ("her2lit.cli.sql", "Query the published snapshot, read-only."),
    "find": ("her2lit.cli.find", "Find records by words, drug and kind of evidence, best first."),
    "why": ("her2lit.cli.why", "Say which search brought a record, or why it is not here."),
    "replay": ("her2lit.cli.replay", "Make a warehouse again from the raw archive, offline."),
    "raw": ("her2lit.cli.raw", "List the raw archive, or prune it."),
    "strategies": ("her2lit.cli.strategies", "List the searches and how PubMed reads them; approve a reading."),
    "digest": ("her2lit.cli.digest", "Write the weekly digest into the file mailbox, and the pages."),
    "subscribers": ("her2lit.cli.subscribers", "Say who gets the digest."),
    "backup": ("her2lit.cli.backup", "Put everything a home needs into one file."),
    "restore": ("her2lit.cli.restore", "Make a home again from a backup, or check one."),
    "status": ("her2lit.cli.status", "Say how the last run went and how fresh the data is."),
    "parse": ("her2lit.cli.parse", "Turn PubMed XML or .nbib files into JSON lines or Parquet."),
    "annotate": ("her2lit.cli.annotate", "Say what each record is evidence on, as JSON lines."),
    "evaluate": ("her2lit.cli.evaluate", "Compare the annotation with labels made by reading."),
    "replica": ("her2lit.cli.replica", "Serve an E-utilities replica on this machine."),
}

EXIT_CODES = """\b
Exit codes, for every command:
  0  clean
  1  error
  2  wrong usage or setting
  3  incomplete run: something is missing; where watermarks stayed, the next run reaches back
  4  audit refused: nothing was published, the old snapshot stays
  5  locked by another writer
"""


@dataclass(frozen=True, slots=True)
class CliContext:
    """What the global options say; commands get it from click's context."""

    home: Path
    #: True when --home names it in this very call, not HER2LIT_HOME or the platform's default
    home_was_named: bool


class LazyGroup(click.Group):
    """A group whose commands are imported when called, so that ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command, in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)  # noqa: S101 - each module's contract
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview from the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def default_home() -> Path:
    """Return the platform's user data folder for her2lit."""
    from platformdirs import user_data_path

    return user_data_path("her2lit", appauthor=False)


@click.group(cls=LazyGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="her2lit")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="HER2LIT_HOME",
    help="Folder that holds everything her2lit keeps (also HER2LIT_HOME). Default: the platform's user data folder.",
)
@click.pass_context
def cli(ctx: click.Context, home: Path | None) -> None:
    """
    Watch PubMed for new evidence on systemic therapy of metastatic HER2-positive breast cancer.

    \b
    Examples:
      her2lit demo                                 see it work, offline, in a minute
      her2lit --home /srv/her2lit nightly          one nightly run (needs HER2LIT_EMAIL)
      her2lit sql "SELECT * FROM new_evidence_by_drug"
    """
    is_named = ctx.get_parameter_source("home") is click.core.ParameterSource.COMMANDLINE
    ctx.obj = CliContext(home=home or default_home(), home_was_named=is_named)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code the errors carry."""
    try:
        outcome: Any = cli.main(args=arguments, prog_name="her2lit", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Her2litError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`her2lit sql … | head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(outcome if isinstance(outcome, int) else 0)
