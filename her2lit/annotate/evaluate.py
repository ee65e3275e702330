"""How well annotations agree with labels made by reading: the measures of the annotation guide."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Pair = tuple[Row, Row]

CORE_ROLES = frozenset({"studied", "comparator"})
RATIOS = frozenset({"HR", "OR", "RR"})
#: Printed weeks and years become months; values this near are the same
_RELATIVE, _ABSOLUTE = 0.006, 0.0051


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One line of the table: precision, recall and F1, or an accuracy (then ``precision`` is None)."""

    name: str
    score: float
    precision: float | None
    recall: float | None
    n_right: int
    n_gold: int
    n_predicted: int


def evaluate(labels: Sequence[Row], predictions: Mapping[int, Row], roll_up: Mapping[str, str]) -> tuple[Measure, ...]:
    """
    Return every measure of *predictions* (by pmid) against *labels*.

    Args:
        labels: Rows as in the guide, one a record.
        predictions: Rows by pmid; a record without one counts as an empty prediction.
        roll_up: Drug -> the drug it counts as (a biosimilar's reference product).
    """
    pairs: list[Pair] = [(gold, predictions.get(int(gold["pmid"]), {})) for gold in labels]
    return (
        *_drug_measures(pairs, roll_up),
        *(_accuracy(key, ((g.get(key), p.get(key)) for g, p in pairs)) for key in ("design", "phase")),
        _accuracy("secondary", ((bool(g.get("secondary")), bool(p.get("secondary"))) for g, p in pairs)),
        _accuracy("n", ((_number(g.get("n")), _number(p.get("n"))) for g, p in pairs)),
        *(
            _overlap(key, _keyed(pairs, lambda row, key=key: set(_values(row, key))))  # type: ignore[misc]
            for key in ("her2_status", "tumour", "setting", "line", "safety", "nct")
        ),
        *(
            _overlap(key, _keyed(pairs, lambda row, key=key: [True] if row.get(key) else []))  # type: ignore[misc]
            for key in ("cns", "resistance")
        ),
        *_outcome_measures(pairs),
        _accuracy("finding sentence", ((True, _finds(g, p)) for g, p in pairs)),
    )


def _drug_measures(pairs: Sequence[Pair], roll_up: Mapping[str, str]) -> Iterator[Measure]:
    def drugs(row: Row, roles: frozenset[str] | None) -> set[str]:
        found = row.get("drugs") or ()
        return {roll_up.get(d["id"], d["id"]) for d in found if roles is None or d["role"] in roles}

    yield _overlap("drugs, any role", _keyed(pairs, lambda row: drugs(row, None)))
    yield _overlap("drugs, studied or comparator", _keyed(pairs, lambda row: drugs(row, CORE_ROLES)))
    roles: list[tuple[str, str]] = []
    for gold, prediction in pairs:
        theirs = {d["id"]: d["role"] for d in prediction.get("drugs") or ()}
        roles += [(d["role"], theirs[d["id"]]) for d in gold.get("drugs") or () if d["id"] in theirs]
    if roles:
        yield _accuracy("drug role, where found", roles)
        kinds = sorted({gold for gold, _ in roles})
        scores = [
            2 * sum(g == p == kind for g, p in roles) / sum((g == kind) + (p == kind) for g, p in roles)
            for kind in kinds
        ]
        macro = sum(scores) / len(scores)
        yield Measure(
            name="drug role, macro-F1", score=macro, precision=None, recall=None, n_right=0, n_gold=0, n_predicted=0
        )


def _outcome_measures(pairs: Sequence[Pair]) -> Iterator[Measure]:
    yield _values_overlap("outcomes, measure+value", pairs, is_strict=False, measures=None)
    yield _values_overlap("outcomes, with endpoint", pairs, is_strict=True, measures=None)
    yield _values_overlap("ratios (HR, OR, RR) with endpoint", pairs, is_strict=True, measures=RATIOS)
    found = []
    for gold, prediction in pairs:
        theirs = {(o["measure"], _number(o["value"])): o for o in prediction.get("outcomes") or ()}
        for outcome in gold.get("outcomes") or ():
            other = theirs.get((outcome["measure"], _number(outcome["value"])))
            if other and outcome["measure"] in RATIOS:
                found.append((_interval(outcome), _interval(other)))
    if found:
        yield _accuracy("interval and p, ratios found", found)


