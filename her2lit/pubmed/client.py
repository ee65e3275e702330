"""
The client of E-utilities: every request by POST, through one gate, retried only where that can help.

What NCBI asks of programs (NBK25497, NBK25499): ``tool`` and ``email`` with every request, three
requests a second (ten with a key), POST for long terms and many ids. The body of a reply decides
whether it is an answer, a passing failure or a refusal (see ``replies``).
"""

from __future__ import annotations

import ipaddress
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, quote_plus

import requests
import tenacity

from her2lit.clock import Clock
from her2lit.errors import EutilsRefused, EutilsReplyError, EutilsUnavailable, SettingsError
from her2lit.pubmed import replies
from her2lit.pubmed.gate import PolitenessGate
from her2lit.pubmed.replies import HistorySet, InfoReply, SearchReply, SummaryReply, Trouble
from her2lit.pubmed.transport import ExchangeFailed, HttpReply, Limits, new_session, post
from her2lit.settings import EutilsSettings, checked_base_url

#: PubMed hands out at most this many PMIDs of one search, at offsets 0 to 9,998.
SEARCH_CAP = 9_999
#: EPost takes 10,000, but whether such a set is capped at 9,999 is nowhere said.
POST_CAP = 5_000

T = TypeVar("T")

_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:]{1,20}")
#: What may be an IPv6 address in its short form, which "::" gives away; at most 45 characters write one.
_MAYBE_SHORT_IPV6 = re.compile(r"(?<![0-9A-Za-z_])[0-9A-Fa-f:]{3,46}+(?![0-9A-Za-z_])")
_KEY_MEMBER = re.compile(r"""(api[-_]key["']?\s*[:=]\s*["']?)[^"',&\s}]+""", re.IGNORECASE)


class HistoryLost(EutilsUnavailable):
    """The history server no longer knows the set: post it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long one call is tried, and how long a client waits over its life."""

    limits: Limits = field(default_factory=Limits)
    max_attempts: int = 6
    first_wait_s: float = 1.0
    max_wait_s: float = 60.0
    #: Shortest wait when the search engine behind E-utilities is down
    backend_wait_s: float = 15.0
    #: A longer Retry-After is not waited out
    max_retry_after_s: float = 300.0
    #: Waiting for retries over the client's whole life; then every failure is final at once
    budget_s: float = 1_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReply:
    """One EFetch reply: the bytes as received, decompressed, its root closed."""

    body: bytes
    #: Request parameters as sent, without key and address
    request: tuple[tuple[str, str], ...]
    #: NCBI-PHID, NCBI's handle for support, where sent
    phid: str | None


class _Passing(Exception):
    """A failure that may pass; carries what the wait depends on."""

    def __init__(self, trouble: Trouble, *, retry_after_s: float | None = None) -> None:
        super().__init__(trouble.text)
        self.trouble = trouble
        self.retry_after_s = retry_after_s


