"""A seeded plan of faults: which request is disturbed, and how."""

from __future__ import annotations

import random
import threading
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from her2lit.errors import SettingsError
from her2lit.replica.disturb import KINDS
from her2lit.replica.limits import UTILITIES
from her2lit.replica.parameters import Parameters

#: Keys of a [[fault]] block that say when; every other key is an option of its kind.
_WHEN = frozenset({"kind", "utility", "nth", "probability", "times", "where", "holds_pmid"})


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_whole(value: Any, low: int) -> bool:
    return isinstance(value, int) and _is_number(value, low, 2**62)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


#: Every key of a block but ``kind`` and ``utility``: whether a value will do, and what will do, in words.
_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "nth": (lambda v: _is_whole(v, 1), "a whole number from 1"),
    "times": (lambda v: _is_whole(v, 0), "a whole number from 0"),
    "probability": (lambda v: _is_number(v, 0, 1), "a number from 0 to 1"),
    "holds_pmid": (lambda v: _is_whole(v, 1), "a PMID"),
    "where": (
        lambda v: isinstance(v, dict) and all(isinstance(each, str | int) for each in v.values()),
        'a table of parameters, e.g. {retmode = "xml"}',
    ),
    "status": (lambda v: _is_whole(v, 200) and v < 600, "an HTTP status"),
    "retry_after": (lambda v: _is_whole(v, 0) or _is_text(v), "seconds or an HTTP date"),
    "seconds": (lambda v: _is_number(v, 0, 1e9), "a number of seconds"),
    "percent": (lambda v: _is_number(v, 0, 100), "a number from 0 to 100"),
    "bytes": (lambda v: _is_whole(v, 0), "a whole number from 0"),
    "records": (lambda v: _is_whole(v, 1), "a whole number from 1"),
    "version": (lambda v: _is_whole(v, 1), "a whole number from 1"),
    "pmid": (lambda v: _is_whole(v, 1), "a PMID"),
    "seed": (lambda v: _is_whole(v, 0), "a whole number from 0"),
    "location": (_is_text, "an address"),
    "type": (_is_text, "a content type"),
    "added": (_is_text, "text"),
    "message": (_is_text, "text"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One disturbance of one request."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """
    When a fault strikes. A rule counts the requests it matches; all conditions must hold.

    Args:
        fault: What happens.
        utility: Only this utility; None means any.
        nth: Only the nth matching request, from 1.
        probability: Only with this chance.
        times: Strike at most so often; 0 means for ever.
        where: Parameters that must have exactly these values.
        holds_pmid: Only where the undisturbed answer holds this record: a poison record.
    """

    fault: Fault
    utility: str | None = None
    nth: int | None = None
    probability: float | None = None
    times: int = 0
    where: tuple[tuple[str, str], ...] = ()
    holds_pmid: int | None = None

    def matches(self, utility: str, parameters: Parameters, body: bytes) -> bool:
        """Tell whether a request is one this rule counts."""
        if self.utility not in (None, utility):
            return False
        if any(parameters.get(name) != value for name, value in self.where):
            return False
        return self.holds_pmid is None or b">%d</PMID>" % self.holds_pmid in body


class FaultPlan:
    """Rules in order; the first that strikes decides. Thread-safe, and the same for the same seed and requests."""

    def __init__(self, rules: Iterable[FaultRule], *, seed: int = 0) -> None:
        """Use *seed* for rules with a probability."""
        self._rules = tuple(rules)
        self._matched = [0] * len(self._rules)
        self._struck = [0] * len(self._rules)
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def choose(self, utility: str, parameters: Parameters, body: bytes) -> Fault | None:
        """Return the fault for a request whose undisturbed answer is *body*, None to leave it alone."""
        with self._lock:
            for number, rule in enumerate(self._rules):
                if rule.matches(utility, parameters, body) and self._strikes(number, rule):
                    self._struck[number] += 1
                    return rule.fault
        return None

    def _strikes(self, number: int, rule: FaultRule) -> bool:
        self._matched[number] += 1
        if rule.times and self._struck[number] >= rule.times:
            return False
        if rule.nth is not None and self._matched[number] != rule.nth:
            return False
        return rule.probability is None or self._random.random() < rule.probability


def load_fault_plan(path: Path) -> FaultPlan:
    """
    Read a plan from a TOML file.

    Raises:
        SettingsError: The file cannot be read, or a rule is wrong; the message names it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The fault plan {path} cannot be read: {error}") from error
    return read_fault_plan(text)


def read_fault_plan(text: str) -> FaultPlan:
    """
    Read a plan from TOML text: ``seed = 7`` and any number of ``[[fault]]`` blocks.

    Raises:
        SettingsError: A rule is wrong; the message names it.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The fault plan is no TOML: {error}") from error
    if unknown := sorted(set(data) - {"seed", "fault"}):
        raise SettingsError(f"The fault plan has no key {', '.join(unknown)}; there are seed and [[fault]] blocks")
    blocks = data.get("fault", [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SettingsError("The fault plan writes its faults as [[fault]] blocks, with two brackets")
    seed = data.get("seed", 0)
    _check_value("plan", "seed", seed)
    return FaultPlan([_read_rule(block) for block in blocks], seed=seed)


def _check_value(owner: str, name: str, value: Any) -> None:
    """
    Check the value of one key.

    Raises:
        SettingsError: It will not do.
    """
    will_do, in_words = _VALUES[name]
    if not will_do(value):
        raise SettingsError(f"The fault {owner} has {name} = {value!r}, where {in_words} belongs")


def _read_rule(block: Mapping[str, Any]) -> FaultRule:
    kind = block.get("kind")
    if kind not in KINDS:
        raise SettingsError(f"The fault plan names the kind {kind!r}; there are {', '.join(sorted(KINDS))}")
    utility = block.get("utility")
    if utility not in (None, *UTILITIES):
        raise SettingsError(f"The fault plan names the utility {utility!r}; there are {', '.join(UTILITIES)}")
    options = {name: value for name, value in block.items() if name not in _WHEN}
    unknown = sorted(set(options) - set(KINDS[kind].options))
    if unknown:
        allowed = ", ".join(KINDS[kind].options) or "none"
        raise SettingsError(f"The fault {kind} has no option {', '.join(unknown)}; its options: {allowed}")
    for name in block.keys() - {"kind", "utility"}:
        _check_value(kind, name, block[name])
    return FaultRule(
        fault=Fault(kind=kind, options=options),
        utility=utility,
        nth=block.get("nth"),
        probability=block.get("probability"),
        times=block.get("times", 0),
        where=tuple((name, str(value)) for name, value in block.get("where", {}).items()),
        holds_pmid=block.get("holds_pmid"),
    )
