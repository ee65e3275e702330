"""What the utilities answer: parameters in, reply out; no transport."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from her2lit.clock import NLM_TIME_ZONE
from her2lit.replica import jsonform, limits, render
from her2lit.replica.desk import Desk, UtilityError
from her2lit.replica.evaluate import Refused
from her2lit.replica.fetching import LINKS, efetch, elink, esummary
from her2lit.replica.parameters import Parameters, split_ids
from her2lit.replica.replies import Reply, json_reply, xml_reply
from her2lit.replica.searching import esearch


def answer(desk: Desk, utility: str, parameters: Parameters) -> Reply:
    """Return the reply of one utility, its errors included; deterministic and thread-safe."""
    try:
        _check_database(parameters.get("dbfrom") if utility == "elink" else parameters.get("db"))
        return _UTILITIES[utility](desk, parameters)
    except UtilityError as error:
        return _error(utility, parameters, error)
    except Refused as refusal:
        text = f"Replica: not imitated here: {refusal}"
        headers = (("X-Replica-Refused", ascii(str(refusal))[1:-1]),)
        return xml_reply(render.error_document(utility, text), status=400, headers=headers)


def _error(utility: str, parameters: Parameters, error: UtilityError) -> Reply:
    """Return an ERROR document in the form the request asked for, where that utility has it."""
    if parameters.get("retmode") == "json" and utility == "esearch":
        return json_reply(jsonform.search_error_json(error.messages[0]), status=error.status)
    if parameters.get("retmode") == "json" and utility in ("esummary", "elink", "einfo"):
        return json_reply(jsonform.error_json(utility, error.messages[0]), status=error.status)
    return xml_reply(render.error_document(utility, *error.messages), status=error.status)


def _check_database(name: str | None) -> None:
    if name not in (None, limits.DATABASE):
        raise UtilityError(f"Invalid db name specified: {name}")


def _einfo(desk: Desk, parameters: Parameters) -> Reply:
    is_json = parameters.get("retmode") == "json"
    if parameters.get("db") is None:
        names = (limits.DATABASE,)
        return json_reply(jsonform.db_list_json(names)) if is_json else xml_reply(render.db_list(names))
    now = desk.clock.now()
    day = now.astimezone(NLM_TIME_ZONE)
    count = int(np.count_nonzero(desk.corpus.visible(now)))
    # The index is taken as rebuilt at every midnight.
    build, update = f"Build-{day:%Y.%m.%d}.00.00", f"{day:%Y/%m/%d} 00:00"
    if is_json:
        return json_reply(jsonform.db_info_json(build=build, count=count, last_update=update, links=LINKS))
    return xml_reply(render.db_info(build=build, count=count, last_update=update, links=LINKS))


def _epost(desk: Desk, parameters: Parameters) -> Reply:
    ids = split_ids(parameters.get_all("id"))
    valid = tuple(int(each) for each in ids if each.isdecimal())
    invalid = tuple(each for each in ids if not each.isdecimal())
    if len(ids) > limits.EPOST_MAX_IDS:
        raise UtilityError(f"Too many UIDs in request. Maximum number of UIDs is {limits.EPOST_MAX_IDS} for EPost.")
    if not valid:
        messages = ["Empty ID list; Nothing to store"]
        if invalid:
            messages.append("Some IDs have invalid value and were omitted. Maximum ID value 18446744073709551615")
        raise UtilityError(*messages)
    query_key, web_env = desk.history.add(tuple(dict.fromkeys(valid)), parameters.get("WebEnv"))
    return xml_reply(render.post_result(query_key, web_env, invalid))


_UTILITIES: dict[str, Callable[[Desk, Parameters], Reply]] = {
    "einfo": _einfo,
    "esearch": esearch,
    "epost": _epost,
    "esummary": esummary,
    "efetch": efetch,
    "elink": elink,
}
