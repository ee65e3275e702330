"""The real client against the replica, on one simulated clock: waiting costs nothing, every second counts."""

from __future__ import annotations

from contextlib import contextmanager

from replica_records import NOON, write_corpus

from her2lit.clock import SimulatedClock
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.client import EutilsClient, RetryPolicy
from her2lit.pubmed.fetch import fetch_articles, read_batch
from her2lit.pubmed.transport import Limits
from her2lit.replica.corpus import Corpus
from her2lit.replica.faults import read_fault_plan
from her2lit.replica.server import Replica
from her2lit.settings import EutilsSettings

KEY = "0123456789abcdefKEY"


def plan(kind, utility=None, **options):
    """A fault plan of one rule, as TOML."""
    rule = {"kind": kind, **({"utility": utility} if utility else {}), **options}
    lines = (f"{name} = {_toml(value)}" for name, value in rule.items())
    return "[[fault]]\n" + "\n".join(lines) + "\n"


def _toml(value):
    return f'"{value}"' if isinstance(value, str) else str(value)


@contextmanager
def client_and_replica(corpus, *, faults=None, at=NOON, clock=None, api_key=None, dialect=None, limits=None, **policy):
    """The client and a strict replica over *corpus*; at the end no request may have come too fast."""
    clock = clock or SimulatedClock(at)
    with Replica(corpus, clock, strict=True, dialect=dialect) as replica:
        replica.set_faults(read_fault_plan(faults) if faults else None)
        settings = EutilsSettings(email="someone@hospital.invalid", api_key=api_key, base_url=replica.base_url)
        rules = RetryPolicy(limits=limits or Limits(read_s=5, deadline_s=20), **policy)
        with EutilsClient(settings, clock, policy=rules) as client:
            yield client, replica
        assert replica.violations == 0


def corpus_of(tmp_path, *records):
    """Records as a corpus."""
    return Corpus.from_files([write_corpus(tmp_path / "corpus.xml", *records)])


def fetched(client, folder, pmids, **options):
    """The result of fetching *pmids*, and the articles that are kept, by PMID."""
    archive = RawArchive(folder)
    result = fetch_articles(client, archive, pmids, **options)
    accounted = sorted(
        [*result.received, *result.missing, *(r.pmid for r in result.rejects), *(p for p, _ in result.failed)]
    )
    assert accounted == list(result.requested)
    articles = (article for batch in result.batches for article in read_batch(archive, batch).articles)
    return result, {article.pmid: article for article in articles}


def sent(replica):
    """(utility, fault) of every request the replica met."""
    return [(request.utility, request.fault) for request in replica.requests]
