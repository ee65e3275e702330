"""A seeded plan of faults: which request is disturbed, and how."""

from __future__ import annotations

import random
import threading
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from her2lit.errors import SettingsError
from her2lit.replica.disturb import KINDS
from her2lit.replica.limits import UTILITIES
from her2lit.replica.parameters import Parameters

#: Keys of a [[fault]] block that say when; every other key is an option of its kind.
_WHEN = frozenset({"kind", "utility", "nth", "probability", "times", "where", "holds_pmid"})


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
    return FaultPlan([_read_rule(block) for block in data.get("fault", ())], seed=int(data.get("seed", 0)))


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
    return FaultRule(
        fault=Fault(kind=kind, options=options),
        utility=utility,
        nth=block.get("nth"),
        probability=block.get("probability"),
        times=block.get("times", 0),
        where=tuple((name, str(value)) for name, value in block.get("where", {}).items()),
        holds_pmid=block.get("holds_pmid"),
    )