class EutilsClient:
    """
    Asks E-utilities about PubMed. Safe to share between threads: one gate spaces all requests.

    Args:
        session: For a site that needs a proxy or its own certificates; by default a session that
            takes nothing from the environment. It is closed by ``close`` only if made here.
        policy: Time-outs, attempts and waits.

    Raises:
        SettingsError: The base URL is neither NCBI's nor on this machine.
    """

    def __init__(
        self,
        settings: EutilsSettings,
        clock: Clock,
        *,
        session: requests.Session | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._settings = settings
        self._base_url = checked_base_url(settings.base_url)
        self.clock = clock
        self._policy = policy or RetryPolicy()
        self._session = session or new_session()
        self._owns_session = session is None
        self._gate = PolitenessGate(clock, settings.requests_per_second)
        self._lock = threading.Lock()
        self._waited_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"EutilsClient({self._base_url!r}, {self._settings.requests_per_second} requests/s)"

    def close(self) -> None:
        """Close the connections that this client opened."""
        if self._owns_session:
            self._session.close()

    @property
    def n_requests(self) -> int:
        """Return the number of requests sent so far, retries included."""
        return self._gate.n_started

    def redact(self, text: str) -> str:
        """Return *text* without key, e-mail address and network addresses."""
        for secret in (self._settings.api_key, self._settings.email):
            if secret:
                for spelling in {secret, quote(secret), quote_plus(secret)}:
                    text = text.replace(spelling, "[redacted]")
        text = _ADDRESS.sub("[address]", _KEY_MEMBER.sub(r"\1[redacted]", text))
        return _MAYBE_SHORT_IPV6.sub(_without_ipv6, text)

    # -- the utilities ------------------------------------------------------------------------

    def einfo(self) -> InfoReply:
        """
        Ask whether PubMed is there, of which build, and with which search fields.

        Raises:
            EutilsRefused: PubMed, or a date field the nightly windows stand on, is not offered.
        """
        info = self._read(replies.read_info, self._ask("einfo", {}, root="eInfoResult"))
        lacking = {"CRDT", "MDAT", "MHDA"} - set(info.fields)
        if info.db_name != "pubmed" or (info.fields and lacking):
            raise EutilsRefused(
                f"EInfo offers database {info.db_name!r} without {', '.join(sorted(lacking)) or 'pubmed'}: "
                "nothing was searched. NCBI may have changed its fields; see docs/asking-pubmed.md."
            )
        return info

    def databases(self) -> tuple[str, ...]:
        """Ask for the names of all Entrez databases."""
        return self._read(replies.read_databases, self._ask("einfo", {"db": ""}, root="eInfoResult"))

    def esearch(
        self,
        term: str,
        *,
        retmax: int = SEARCH_CAP,
        retstart: int = 0,
        webenv: str | None = None,
        use_history: bool = False,
    ) -> SearchReply:
        """
        Search PubMed for *term*, which must have been checked (see ``query``).

        Args:
            webenv: Session whose sets ``#1``, ``#2`` the term may name; implies *use_history*.

        Raises:
            EutilsError: See the errors of this package.
        """
        form = {"term": term, "retmax": str(retmax), "retstart": str(retstart)}
        if use_history or webenv:
            form["usehistory"] = "y"
        if webenv:
            form["WebEnv"] = webenv
        reply = self._read(replies.read_search, self._ask("esearch", form, root="eSearchResult"))
        if len(reply.pmids) > reply.count:
            raise EutilsReplyError(f"ESearch counts {reply.count} records but lists {len(reply.pmids)}.")
        # Warnings go into the ledger and the published snapshot.
        return replace(reply, warnings=tuple(map(self.redact, reply.warnings)))

    def epost(self, pmids: Iterable[int]) -> HistorySet:
        """Post at most 5,000 PMIDs to the history server; they become set ``#1`` of a new session."""
        ids = _id_list(pmids, cap=POST_CAP)
        return self._read(replies.read_post, self._ask("epost", {"id": ids}, root="ePostResult"))

    def esummary(self, pmids: Iterable[int]) -> SummaryReply:
        """Ask which of at most 5,000 PMIDs have a summary, and which PubMed says it has not."""
        form = {"id": _id_list(pmids, cap=POST_CAP)}
        return self._read(replies.read_summaries, self._ask("esummary", form, root="eSummaryResult"))

    def efetch(self, pmids: Iterable[int]) -> bytes:
        """Fetch records as PubMed XML; see ``fetch_reply``."""
        return self.fetch_reply(pmids).body

    def fetch_reply(self, pmids: Iterable[int], *, max_attempts: int | None = None) -> FetchReply:
        """
        Fetch records as PubMed XML. The reply's root is closed, but records may be absent: reconcile.

        Raises:
            EutilsError: See the errors of this package.
        """
        form = {"id": _id_list(pmids, cap=POST_CAP)}
        reply = self._ask("efetch", form, root="PubmedArticleSet", max_attempts=max_attempts)
        request = {"utility": "efetch", "db": "pubmed", "retmode": "xml", **form}
        return FetchReply(body=reply.body, request=tuple(sorted(request.items())), phid=reply.headers.get("ncbi-phid"))

    def _read(self, reader: Callable[[bytes], T], reply: HttpReply) -> T:
        """Read a control reply; the words of it that an error repeats are redacted."""
        try:
            return reader(reply.body)
        except EutilsReplyError as error:
            raise EutilsReplyError(self.redact(str(error))) from None

    # -- one call, until it is answered or given up -------------------------------------------

    def _ask(self, utility: str, form: Mapping[str, str], *, root: str, max_attempts: int | None = None) -> HttpReply:
        """Send one call, retried while its failures may pass and budget is left; return a whole reply."""
        url = f"{self._base_url}{utility}.fcgi"
        fields = self._fields(form)
        attempts = max_attempts or self._policy.max_attempts
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Passing),
            wait=self._wait_s,
            stop=lambda state: state.attempt_number >= attempts or self._is_budget_spent(state),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, fields, root)
        except _Passing as failure:
            raise self._final(utility, failure, retrying.statistics.get("attempt_number", 1)) from failure

    def _fields(self, form: Mapping[str, str]) -> dict[str, str]:
        """Return the form with who we are; the key travels in the body, never in a URL."""
        fields = {"db": "pubmed", "retmode": "xml", **form}
        if not fields["db"]:
            del fields["db"]
        fields |= {"tool": self._settings.tool, "email": self._settings.email}
        if self._settings.api_key:
            fields["api_key"] = self._settings.api_key
        return fields

    def _attempt(self, url: str, fields: Mapping[str, str], root: str) -> HttpReply:
        try:
            reply = post(self._session, url, fields, gate=self._gate, clock=self.clock, limits=self._policy.limits)
        except ExchangeFailed as error:
            raise _Passing(Trouble(kind=replies.TRANSIENT, text=str(error))) from error
        trouble = replies.find_trouble(reply.status, reply.body, root=root)
        if trouble is None:
            return reply
        said = self.redact(trouble.text)
        if trouble.kind == replies.INVALID_KEY:
            raise SettingsError(
                f"NCBI says: {said}. Check HER2LIT_API_KEY (NCBI account settings, API Key Management), "
                "or unset it to run with three requests a second."
            )
        if trouble.kind == replies.PERMANENT:
            utility = url.rsplit("/", 1)[-1]
            raise EutilsRefused(f"{utility} refused the request: {said} (HTTP {reply.status}). A retry would not help.")
        if trouble.kind == replies.HISTORY_LOST and "WebEnv" in fields:
            raise HistoryLost(f"The history server lost the posted set: {said}")
        raise _Passing(trouble, retry_after_s=_retry_after(reply.headers.get("retry-after"), self.clock.now()))

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        """Return how long to wait before the next attempt: exponential with jitter, or as long as told."""
        first_s = self._policy.first_wait_s
        growing = tenacity.wait_exponential(multiplier=first_s, max=self._policy.max_wait_s)
        backoff = (growing + tenacity.wait_random(0, first_s))(state)
        failure = _failure_of(state)
        if failure is None:
            return backoff
        if failure.trouble.is_backend:
            backoff = max(backoff, self._policy.backend_wait_s)
        return max(backoff, failure.retry_after_s or 0.0)

    def _is_budget_spent(self, state: tenacity.RetryCallState) -> bool:
        failure = _failure_of(state)
        told_s = (failure.retry_after_s or 0.0) if failure else 0.0
        with self._lock:
            left_s = self._policy.budget_s - self._waited_s
        return told_s > self._policy.max_retry_after_s or left_s <= told_s

    def _sleep(self, seconds: float) -> None:
        with self._lock:
            self._waited_s += seconds
        self.clock.sleep(seconds)

    def _final(self, utility: str, failure: _Passing, attempts: int) -> EutilsUnavailable:
        return EutilsUnavailable(
            f"{utility} gave no usable answer in {attempts} {'attempt' if attempts == 1 else 'attempts'}; "
            f"the last one: {self.redact(failure.trouble.text)}. Nothing is lost: run again later, "
            "the next window reaches back."
        )


def _failure_of(state: tenacity.RetryCallState) -> _Passing | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, _Passing) else None


def _without_ipv6(found: re.Match[str]) -> str:
    """Return what *found* matched, or "[address]" where that is an IPv6 address with "::", alone or beside a colon."""
    said = found.group()
    for candidate in (said, said.removesuffix(":"), said.removeprefix(":")) if "::" in said else ():
        try:
            ipaddress.IPv6Address(candidate)
        except ValueError:
            continue
        return said.replace(candidate, "[address]")
    return said


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds from *now* that a Retry-After header names, as a number or a date; None for anything else."""
    if header is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}(?:\.[0-9]{1,9})?\s*", header):
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone
        return None


def _id_list(pmids: Iterable[int], *, cap: int) -> str:
    ids = tuple(pmids)
    if not ids or len(ids) > cap or min(ids) < 1:
        raise ValueError(f"1 to {cap} positive PMIDs belong into one request, not {len(ids)}")
    return ",".join(map(str, ids))
