"""Every error her2lit raises on purpose, in one tree; each message says what to do next.

Her2litError
├── UsageError                 exit 2: the call or a setting is wrong
│   ├── SettingsError
│   └── QueryError             a search term PubMed would silently misread
├── TopicError                 a block in topic/*.toml is wrong
├── EutilsError                talking to E-utilities failed
│   ├── EutilsUnavailable      transient: retried until the budget was spent
│   ├── EutilsRefused          permanent: NCBI said no, a retry would not help
│   ├── EutilsReplyError       a reply that cannot be read, or does not add up
│   └── WindowTooDense         one day alone holds more PMIDs than a search can return
├── ParseError                 not PubMed XML at all (a single bad record is a Reject)
├── WarehouseError
│   ├── WarehouseLocked        exit 5: another writer is at work
│   ├── WarehouseTooNew        the file was written by a newer her2lit
│   ├── WarehouseDamaged       the file cannot be opened or read
│   ├── AuditRefused           exit 4: an audit failed, nothing was published
│   └── DiskTooFull
├── RunIncomplete              exit 3: something could not be fetched or explained
├── BackupDamaged              a backup that cannot be read back, or holds what no backup does
└── HomeError                  the home folder is foreign, missing or not writable
"""


class Her2litError(Exception):
    """Base of every error raised on purpose. ``exit_code`` is what the command line returns."""

    exit_code = 1


class UsageError(Her2litError):
    """The call or a setting is wrong; nothing was done."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing or malformed."""


class QueryError(UsageError):
    """A search term that PubMed would refuse or, worse, silently misread."""


class TopicError(Her2litError):
    """A block in ``her2lit/topic/*.toml`` is wrong; the message names file and block."""


class EutilsError(Her2litError):
    """Talking to E-utilities failed."""


class EutilsUnavailable(EutilsError):
    """A transient failure that outlasted every retry."""


class EutilsRefused(EutilsError):
    """A permanent refusal: asking again would give the same answer."""


class EutilsReplyError(EutilsError):
    """A reply that cannot be read or does not add up."""


class WindowTooDense(EutilsError):
    """One day alone holds more PMIDs than one search can return."""


class ParseError(Her2litError):
    """The input as a whole is not PubMed XML; one bad record is a ``Reject`` instead."""


class ArchiveDamaged(Her2litError):
    """A raw batch is absent, unreadable, or no longer holds the bytes that were received."""


class WarehouseError(Her2litError):
    """DuckDB could not do what was asked."""


class WarehouseLocked(WarehouseError):
    """Another process writes to this warehouse."""

    exit_code = 5


class WarehouseTooNew(WarehouseError):
    """The file was written by a newer her2lit; upgrade instead of writing to it."""


class WarehouseDamaged(WarehouseError):
    """The file cannot be opened or a block of it cannot be read."""


class AuditRefused(WarehouseError):
    """An audit failed, so nothing was published and the old snapshot stays."""

    exit_code = 4


class DiskTooFull(WarehouseError):
    """Too little free space to start: a full disk would block every later write."""


class RunIncomplete(Her2litError):
    """A run ended with something not fetched or not explained; watermarks do not move past what a search brought."""

    exit_code = 3


class HomeError(Her2litError):
    """The home folder is foreign, missing or not writable."""


class BackupDamaged(Her2litError):
    """A backup is cut short, differs from its hashes, or is no backup of her2lit."""
