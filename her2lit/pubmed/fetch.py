"""
Fetching: every requested PMID ends up received, missing, rejected or failed, with nothing over.

Records are asked for by plain id lists, so there is no history session to lose and no window of
9,999 to run into. Only a closed root and the count of PMIDs prove that a reply is whole: NCBI sends
no Content-Length, and leaves out what it cannot deliver without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from her2lit.errors import EutilsError, EutilsRefused, ParseError
from her2lit.pubmed.archive import RawArchive
from her2lit.pubmed.client import EutilsClient
from her2lit.pubmed.parse import parse_articles
from her2lit.records import Article, BatchRef, FetchResult, ParseResult, Reject

BATCH_SIZE = 200
#: Attempts for the parts of a batch that failed whole: the long waits have been waited already.
_PART_ATTEMPTS = 2
#: Requests one call may spend on taking failed batches apart; afterwards the service is simply down.
_MAX_PART_REQUESTS = 60

Progress = Callable[[int, int], None]


def fetch_articles(
    client: EutilsClient,
    archive: RawArchive,
    pmids: Iterable[int],
    *,
    batch_size: int = BATCH_SIZE,
    progress: Progress | None = None,
) -> FetchResult:
    """
    Fetch records in batches into *archive* and account for every PMID.

    Args:
        progress: Called with (PMIDs dealt with, PMIDs in all) after each batch.

    Returns:
        What came and what did not. PMIDs whose fetching failed stand in ``failed`` with the
        reason; nothing is raised for them, so that the rest of the night is kept.

    Raises:
        SettingsError: The API key is refused.
    """
    requested = tuple(sorted(set(pmids)))
    n_before = client.n_requests
    account = _Account()
    fetcher = _Fetcher(client=client, archive=archive, account=account)
    for start in range(0, len(requested), batch_size):
        batch = requested[start : start + batch_size]
        fetcher.fetch(batch)
        if progress is not None:
            progress(start + len(batch), len(requested))
    return account.result(requested, client.n_requests - n_before)


def read_batch(archive: RawArchive, batch: BatchRef) -> ParseResult:
    """
    Parse an archived batch again: only records that were asked for, only the newest version of each.

    Raises:
        ArchiveDamaged, ParseError: The stored bytes are not what was received.
    """
    parsed = parse_articles(archive.read(batch.batch_sha256), require_closed_root=True)
    newest = _newest(parsed.articles)
    wanted = tuple(newest[pmid] for pmid in batch.pmids if pmid in newest)
    return ParseResult(articles=wanted, rejects=parsed.rejects, deletions=parsed.deletions, unknown=parsed.unknown)


@dataclass(slots=True)
class _Account:
    """The books of one fetch."""

    batches: list[BatchRef] = field(default_factory=list)
    received: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    extra: set[int] = field(default_factory=set)
    rejects: dict[int, Reject] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)

    def warn(self, text: str) -> None:
        self.warnings.setdefault(text)

    def result(self, requested: tuple[int, ...], n_requests: int) -> FetchResult:
        return FetchResult(
            batches=tuple(self.batches),
            requested=requested,
            received=tuple(sorted(self.received)),
            missing=tuple(sorted(self.missing)),
            extra=tuple(sorted(self.extra)),
            rejects=tuple(self.rejects[pmid] for pmid in sorted(self.rejects)),
            failed=tuple(sorted(self.failed.items())),
            n_requests=n_requests,
            warnings=tuple(self.warnings),
        )


@dataclass(slots=True)
class _Fetcher:
    """Fetches batch after batch, taking a batch apart when it cannot be had whole."""

    client: EutilsClient
    archive: RawArchive
    account: _Account
    n_part_requests: int = 0

    def fetch(self, batch: tuple[int, ...], *, is_part: bool = False) -> None:
        """Fetch one batch, or its halves, down to the one PMID that spoils it."""
        if is_part and self.n_part_requests >= _MAX_PART_REQUESTS:
            self._fail(batch, "not tried: too many requests failed before it")
            return
        try:
            short = self._fetch_whole(batch, attempts=_PART_ATTEMPTS if is_part else None)
            # A reply can leave records out, or spoil them, for no reason of theirs: ask once more.
            if short:
                short = self._fetch_whole(short, attempts=_PART_ATTEMPTS)
            self.account.missing.update(pmid for pmid in short if pmid not in self.account.rejects)
        except (EutilsError, ParseError) as error:
            self._take_apart(batch, error)

    def _take_apart(self, batch: tuple[int, ...], error: EutilsError | ParseError) -> None:
        """Halve a batch that failed; what is left of one PMID is a reject (unreadable) or a failure."""
        open_pmids = tuple(pmid for pmid in batch if not self._is_settled(pmid))
        if not open_pmids:
            return
        if len(open_pmids) > 1:
            middle = len(open_pmids) // 2
            for half in (open_pmids[:middle], open_pmids[middle:]):
                self.n_part_requests += 1
                self.fetch(half, is_part=True)
        elif isinstance(error, ParseError):
            [pmid] = open_pmids
            self.account.rejects[pmid] = Reject(pmid=pmid, offset=0, reason=f"the reply cannot be parsed: {error}")
        elif isinstance(error, EutilsRefused) and "ID list is empty" in str(error):
            # EFetch says so for ids that it takes for no PMIDs: there is no such record.
            self.account.missing.update(open_pmids)
        else:
            self._fail(open_pmids, str(error))

    def _fail(self, pmids: tuple[int, ...], reason: str) -> None:
        self.account.failed.update((pmid, reason) for pmid in pmids if not self._is_settled(pmid))

    def _is_settled(self, pmid: int) -> bool:
        account = self.account
        return pmid in account.received or pmid in account.rejects or pmid in account.missing

    def _fetch_whole(self, batch: tuple[int, ...], *, attempts: int | None) -> tuple[int, ...]:
        """
        Fetch, archive and reconcile one reply; return the PMIDs of which it brought no readable record.

        Raises:
            EutilsError, ParseError: No reply, or none that can be read as a whole.
        """
        reply = self.client.fetch_reply(batch, max_attempts=attempts)
        parsed = parse_articles(reply.body, require_closed_root=True)
        unnamed = tuple(reject for reject in parsed.rejects if reject.pmid is None)
        if unnamed and len(batch) > 1:
            # Whose record it is shows only when each is asked for alone.
            raise ParseError(f"a record without a readable PMID: {unnamed[0].reason}")
        self.account.batches.append(
            self.archive.store(
                reply.body,
                pmids=batch,
                request=dict(reply.request),
                fetched_at=self.client.clock.now(),
                phid=reply.phid,
            )
        )
        return self._reconcile(batch, parsed, unnamed)

    def _reconcile(self, batch: tuple[int, ...], parsed: ParseResult, unnamed: tuple[Reject, ...]) -> tuple[int, ...]:
        account = self.account
        wanted = set(batch)
        newest = _newest(parsed.articles)
        if len(newest) < len(parsed.articles):
            account.warn(f"{len(parsed.articles) - len(newest)} records came twice or in older versions")
        got = set(newest)
        rejects = {reject.pmid: reject for reject in parsed.rejects if reject.pmid is not None}
        if unnamed:
            rejects.setdefault(batch[0], unnamed[0])
        foreign = (got | set(rejects)) - wanted
        if foreign:
            account.extra.update(foreign)
            account.warn(f"{len(foreign)} records came unasked and were discarded, first PMID {min(foreign)}")
        account.received.update(got & wanted)
        account.rejects.update((pmid, reject) for pmid, reject in rejects.items() if pmid in wanted - got)
        for pmid in got & wanted:
            account.rejects.pop(pmid, None)
        if parsed.unknown:
            names = ", ".join(path for path, _ in parsed.unknown[:5])
            account.warn(f"elements or attributes unknown to the parser: {names}")
        return tuple(pmid for pmid in batch if pmid not in account.received)


def _newest(articles: Iterable[Article]) -> Mapping[int, Article]:
    """Return the highest version of each PMID; of equal versions the last one printed."""
    newest: dict[int, Article] = {}
    for article in articles:
        known = newest.get(article.pmid)
        if known is None or article.pmid_version >= known.pmid_version:
            newest[article.pmid] = article
    return newest
