"""Every number and name of the real service that the replica imitates, in one place.

A change at NCBI is a one-line edit here. "spec" is the project's behavioural specification of
E-utilities; sources are given there with their confidence.
"""

from __future__ import annotations

#: ESearch retmax when none is given (NBK25499).
DEFAULT_RETMAX = 20
#: Records one query can ever show: offsets 0..9998 (measured; the documentation says 10,000).
WINDOW = 9_999
#: Ids per EPost request on PubMed (NBK25499).
EPOST_MAX_IDS = 10_000
#: Ids per EFetch request (NBK25499: retmax at most 10,000).
EFETCH_MAX_IDS = 10_000
#: UIDs per ESummary request with retmode=json (recorded error text).
ESUMMARY_JSON_MAX_IDS = 500
#: Longest request line a GET may have; seen to fail at a 2,980-character term and at 1,300 ids.
MAX_URL = 2_900
#: Requests per sliding second without and with an API key (NBK25497).
RATE_WITHOUT_KEY = 3
RATE_WITH_KEY = 10
#: Two starts this much less than a second apart still count as a second apart: clocks are floats.
RATE_TOLERANCE_S = 0.001
#: Idle life of a WebEnv; NCBI support: "8hrs is a good rule of thumb" (2017).
HISTORY_TTL_S = 8 * 3600.0
#: Fewest characters before a truncating asterisk (PubMed User Guide).
MIN_TRUNCATION_STEM = 4
#: Paths of the utilities below /entrez/eutils/
UTILITIES = ("einfo", "esearch", "epost", "esummary", "efetch", "elink")
#: The database this replica holds, and the names EInfo lists first.
DATABASE = "pubmed"
#: Path all utilities live under, as at NCBI.
PREFIX = "/entrez/eutils/"
#: Path of the control plane; never under PREFIX.
CONTROL_PREFIX = "/__replica__/"
