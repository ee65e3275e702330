"""
How the rules do on records they were not made on.

Each set was labelled by reading before the program saw its records, measured blind, and only then looked
at for general rules: docs/annotation.md has the blind figures. The floors here are those after that, and
keep them from falling.
"""

import pytest
from heldout import read_articles, read_labels, with_text

from her2lit.annotate.annotate import annotate_article
from her2lit.annotate.evaluate import evaluate
from her2lit.annotate.rows import to_row
from her2lit.topic.topic import load_topic

TOPIC = load_topic()
FLOORS = {
    "first": {
        "drugs, any role": 0.98,
        "drugs, studied or comparator": 0.96,
        "drug role, where found": 0.93,
        "drug role, macro-F1": 0.90,
        "design": 0.92,
        "phase": 0.97,
        "secondary": 0.97,
        "n": 0.90,
        "her2_status": 0.87,
        "tumour": 0.97,
        "setting": 0.94,
        "line": 0.80,
        "nct": 0.98,
        "outcomes, measure+value": 0.96,
        "outcomes, with endpoint": 0.96,
        "ratios (HR, OR, RR) with endpoint": 0.97,
        "interval and p, ratios found": 0.97,
        "finding sentence": 0.65,
    },
    "second": {
        "drugs, any role": 0.98,
        "drugs, studied or comparator": 0.97,
        "drug role, where found": 0.97,
        "drug role, macro-F1": 0.97,
        "design": 0.97,
        "phase": 0.97,
        "secondary": 0.91,
        "n": 0.85,
        "her2_status": 0.87,
        "tumour": 0.97,
        "setting": 0.90,
        "line": 0.90,
        "nct": 0.98,
        "outcomes, measure+value": 0.97,
        "outcomes, with endpoint": 0.95,
        "ratios (HR, OR, RR) with endpoint": 0.92,
        "interval and p, ratios found": 0.99,
        "finding sentence": 0.60,
    },
    "third": {
        "drugs, any role": 0.97,
        "drugs, studied or comparator": 0.97,
        "drug role, where found": 0.97,
        "design": 0.85,
        "phase": 0.97,
        "n": 0.78,
        "her2_status": 0.95,
        "tumour": 0.97,
        "setting": 0.85,
        "nct": 0.98,
        "outcomes, measure+value": 0.97,
        "outcomes, with endpoint": 0.97,
        "finding sentence": 0.42,
    },
}


@pytest.mark.shared
@pytest.mark.parametrize("name", FLOORS)
def test_the_held_out_figures_do_not_fall(name, shared, update_file):
    rows = read_labels(name)
    articles = read_articles({row["pmid"] for row in rows}, shared, update_file)
    labels = [with_text(row, articles[row["pmid"]]) for row in rows]
    predictions = {pmid: to_row(annotate_article(article, TOPIC), TOPIC) for pmid, article in articles.items()}

    measures = evaluate(labels, predictions, {d.drug_id: d.rolls_up_to for d in TOPIC.drugs if d.rolls_up_to})

    scores = {measure.name: round(measure.score, 3) for measure in measures}
    assert {m: scores[m] for m, floor in FLOORS[name].items() if scores[m] < floor} == {}
