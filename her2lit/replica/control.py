"""The control plane: look at the replica and steer it from another process, with a token."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from her2lit.clock import SimulatedClock
from her2lit.errors import SettingsError
from her2lit.replica.desk import Desk
from her2lit.replica.faults import FaultPlan, read_fault_plan
from her2lit.replica.limits import CONTROL_PREFIX
from her2lit.replica.replies import Reply, json_reply, text_reply
from her2lit.replica.requestlog import LoggedRequest
from her2lit.replica.shiftedclock import ShiftedClock

TOKEN_HEADER = "X-Replica-Token"  # noqa: S105 - the name of a header


class Steered(Protocol):
    """What the control plane may do with a replica."""

    token: str

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Return every request so far."""

    @property
    def violations(self) -> int:
        """Return how many requests came too fast."""

    def set_faults(self, plan: FaultPlan | None) -> None:
        """Disturb by *plan* from now on."""

    def expire_history(self) -> None:
        """Forget every WebEnv."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRequest:
    """One request to the control plane."""

    method: str
    path: str
    #: What came as X-Replica-Token
    token: str
    body: str


def control_reply(replica: Steered, desk: Desk, request: ControlRequest) -> Reply:
    """
    Answer one control request.

    GET status, GET requests; POST clock (an ISO instant), POST faults (TOML; empty ends them), POST expire-history.
    """
    if not hmac.compare_digest(request.token.encode(), replica.token.encode()):
        return text_reply(f"Send the token printed at start-up as {TOKEN_HEADER}.\n", status=403)
    order = f"{request.method} {request.path.removeprefix(CONTROL_PREFIX)}"
    if order not in _ORDERS:
        return text_reply(f"There is: {', '.join(_ORDERS)}, each under {CONTROL_PREFIX}\n", status=404)
    return _ORDERS[order](replica, desk, request.body)


def _status(replica: Steered, desk: Desk, _: str) -> Reply:
    now = desk.clock.now()
    facts = {
        "now": now.isoformat(),
        "n_versions": len(desk.corpus),
        "n_visible": int(np.count_nonzero(desk.corpus.visible(now))),
        "n_rejects": desk.corpus.n_rejects,
        "n_requests": len(replica.requests),
        "n_violations": replica.violations,
    }
    return json_reply(json.dumps(facts) + "\n")


def _requests(replica: Steered, _: Desk, __: str) -> Reply:
    return json_reply("[" + ",\n".join(request.as_json() for request in replica.requests) + "]\n")


def _set_clock(_: Steered, desk: Desk, body: str) -> Reply:
    if not isinstance(desk.clock, SimulatedClock | ShiftedClock):
        return text_reply("This replica runs on a real clock; start it with --now to set it.\n", status=409)
    try:
        desk.clock.set(datetime.fromisoformat(body.strip()))
    except ValueError as error:
        return text_reply(f"{error}; send e.g. 2021-06-08T02:30:00-04:00\n", status=400)
    return text_reply(f"It is {desk.clock.now().isoformat()}.\n")


def _set_faults(replica: Steered, _: Desk, body: str) -> Reply:
    try:
        replica.set_faults(read_fault_plan(body) if body.strip() else None)
    except SettingsError as error:
        return text_reply(f"{error}\n", status=400)
    return text_reply("The plan holds from now on.\n")


def _expire_history(replica: Steered, _: Desk, __: str) -> Reply:
    replica.expire_history()
    return text_reply("Every WebEnv is forgotten.\n")


_ORDERS: dict[str, Callable[[Steered, Desk, str], Reply]] = {
    "GET status": _status,
    "GET requests": _requests,
    "POST clock": _set_clock,
    "POST faults": _set_faults,
    "POST expire-history": _expire_history,
}
