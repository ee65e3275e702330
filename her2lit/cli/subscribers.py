"""``her2lit subscribers``: who gets the digest; addresses live in private.duckdb only."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any

import click

from her2lit.cli import CliContext


@click.group()
def command() -> None:
    """
    Say who gets the weekly digest. Addresses are kept in private.duckdb (mode 0600) and nowhere else.

    \b
    Examples:
      her2lit subscribers add name@hospital.org
      her2lit subscribers list
      her2lit subscribers remove name@hospital.org
    """


@command.command()
@click.argument("address")
@click.pass_obj
def add(context: CliContext, address: str) -> int:
    """
    Add a reader; from then on the owner's own copy is no longer written.

    \b
    Example:
      her2lit subscribers add name@hospital.org
    """
    from her2lit.clock import SystemClock
    from her2lit.mail import checked_address
    from warehouse.private import add_subscriber

    spec = checked_address(address.strip()).addr_spec
    with _private(context) as connection:
        reader = add_subscriber(
            connection,
            # Stands in file names and Message-IDs, so it must not say who it is.
            subscriber_id=secrets.token_hex(6),
            email=spec,
            added_at=SystemClock().now().astimezone(UTC).replace(tzinfo=None),
        )
    click.echo(f"Added as reader {reader.subscriber_id}.")
    return 0


@command.command("list")
@click.pass_obj
def list_all(context: CliContext) -> int:
    """
    List the readers with their addresses.

    \b
    Example:
      her2lit subscribers list
    """
    from warehouse.private import list_subscribers

    with _private(context) as connection:
        found = list_subscribers(connection)
    for reader in found:
        click.echo(f"{reader.subscriber_id}  {reader.added_at:%Y-%m-%d}  {reader.email}")
    if not found:
        click.echo("No subscribers: the digest is written once, for the owner of this home.")
    return 0


@command.command()
@click.argument("address")
@click.pass_obj
def remove(context: CliContext, address: str) -> int:
    """
    Remove a reader; nothing is sent to the address any more.

    \b
    Example:
      her2lit subscribers remove name@hospital.org
    """
    from warehouse.private import remove_subscriber

    with _private(context) as connection:
        remove_subscriber(connection, address.strip())
    click.echo("Removed.")
    return 0


@contextmanager
def _private(context: CliContext) -> Iterator[Any]:
    """Open private.duckdb of the chosen home; what DuckDB is stays with the warehouse."""
    from her2lit.home import open_home
    from warehouse.private import open_private

    home = open_home(context.home, create=True)
    with open_private(home.private) as connection:
        yield connection
