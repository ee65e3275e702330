"""``her2lit restore``: a home again from a backup."""

from __future__ import annotations

from pathlib import Path

import click

from her2lit.cli import CliContext
from her2lit.errors import UsageError


@click.command()
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--check", "is_check", is_flag=True, help="Only read FILE and compare every hash; nothing is written.")
@click.pass_obj
def command(context: CliContext, source: Path, is_check: bool) -> None:
    """
    Make the home that --home names again from FILE, which `her2lit backup` made.

    The home must be new or empty; every file is compared with its hash before the home takes its name. The next run
    reaches back to where the backup's watermarks stand. A digest sent after the backup was made is not known in it:
    look into the mails that went out before you send that week's again.

    \b
    Examples:
      her2lit restore her2lit-20261126T031500Z.tar --check
      her2lit --home /srv/her2lit-again restore her2lit-20261126T031500Z.tar
    """
    from flows.backup import read_backup, restore

    if not is_check and not context.home_was_named:
        raise UsageError("Say where: her2lit --home FOLDER restore FILE. Or only --check the file.")
    backup = read_backup(source) if is_check else restore(source, context.home)
    said = f"{backup.n_files:,} files, {backup.n_bytes / 1e6:,.1f} MB, made {backup.made_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"The backup is whole: {said}." if is_check else f"Restored {said}, into {context.home}.")
