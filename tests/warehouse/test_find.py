from datetime import date

import pytest
from made_records import NIGHT, annotation, article, comment, made_drugs, night, started

from her2lit.errors import WarehouseError
from her2lit.records import AbstractSection, DrugTag, Evidence, Facet
from warehouse.connection import open_writer
from warehouse.find import FindQuestion, FoundArticle, WordCount, count_words, find_articles, known_values, wanted_text
from warehouse.load import load_drugs, load_night
from warehouse.publish import publish


def text(*sentences):
    return (AbstractSection(label=None, nlm_category=None, text=" ".join(sentences)),)


SEEN = Evidence(place="title", sentence="x", start=0, end=1)


def judged(of, drug_id="tucatinib", role="studied", *, design="phase2", setting="metastatic"):
    tag = DrugTag(drug_id=drug_id, role=role, decided_by="text", evidence=SEEN, n_mentions=1)
    return annotation(
        of, drugs=(tag,), facets=(Facet(facet="setting", value=setting, evidence=SEEN),), design=design, outcomes=()
    )


RECORDS = (
    article(1, title="Tucatinib for brain metastases", created_date=date(2021, 6, 1),
            abstract=text("Patients had HER2+ disease. Brain metastases shrank under tucatinib. Rash was rare.")),
    article(2, title="Trastuzumab emtansine in practice", created_date=date(2021, 6, 2),
            abstract=text("T-DM1 was given at 3.6 mg/kg.", "Patients with a metastasis of the brain were few.")),
    article(3, title="TDM1 after pertuzumab", created_date=date(2021, 6, 3), abstract=()),
    article(4, title="Early tumours, randomised", created_date=date(2021, 6, 4),
            abstract=text("Tucatinib before surgery in HER2-negative disease."), comments_corrections=(comment("RetractionIn", 9),)),
    article(5, title="Brain imaging. Metastases elsewhere", created_date=None, abstract=text("No drug was given.")),
)  # fmt: skip
JUDGED = (
    judged(RECORDS[0]),
    judged(RECORDS[1], "trastuzumab"),
    judged(RECORDS[2], "trastuzumab", "comparator"),
    judged(RECORDS[3], design="phase3_rct", setting="early"),
    judged(RECORDS[4], "tucatinib", "background", design="review"),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A published file with five records."""
    root = tmp_path_factory.mktemp("find")
    with open_writer(root / "warehouse.duckdb") as connection:
        load_drugs(connection, made_drugs())
        load_night(connection, night(*RECORDS, annotations=JUDGED))
    publish(root / "warehouse.duckdb", root / "published", label=NIGHT, published_at=started(), data_as_of=started())
    return root / "published" / "her2lit.duckdb"


def pmids(database, query, **facets):
    return sorted(a.pmid for a in find_articles(database, FindQuestion(text=query, **facets)).articles)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tucatinib", [1, 4]),
        ("TUCATINIB", [1, 4]),
        ("brain metastases", [1, 2, 5]),
        ("metastasis brain", [1, 2, 5]),
        ('"brain metastases"', [1]),
        ('"Brain Metastases"', [1]),
        ('"brain metastasis"', []),
        ('"metastasis of the brain"', [2]),
        ('brain -"brain metastases"', [2, 5]),
        ("T-DM1", [2, 3]),
        ("tdm1", [2, 3]),
        ("T‑DM1", [2, 3]),
        ("T-DM1 -TDM1", []),
        ("brain -tucatinib", [2, 5]),
        ("HER2-positive", [1]),
        ("HER2+", [1]),
        ("tucatinib -HER2-negative", [1]),
        ("her2 -positive", [4]),
        ("tumor randomized", [4]),
        ("3.6 mg", [2]),
        ("lapatinib", []),
        ("-tucatinib", []),
        ("", []),
        ('"', []),
        ("'; DROP TABLE drugs; --", []),
    ],
)
def test_a_query_says_which_words_must_and_must_not_occur(database, query, expected):
    assert pmids(database, query) == expected


def test_one_of_the_words_is_enough_when_asked_so(database):
    assert pmids(database, "surgery rash", any_word=True) == [1, 4]
    assert pmids(database, "surgery rash -shrank", any_word=True) == [4]


def test_a_word_in_a_title_counts_more_and_a_rare_word_most(database):
    result = find_articles(database, FindQuestion(text="tucatinib randomised", any_word=True))

    assert [a.pmid for a in result.articles] == [4, 1]
    assert [a.score for a in result.articles] == sorted((a.score for a in result.articles), reverse=True)


@pytest.mark.parametrize(
    ("facets", "expected"),
    [
        ({"drug_ids": ("tucatinib",)}, [1]),
        ({"drug_ids": ("trastuzumab",)}, [2]),
        ({"drug_ids": ("trastuzumab", "tucatinib")}, [1, 2]),
        ({"since": date(2021, 6, 2)}, [2]),
        ({"designs": ("review",)}, [5]),
        ({"settings": ("metastatic",), "designs": ("phase2",)}, [1, 2]),
        ({"settings": ("early",)}, []),
    ],
)
def test_facets_narrow_what_the_words_find(database, facets, expected):
    assert pmids(database, "brain", **facets) == expected


def test_a_record_is_shown_with_its_judgement_flags_and_the_sentence_that_matched(database):
    result = find_articles(database, FindQuestion(text="tucatinib", limit=1))
    [first] = result.articles
    [retracted] = [a for a in find_articles(database, FindQuestion(text="tucatinib")).articles if a.pmid == 4]

    assert result.n_found == 2
    assert first == FoundArticle(
        pmid=1, score=first.score, created_date=date(2021, 6, 1), title="Tucatinib for brain metastases", journal="J Made Up",
        drug_ids=("tucatinib",), design="phase2", is_retracted=False, has_concern=False,
        snippet="Brain metastases shrank under tucatinib.",
    )  # fmt: skip
    assert retracted.is_retracted


def test_where_nothing_is_found_each_word_says_how_often_it_occurs_and_what_is_near(database):
    assert count_words(database, "tucatinb rash -brain") == (
        WordCount(word="tucatinb", n_records=0, near=(("tucatinib", 2),)),
        WordCount(word="rash", n_records=1),
    )
    assert count_words(database, "zzzzzz") == (WordCount(word="zzzzzz", n_records=0),)
    assert count_words(database, "- …") == ()


def test_designs_and_settings_that_occur_are_known(database):
    assert known_values(database) == (("phase2", "phase3_rct", "review"), ("early", "metastatic"))


def test_what_a_query_leaves_out_is_no_part_of_what_it_wants():
    assert wanted_text('T-DM1 -"lung disease" -HER2-low brain') == "T-DM1 brain"


def test_without_a_published_file_the_error_says_what_to_do(tmp_path):
    with pytest.raises(WarehouseError, match="her2lit nightly"):
        find_articles(tmp_path / "none.duckdb", FindQuestion(text="x"))
