"""Whole nights, the real steps against the replica: what each night sees of a record's life, once and never twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from against_replica import corpus_of, plan
from nights import Stage
from replica_records import heading, link, record

from flows import steps
from flows.desk import finish
from her2lit.clock import NLM_TIME_ZONE, night_label
from her2lit.demo import night_start
from her2lit.pubmed.search import next_window
from her2lit.replica.faults import read_fault_plan

TITLE = "Trastuzumab in HER2-positive metastatic breast cancer."
RETRACTED = ("Journal Article", "Retracted Publication")
MESH = heading("Breast Neoplasms", "drug therapy", "secondary") + heading("Receptor, ErbB-2") + heading("Trastuzumab")


def midnight(day):
    """00:00 in New York of a day of June 2021."""
    return f"2021-06-{day:02d}T00:00:00-04:00"


def paper(pmid, day=2, **more):
    """A version of a record of the topic that counts, and was revised, from a day of June 2021 on."""
    told = {"title": TITLE, "created": "2021-06-02", "revised": f"2021-06-{day:02d}", "valid_from": midnight(day)}
    return record(pmid, **{**told, **more})


def notice(pmid, day, ref_type, of):
    """A notice of that day."""
    told = {"title": f"About: {TITLE}", "links": link(ref_type, of), "created": f"2021-06-{day:02d}"}
    return paper(pmid, day, **told)


#: PMIDs 1xx are papers, 2xx notices; the first night, 5 June, knows those of 2 June.
RECORDS = (
    # 67: retracted, with the notice's PMID
    paper(100), paper(100, 7, types=RETRACTED, links=link("RetractionIn", 200)), notice(200, 7, "RetractionOf", 100),
    # 67b: without it
    paper(101), paper(101, 7, types=RETRACTED, links=link("RetractionIn")),
    # 67c: a concern, then a retraction
    paper(102), paper(102, 7, links=link("ExpressionOfConcernIn", 202)),
    paper(102, 9, types=RETRACTED, links=link("ExpressionOfConcernIn", 202) + link("RetractionIn", 203)),
    notice(202, 7, "ExpressionOfConcernFor", 102), notice(203, 9, "RetractionOf", 102),
    # 67d: retracted and republished
    paper(103), paper(103, 7, types=RETRACTED, links=link("RetractedandRepublishedIn", 204)),
    notice(204, 7, "RetractedandRepublishedFrom", 103),
    # 67e: corrected
    paper(104), paper(104, 7, links=link("ErratumIn", 205)), notice(205, 7, "ErratumFor", 104),
    # 68: Publisher, In-Process with another spelling of the title, MEDLINE
    paper(105, status="Publisher"), paper(105, 7, status="In-Process", title=TITLE.title()),
    paper(105, 9, status="MEDLINE", title=TITLE.title(), mesh=MESH, mesh_date="2021-06-09", completed="2021-06-09"),
    # 14: added on 6 June, 18 months after its publication; never revised
    paper(106, 6, created="2021-06-06", entry="2019-12-01", published="<Year>2019</Year>", revised=None),
    # 15: old, not of the topic by its text; MeSH comes on 9 June
    paper(107, title="A trial.", created="2021-01-05", revised="2021-01-05"),
    paper(107, 9, title="A trial.", created="2021-01-05", revised="2021-01-05", mesh=MESH, mesh_date="2021-06-09"),
    # 16: revised; and one that nothing happens to
    paper(108), paper(108, 7, abstract="Now with an abstract."), paper(109),
)  # fmt: skip


@dataclass
class Night:
    """How a night ended."""

    outcome: str
    reasons: list
    notes: tuple
    n_harvested: int
    load: object


def run_night(stage, night):
    """
    Every step of a night up to its audit; what comes after it, the published copy, is shown in tests/flows.

    Args:
        night: Whose start the clock is set to, unless it is later already.
    """
    with steps.open_desk(stage.plan(night)) as desk:
        steps.probe(desk)
        pmid_set = steps.watch(desk, steps.search(desk))
        steps.match_strategies(desk, pmid_set)
        steps.parse(desk, steps.fetch(desk, pmid_set))
        steps.annotate(desk)
        steps.load(desk)
        steps.audit(desk)
        outcome = "incomplete" if desk.reasons else "clean"
        finish(desk, outcome, desk.message)
        return Night(outcome, desk.reasons, desk.all_notes, len(desk.fetched.requested), desk.load)


@dataclass
class Story:
    """What the nights left behind."""

    summaries: dict
    requests: dict
    events: list
    hits: list
    versions: dict
    runs: list


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """5, 8 (twice), 9 (the search engine is down), 10 and 11 June."""
    folder = tmp_path_factory.mktemp("story")
    summaries, requests = {}, {}
    nights = (("5", 5), ("8", 8), ("8 again", 8), ("9, engine down", 9), ("10", 10), ("11", 11))
    with Stage(folder / "home", corpus_of(folder, *RECORDS)) as stage:
        for name, day in nights:
            n_before = len(stage.replica.requests)
            stage.replica.set_faults(read_fault_plan(plan("backend_down", "esearch")) if "down" in name else None)
            summaries[name] = run_night(stage, date(2021, 6, day))
            requests[name] = stage.replica.requests[n_before:]
        assert stage.replica.violations == 0
        return Story(
            summaries,
            requests,
            rows(stage, "SELECT pmid, event_type, run_label, notice_pmid FROM evidence_events ORDER BY event_id"),
            rows(stage, "SELECT DISTINCT pmid, arm FROM search_hits WHERE arm IN ('crdt', 'lr', 'mhda') ORDER BY ALL"),
            dict(rows(stage, "SELECT pmid, count(*) FROM article_versions GROUP BY pmid")),
            rows(stage, "SELECT run_id, outcome, pubmed_build, pubmed_updated FROM runs ORDER BY run_id"),
        )


def rows(stage, sql):
    """The rows of a query over the writer's file."""
    with duckdb.connect(str(stage.home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def events_of(story, pmid):
    """(event, day of June, PMID of the notice) of one record after the first night, in order."""
    return [(kind, label.day, of) for number, kind, label, of in story.events if number == pmid and label.day > 5]


def arms_of(story, pmid):
    """On which arms a record was ever found."""
    return [arm for number, arm in story.hits if number == pmid]


# -- what a night sends ------------------------------------------------------------------------


@pytest.mark.case("8", "9", "12", "12b", "13", "17", "23", "25", "26", "26b", "27", "38", "42", "44b", "96")
def test_a_night_sends_nothing_that_pubmed_reads_in_silence(story):
    """
    No JSON, no bare count, no sort, no date parameter, no page of a kept set, no ELink; windows on three date fields.
    """
    sent = [request for requests in story.requests.values() for request in requests]
    names = {}
    for request in sent:
        names.setdefault(request.utility, set()).update(name for name, _ in request.parameters)
    who = {"db", "retmode", "tool", "email"}
    terms = " ".join(dict(request.parameters).get("term", "") for request in sent)

    assert names.pop("esummary", who | {"id"}) == who | {"id"}
    assert names == {
        "einfo": who,
        "esearch": who | {"term", "retmax", "retstart", "usehistory", "WebEnv"},
        "epost": who | {"id"},
        "efetch": who | {"id"},
    }
    assert {dict(request.parameters)["retmode"] for request in sent} == {"xml"}
    assert {request.method for request in sent} == {"POST"}
    assert set(re.findall(r'"\d{4}/\d\d/\d\d"\[(\w+)\]', terms)) == {"crdt", "lr", "mhda"}


@pytest.mark.case("2")
def test_every_run_notes_which_pubmed_answered(story):
    assert [(build, updated) for _, _, build, updated in story.runs] == [
        (f"Build-2021.06.{day:02d}.00.00", f"2021/06/{day:02d} 00:00") for day in (5, 8, 8, 9, 10, 11)
    ]


# -- which arm finds what ----------------------------------------------------------------------


@pytest.mark.case("14")
def test_a_late_addition_is_found_by_the_day_it_was_added(story):
    assert arms_of(story, 106) == ["crdt"]
    assert events_of(story, 106) == [("appeared", 8, None)]


@pytest.mark.case("15")
def test_late_indexing_brings_a_record_that_only_its_mesh_tells(story):
    assert arms_of(story, 107) == ["mhda"]
    assert events_of(story, 107) == [("late_arrival", 10, None)]


@pytest.mark.case("16")
def test_a_revision_is_found_by_its_day_and_told_once(story):
    assert "lr" in arms_of(story, 108)
    assert events_of(story, 108) == [("revised", 8, None)]
    assert (events_of(story, 109), story.versions[109]) == ([], 1)


# -- notices and statuses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pmid", "told"),
    [
        pytest.param(100, [("retracted", 8, 200)], marks=pytest.mark.case("67"), id="with the notice's PMID"),
        pytest.param(101, [("retracted", 8, None)], marks=pytest.mark.case("67b"), id="without it"),
        pytest.param(
            102,
            [("concern", 8, 202), ("retracted", 10, 203)],
            marks=pytest.mark.case("67c"),
            id="concern, then retraction",
        ),
        pytest.param(103, [("retracted", 8, 204)], marks=pytest.mark.case("67d"), id="retracted and republished"),
        pytest.param(104, [("corrected", 8, 205)], marks=pytest.mark.case("67e"), id="erratum"),
    ],
)
def test_a_notice_is_told_once_with_both_ends_linked_whatever_runs_again(story, pmid, told):
    """The second run of the night and the nights after it add nothing."""
    changes = [event for event in events_of(story, pmid) if event[0] != "revised"]

    assert changes == told
    for _, day, of in told:
        assert of is None or ("appeared", day, None) in events_of(story, of)


@pytest.mark.case("68")
def test_a_record_that_passes_through_its_statuses_has_versions_and_one_arrival(story):
    """A title spelt otherwise, then MeSH: revisions of one record, never a second arrival."""
    told = [event for event in story.events if event[0] == 105]

    assert [(kind, label.day) for _, kind, label, _ in told] == [
        ("appeared", 5),
        ("revised", 8),
        ("revised", 10),
        ("indexed", 10),
    ]
    assert story.versions[105] == 3


# -- nights that go wrong, and nights again ----------------------------------------------------


@pytest.mark.case("100")
def test_a_second_run_of_a_night_searches_and_asks_for_no_record(story):
    again = story.summaries["8 again"]

    assert {request.utility for request in story.requests["8"]} == {"einfo", "esearch", "epost", "efetch"}
    assert "efetch" not in {request.utility for request in story.requests["8 again"]}
    assert not any("[tiab]" in term and term.startswith("#1") for term in terms_of(story.requests["8 again"]))
    assert (again.outcome, again.load.events, again.load.has_changes) == ("clean", (), False)


def terms_of(requests):
    """The terms of the searches among *requests*."""
    return [dict(request.parameters)["term"] for request in requests if request.utility == "esearch"]


@pytest.mark.case("78")
def test_while_the_search_engine_is_down_a_night_is_incomplete_and_the_next_one_reaches_back(story):
    """What changed on 9 June is told on the 10th."""
    down, after = story.summaries["9, engine down"], story.summaries["10"]

    assert (down.outcome, down.n_harvested, down.load.has_changes) == ("incomplete", 0, False)
    assert any("Database is not supported" in reason for reason in down.reasons)
    assert (after.outcome, dict(after.load.events)["retracted"]) == ("clean", 1)
    assert [outcome for _, outcome, _, _ in story.runs] == ["clean", "clean", "clean", "incomplete", "clean", "clean"]


def test_a_night_after_the_last_change_tells_nothing(story):
    assert story.summaries["11"].load.events == ()


@pytest.mark.case("58")
def test_an_unasked_for_record_is_named_in_the_ledger_and_not_loaded(tmp_path):
    with Stage(tmp_path / "home", corpus_of(tmp_path, paper(1))) as stage:
        stage.replica.set_faults(read_fault_plan(plan("extra_record", pmid=77)))
        summary = run_night(stage, date(2021, 6, 5))

        assert (summary.outcome, summary.n_harvested) == ("clean", 1)
        assert rows(stage, "SELECT pmid FROM article_versions") == [(1,)]
        assert rows(stage, "SELECT message FROM runs") == [
            ("1 records came unasked and were discarded, first PMID 77",)
        ]


@pytest.mark.case("40")
def test_a_query_that_pubmed_reads_otherwise_than_before_is_reported_and_still_runs(tmp_path):
    """As when NLM renames a heading: the night is clean, what it brings is loaded, somebody has to look."""
    with Stage(tmp_path / "home", corpus_of(tmp_path, paper(1), paper(2, 7, created="2021-06-07"))) as stage:
        run_night(stage, date(2021, 6, 5))
        stage.replica.set_faults(
            read_fault_plan(plan("translation_drift", "esearch", added='\\"renamed\\"[MeSH Terms]'))
        )
        summary = run_night(stage, date(2021, 6, 8))

        assert (summary.outcome, dict(summary.load.events)) == ("clean", {"appeared": 1})
        assert any('"renamed"[MeSH Terms]' in note and "strategies approve" in note for note in summary.notes)
        assert rows(stage, "SELECT count(*) > 0 FROM search_runs WHERE drift LIKE '%renamed%'") == [(True,)]


# -- clocks ------------------------------------------------------------------------------------


def local(month, day, hour, minute=0, *, fold=0):
    """An instant of 2021 in New York; *fold* 1 is the second 01:30 of the night the clocks go back."""
    return datetime(2021, month, day, hour, minute, tzinfo=NLM_TIME_ZONE, fold=fold)


@pytest.mark.case("98")
def test_around_midnight_and_the_change_of_clocks_nothing_is_lost_or_told_twice(tmp_path):
    """Records come minutes around midnight and in the hour that exists twice; nights run in both of its halves."""
    arrivals = {
        1: local(11, 5, 23, 59),
        2: local(11, 6, 0, 1),
        3: local(11, 6, 23, 58),
        4: local(11, 7, 1, 40),
        5: local(11, 7, 1, 20, fold=1),
        6: local(11, 7, 23, 59),
    }
    records = (
        record(pmid, title=TITLE, created=f"{at:%Y-%m-%d}", revised=None, valid_from=at.astimezone(UTC).isoformat())
        for pmid, at in arrivals.items()
    )
    nights = (
        local(11, 5, 23, 50), local(11, 6, 0, 10), local(11, 7, 1, 30), local(11, 7, 1, 30, fold=1), local(11, 8, 0, 5),
    )  # fmt: skip
    with Stage(tmp_path / "home", corpus_of(tmp_path, *records), first=date(2021, 11, 1)) as stage:
        for at in nights:
            stage.clock.set(at)
            run_night(stage, night_label(at) - timedelta(days=1))
        told = rows(stage, "SELECT pmid, count(*) FROM evidence_events GROUP BY pmid ORDER BY pmid")
        labels = rows(stage, "SELECT label, outcome FROM runs ORDER BY run_id")

    assert told == [(pmid, 1) for pmid in arrivals]
    assert labels == [(date(2021, 11, day), "clean") for day in (5, 6, 7, 7, 8)]


@pytest.mark.case("98")
def test_every_night_of_a_year_has_its_own_date_and_windows_that_overlap():
    """Half past two does not exist on 14 March: that night starts an hour later by the sun."""
    days = [date(2021, 1, 1) + timedelta(days=n) for n in range(365)]

    assert [night_label(night_start(day)) for day in days] == days
    for day in days[1:]:
        window = next_window(day - timedelta(days=1), day)
        assert (window.until, window.since <= day - timedelta(days=4)) == (day, True)
