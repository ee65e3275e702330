"""``her2lit backup``: everything a home needs, in one file that was read back."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import click

from her2lit.cli import CliContext


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@click.pass_obj
def command(context: CliContext, target: Path) -> None:
    """
    Put everything the home needs into FILE, a tar that was read back; a folder gets a file named after the instant.

    Warehouse, raw replies, readers and receipts, outbox, pages and the published snapshot are in it; what can be made
    again is not. While a run is at work the backup is refused (exit code 5), and a run that starts meanwhile is.
    FILE holds your readers' addresses: its mode is 0600, keep it so.

    \b
    Examples:
      her2lit --home /srv/her2lit backup /mnt/backup/
      her2lit backup before-upgrade.tar
    """
    from flows.backup import back_up
    from her2lit.clock import SystemClock
    from her2lit.home import open_home

    home = open_home(context.home, create=False)
    made_at = SystemClock().now().astimezone(UTC).replace(tzinfo=None)
    path = target / f"her2lit-{made_at:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    backup = back_up(home, path, made_at=made_at, say=click.echo)
    click.echo(f"Backed up {backup.n_files:,} files, {backup.n_bytes / 1e6:,.1f} MB, into {path}.")
