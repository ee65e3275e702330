"""Settings from the environment, read once at the edge and passed in; secrets never print."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from her2lit.errors import SettingsError

#: NBK25497: where E-utilities live. Anything else must be on this machine.
NCBI_EUTILS_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EutilsSettings:
    """Who we are to NCBI, and where NCBI is. ``repr`` shows neither address nor key."""

    email: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)
    base_url: str = NCBI_EUTILS_URL
    #: Sent as ``tool`` with every request (NBK25497); no blanks.
    tool: str = "her2lit"

    @property
    def requests_per_second(self) -> int:
        """Return NCBI's limit: 3 a second, 10 with a key (NBK25497)."""
        return 10 if self.api_key else 3


def eutils_settings(environ: Mapping[str, str]) -> EutilsSettings:
    """
    Read HER2LIT_EMAIL, HER2LIT_API_KEY and HER2LIT_EUTILS_URL.

    Raises:
        SettingsError: No usable e-mail address, or a base URL that is neither NCBI's nor loopback.
    """
    email = environ.get("HER2LIT_EMAIL", "").strip()
    if not email:
        raise SettingsError(
            "NCBI asks every program to say whom to contact. Set HER2LIT_EMAIL to your own address, for example\n"
            "  export HER2LIT_EMAIL=you@hospital.org\n"
            "It is sent to NCBI only. To see her2lit work without the internet, run: her2lit demo"
        )
    if not _EMAIL.fullmatch(email) or email.lower().startswith("root@"):
        # EDirect drops root@ addresses because the service fails on them.
        raise SettingsError("HER2LIT_EMAIL is not a usable e-mail address (and root@… makes NCBI's service fail).")
    api_key = environ.get("HER2LIT_API_KEY", "").strip() or None
    base_url = checked_base_url(environ.get("HER2LIT_EUTILS_URL", "").strip() or NCBI_EUTILS_URL)
    return EutilsSettings(email=email, api_key=api_key, base_url=base_url)


def checked_base_url(url: str) -> str:
    """
    Return *url* with a trailing slash if it is NCBI's own or on this machine.

    Raises:
        SettingsError: Any other host: a key or an address must never go elsewhere.
    """
    parts = urlsplit(url)
    is_ncbi = parts.scheme == "https" and parts.hostname == urlsplit(NCBI_EUTILS_URL).hostname
    if (
        not (is_ncbi or (parts.scheme == "http" and _is_loopback(parts.hostname or "")))
        or parts.username
        or parts.query
    ):
        raise SettingsError(
            "HER2LIT_EUTILS_URL must be NCBI's own address or an http address on this machine "
            "(127.0.0.1, localhost, [::1]); it was refused so that no key or address is sent elsewhere."
        )
    return url if url.endswith("/") else url + "/"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