def _keyed(pairs: Sequence[Pair], items: Callable[[Row], Iterable[Hashable]]) -> tuple[list[Hashable], list[Hashable]]:
    golds = [(gold["pmid"], item) for gold, _ in pairs for item in items(gold)]
    theirs = [(gold["pmid"], item) for gold, prediction in pairs for item in items(prediction)]
    return list(golds), list(theirs)


def _overlap(name: str, keys: tuple[list[Hashable], list[Hashable]]) -> Measure:
    gold, predicted = Counter(keys[0]), Counter(keys[1])
    n_right, n_gold, n_predicted = (gold & predicted).total(), gold.total(), predicted.total()
    precision = n_right / n_predicted if n_predicted else 1.0
    recall = n_right / n_gold if n_gold else 1.0
    score = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Measure(
        name=name,
        score=score,
        precision=precision,
        recall=recall,
        n_right=n_right,
        n_gold=n_gold,
        n_predicted=n_predicted,
    )


def _accuracy(name: str, pairs: Iterable[tuple[object, object]]) -> Measure:
    listed = list(pairs)
    n_right = sum(gold == predicted for gold, predicted in listed)
    score = n_right / len(listed) if listed else 1.0
    return Measure(
        name=name,
        score=score,
        precision=None,
        recall=None,
        n_right=n_right,
        n_gold=len(listed),
        n_predicted=len(listed),
    )


def _values(row: Row, key: str) -> Iterator[str]:
    """Yield the labels of one key; "mixed" HER2 status reads as both, "none" as nothing."""
    for value in row.get(key) or ():
        if value == "mixed":
            yield from ("positive", "negative")
        elif value != "none":
            yield value


def _number(printed: object) -> float | None:
    try:
        return round(float(str(printed).replace("\u00b7", ".").replace(",", "")), 4)
    except ValueError:
        return None


def _interval(outcome: Row) -> tuple[float | None, float | None, float | None]:
    p = re.search(r"\d*\.\d+|\d+", str(outcome.get("p"))) if outcome.get("p") is not None else None
    return _number(outcome.get("ci_low")), _number(outcome.get("ci_high")), float(p.group()) if p else None


def _values_overlap(name: str, pairs: Sequence[Pair], *, is_strict: bool, measures: frozenset[str] | None) -> Measure:
    """Return the overlap of outcome values; a predicted value stands for the nearest label within tolerance."""
    golds: list[Hashable] = []
    theirs: list[Hashable] = []
    for gold, prediction in pairs:
        left: dict[Hashable, list[float]] = defaultdict(list)
        for key, value in _outcome_keys(prediction, is_strict, measures):
            left[key].append(value)
        for key, value in _outcome_keys(gold, is_strict, measures):
            tolerance = max(_ABSOLUTE, _RELATIVE * abs(value))
            nearest = min(left[key], key=lambda other, value=value: abs(other - value), default=None)  # type: ignore[misc]
            if nearest is not None and abs(nearest - value) <= tolerance:
                left[key].remove(nearest)
                theirs.append((gold["pmid"], key, value))
            golds.append((gold["pmid"], key, value))
        theirs += [(gold["pmid"], key, "unmatched", value) for key, values in left.items() for value in values]
    return _overlap(name, (golds, theirs))


def _outcome_keys(row: Row, is_strict: bool, measures: frozenset[str] | None) -> Iterator[tuple[Hashable, float]]:
    for outcome in row.get("outcomes") or ():
        value = _number(outcome.get("value"))
        if value is not None and (measures is None or outcome["measure"] in measures):
            yield (outcome["measure"], outcome["endpoint"] if is_strict else None), value


def _words(text: str | None) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9.]+", (text or "").lower()))


def _finds(gold: Row, prediction: Row) -> bool:
    """Return whether the predicted finding is the labelled sentence, or holds a labelled outcome's quote."""
    ours, theirs = _words(gold.get("finding")), _words(prediction.get("finding"))
    if not ours or not theirs:
        return not ours and not theirs
    if len(ours & theirs) / len(ours | theirs) >= 0.6:
        return True
    quotes = [_words(outcome.get("quote")) for outcome in gold.get("outcomes") or ()]
    return any(len(quote) >= 4 and len(quote & theirs) / len(quote) >= 0.9 for quote in quotes)
