"""Sample queries, and the pages made from the warehouse: each says what it answers, runs anywhere, and stands in docs."""

from __future__ import annotations

import re
import runpy

import pytest
from imports import ROOT

from her2lit.errors import UsageError
from warehouse.samples import sample_queries, sample_query

SAMPLES = sample_queries()
REFERENCE = runpy.run_path(str(ROOT / ".ci" / "reference"))


def test_there_are_twenty_and_more_questions_each_asked_once():
    questions = [sample.question for sample in SAMPLES]

    assert len(set(questions)) == len(questions) >= 20
    assert all(re.fullmatch(r"[A-Z].*\?", question) for question in questions)


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_a_sample_query_runs_by_full_names_and_in_a_fixed_order(sample, writer):
    """
    Schema and table are named, so that it runs in a client without a search path; on an empty warehouse too.
    """
    writer.execute("SET search_path = 'main'")

    answer = writer.execute(sample.sql)

    assert answer.description
    assert "ORDER BY" in sample.sql
    assert re.findall(r"(?<!DISTINCT )\b(?:FROM|JOIN)\s+(?!out\.|main\.|core\.|\()(\S+)", sample.sql) == []


def test_an_unknown_name_is_answered_with_those_like_it():
    with pytest.raises(UsageError, match=r"Did you mean trials_by_drug"):
        sample_query("trial_by_drug")


def test_the_page_of_the_data_dictionary_is_what_the_database_says():
    """
    Run .ci/reference when this fails.
    """
    assert (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8") == REFERENCE["make_dictionary"]()


def test_every_sample_query_stands_in_docs_as_it_is():
    """
    Its answer there is compared by .ci/run, with a fresh demo; run .ci/reference when this fails.
    """
    page = (ROOT / "docs" / "sample-queries.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^## (\w+)\n\n.*?\n\n```sql\n(.*?)\n```", page, re.MULTILINE | re.DOTALL))

    assert documented == {sample.name: sample.sql.partition("\n")[2].strip() for sample in SAMPLES}
