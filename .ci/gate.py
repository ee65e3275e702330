"""
What may not leave this machine: registry hosts, machine paths, keys, addresses. Over tracked files, or over a home.

Usage: gate.py files < LIST        (names of tracked files, one a line, from the root)
       gate.py published HOME      (everything her2lit made for others; needs duckdb)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Written in pieces, so that this file passes its own gate.
REGISTRY_HOST = "|".join(("py" + r"pi\.org", "python" + r"hosted\.", "deb" + r"\.debian", "registry" + r"\.npmjs"))
#: In tracked files. /tmp/her2lit-… is what an example may say.
IN_FILES = {
    "a package registry's host": re.compile(REGISTRY_HOST, re.IGNORECASE),
    "a path of one machine": re.compile(r"(?<![\w/.~$}-])/(?:work|root|home/\w+|tmp/(?!her2lit-)\w+)(?:/|\b)"),
    "a key": re.compile(r"(?i)api_key=[0-9a-f]{20,}|\b[0-9a-f]{36}\b|-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a mail address": re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}\b", re.IGNORECASE),
}
#: Domains that belong to nobody, or to the documentation; nobody's mail lives at one letter.
FREE_DOMAINS = re.compile(
    r"@(?:[\w-]+\.)*(?:example|invalid|test|localhost|example\.(?:com|org|net)|hospital\.org|[a-z]\.org)$",
    re.IGNORECASE,
)
#: Published files: the address and the key that requests carry, and Prefect's or the machine's paths.
IN_PUBLISHED = {
    "the demo's own address": re.compile(r"demo@her2lit\.invalid"),
    "a request parameter that is secret": re.compile(r"(?i)\b(?:api_key|email)="),
    # DuckDB's RE2 knows no look-behind, so the character before is part of the match.
    "a path of one machine": re.compile(r"(?:^|[^\w/.~-])/(?:work|root|home/\w+|tmp)/"),
}


def findings_in_files(names: list[str]) -> Iterator[str]:
    """Yield ``file:line what`` for every finding in tracked text files."""
    for name in names:
        try:
            lines = Path(name).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # pictures
        for number, line in enumerate(lines, start=1):
            for what, pattern in IN_FILES.items():
                for match in pattern.finditer(line):
                    if what == "a mail address" and FREE_DOMAINS.search(match.group()):
                        continue
                    yield f"{name}:{number}: {what}: {match.group()[:60]}"


def findings_in_home(home: Path) -> Iterator[str]:
    """Yield findings in the snapshot's cells and in every text made for readers."""
    for path in sorted((*(home / "site").rglob("*"), *(home / "published").rglob("*.json"))):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", errors="replace")
            for what, pattern in IN_PUBLISHED.items():
                if pattern.search(text):
                    yield f"{path.relative_to(home)}: {what}"
    yield from findings_in_snapshot(home / "published" / "her2lit.duckdb")


def findings_in_snapshot(database: Path) -> Iterator[str]:
    """Yield findings in any text cell of any table, and tables that belong to the private file."""
    import duckdb  # noqa: PLC0415 - the tracked files are checked without it

    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        for schema, table in tables:
            if re.search(r"subscri|token|deliver", table):
                yield f"{database.name}: table {table} belongs to the private file"
            for what, pattern in IN_PUBLISHED.items():
                query = f'SELECT count(*) FROM "{schema}"."{table}" AS r WHERE regexp_matches(CAST(r AS VARCHAR), ?)'  # noqa: S608 - names come from the catalogue
                [n_rows] = connection.execute(query, [pattern.pattern]).fetchone() or (0,)
                if n_rows:
                    yield f"{database.name}: {n_rows} row(s) of {schema}.{table}: {what}"


def main() -> None:
    """Print every finding and exit with 1 if there is one."""
    match sys.argv[1:]:
        case ["files"]:
            found = list(findings_in_files(sys.stdin.read().splitlines()))
        case ["published", home]:
            found = list(findings_in_home(Path(home)))
        case _:
            raise SystemExit(__doc__)
    print("\n".join(found) or "nothing found")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
