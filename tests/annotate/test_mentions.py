"""Where a record names drugs; above all, a conjugate is never its naked antibody."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from her2lit.annotate.document import Document
from her2lit.annotate.mentions import find_mentions
from her2lit.records import AbstractSection, Article, Keyword
from her2lit.topic.topic import load_topic

TOPIC = load_topic()
NAKED = {"trastuzumab", "pertuzumab", "zanidatamab", "anbenitamab"}


def document_of(title: str, *sections: str, keywords: tuple[str, ...] = ()) -> Document:
    return Document(
        Article(
            kind="article",
            pmid=1,
            pmid_version=1,
            title=title,
            abstract=tuple(AbstractSection(label=None, nlm_category=None, text=text) for text in sections),
            keywords=tuple(Keyword(term=term, owner="NOTNLM") for term in keywords),
        )
    )


def drugs_in(title: str, *sections: str, keywords: tuple[str, ...] = ()) -> set[str]:
    return {mention.drug_id for mention in find_mentions(document_of(title, *sections, keywords=keywords), TOPIC)}


def rolled_up(drugs: set[str]) -> set[str]:
    """Return *drugs* with the reference products and components they count as."""
    found, todo = set(drugs), list(drugs)
    while todo:
        drug = TOPIC.drug_by_id[todo.pop()]
        fresh = {*drug.components, *((drug.rolls_up_to,) if drug.rolls_up_to else ())} - found
        found |= fresh
        todo.extend(fresh)
    return found


@pytest.mark.shared
def test_all_hard_cases_are_tagged_as_expected(shared):
    """The 66 inputs that were collected as hard, each with its tags, biosimilars and combinations rolled up."""
    text = (shared / "knowledge" / "hard_cases.tsv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))

    found = {row["#"]: rolled_up(drugs_in(row["input"].replace("\\u2009", "\u2009"))) for row in rows}

    assert len(rows) == 66
    assert found == {row["#"]: set(filter(None, (row["expected_tags (rolled up)"] or "").split(","))) for row in rows}


def test_as_many_hard_cases_of_our_own_are_tagged_as_expected():
    """``hard_cases.tsv`` beside this file: characters beyond ASCII stand there as escapes, to be seen."""
    text = Path(__file__).with_name("hard_cases.tsv").read_text(encoding="ascii")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))

    found = {row["#"]: rolled_up(drugs_in(row["input"].encode().decode("unicode_escape"))) for row in rows}

    assert len(rows) == 68
    assert found == {row["#"]: set(filter(None, (row["expected_tags (rolled up)"] or "").split(","))) for row in rows}


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Subcutaneous trastuzumab emtansine in breast cancer", {"trastuzumab-emtansine"}),
        ("trastuzumab (deruxtecan)", {"trastuzumab-deruxtecan"}),
        ("trastuzumab-emtansine/-deruxtecan", {"trastuzumab-emtansine", "trastuzumab-deruxtecan"}),
        (
            "trastuzumab emtansine, deruxtecan and duocarmazine",
            {"trastuzumab-emtansine", "trastuzumab-deruxtecan", "trastuzumab-duocarmazine"},
        ),
        ("trastuzumab emtansine and docetaxel", {"trastuzumab-emtansine", "docetaxel"}),
        ("Trastuzumab\u2010Deruxtecan\u00ae after Herceptin\u00ae", {"trastuzumab-deruxtecan", "trastuzumab"}),
        ("trastuzumab\u00a0emtansine", {"trastuzumab-emtansine"}),
        ("trastuzamab deruxtecan", {"trastuzumab-deruxtecan"}),
        ("trastuzumab-MMAE conjugates", set()),
        ("trastuzumab/DM1", {"trastuzumab-emtansine"}),
        ("trastuzumab xyzdotin", set()),
        ("pertuzumab zuvotolimod", {"pertuzumab-zuvotolimod"}),
        ("[177Lu]Lu-DOTA-trastuzumab", {"radiolabelled-trastuzumab"}),
        ("radiolabeled trastuzumab SPECT", {"radiolabelled-trastuzumab"}),
        ("zirconium-89-trastuzumab and trastuzumab", {"radiolabelled-trastuzumab", "trastuzumab"}),
        ("T-DM1-resistant cells", {"trastuzumab-emtansine"}),
        ("T DXd 5.4 mg/kg", {"trastuzumab-deruxtecan"}),
        ("tDM1 in HER2+ disease", set()),
        ("trastuzumab (T) and T-DM1", {"trastuzumab", "trastuzumab-emtansine"}),
        ("trastuzumab/T-DM1", {"trastuzumab", "trastuzumab-emtansine"}),
        ("SB3 versus reference trastuzumab in HER2-positive breast cancer", {"trastuzumab-dttb", "trastuzumab"}),
        ("HER2CLIMB: tucatinib, trastuzumab and capecitabine", {"tucatinib", "trastuzumab", "capecitabine"}),
        ("docetaxel (DTX) and DTX again", {"docetaxel"}),
        ("DTX without a definition", set()),
        ("doxorubicin (DOX; 60 mg/m2)", {"doxorubicin"}),
        ("lapatinib plus capecitabine (L+C)", {"lapatinib", "capecitabine"}),
        ("CP-724,714 inhibits HER2", {"cp-724714"}),
        ("ICI 182,780 (fulvestrant)", {"fulvestrant"}),
        ("5-fluorouracil and 5FU", {"fluorouracil"}),
        ("sacituzumab govitecan (SG)", {"sacituzumab-govitecan"}),
        ("", set()),
    ],
)
def test_further_forms_are_told_apart(text, drugs):
    assert drugs_in(text) == drugs


CONJUGATES = [
    name
    for drug in TOPIC.drugs
    if drug.drug_class in ("ADC", "radioconjugate")
    for kind, name in drug.names
    if kind in ("generic", "description", "misspelling", "code") and any(naked in name.lower() for naked in NAKED)
]


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(CONJUGATES),
    before=st.sampled_from(
        [
            "",
            "SC ",
            "weekly ",
            "(",
            "\u2018",
            "pertuzumab plus ",
            "anti-HER2 ",
            "subcutaneous ",
            "HER2-",
            "either ",
            "prior ",
        ]
    ),
    after=st.sampled_from(
        ["", ".", ")", "-based", "\u00ae", "-naive", " (T-DXd)", "/capecitabine", "-treated", " vs", "'s"]
    ),
    separator=st.sampled_from([" ", "-", "\u2010", "\u2011", "\u00a0", "\u2009", "  ", "- ", " \u2013 ", "\n"]),
    is_upper=st.booleans(),
)
def test_no_conjugate_is_ever_tagged_as_its_naked_antibody(name, before, after, separator, is_upper):
    """The hard gate: whatever stands around a conjugate and however it is joined, its antibody is not in the record."""
    antibody = next(naked for naked in NAKED if naked in name.lower())
    written = separator.join(name.split(" "))
    text = f"Patients received {before}{written.upper() if is_upper else written}{after} in HER2-positive breast cancer"

    found = drugs_in(text)

    assert antibody not in (found if antibody not in before else found - {antibody})
    assert found


ANTIBODY = {name: drug_id for drug_id in NAKED for kind, name in TOPIC.drug_by_id[drug_id].names if name.isalpha()}
#: Every way a name of two words was seen to be parted, and some that only a typesetter could
SEPARATORS = [
    " ", "-", "  ", " - ", "- ", " -", "\n", "-\n", "\t", "/", ") ", " (", "\u00a0", "\u2002", "\u2005", "\u2009", "\u200a",
    "\u202f", "\u00ad", "\u200b", "\u2060", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\ufe63", "\uff0d",
    "\u00a0\u2013\u00a0", "\u00ae ", "\u2122-", "</i> <i>", "<sub>-</sub>", "",
]  # fmt: skip


def spellings_of_conjugates() -> list[tuple[str, str]]:
    """Return (antibody or a misspelling of it, payload words) for every conjugate of the lexicon, and for unknown ones."""
    known = {
        (drug_id, name.split(" ", 1)[1])
        for drug in TOPIC.drugs
        if drug.drug_class == "ADC"
        for kind, name in drug.names
        for drug_id in NAKED
        if kind == "generic" and name.startswith(f"{drug_id} ")
    }
    unknown = {
        (drug_id, payload) for drug_id in NAKED for payload in ("noveltecan", "xyzdotin", "notansine", "vc-MMAE", "DM4")
    }
    return sorted(
        (antibody, payload)
        for drug_id, payload in known | unknown
        for antibody, owner in ANTIBODY.items()
        if owner == drug_id
    )


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_no_separator_and_no_misspelling_turns_a_conjugate_into_its_antibody(separator):
    """Every conjugate, known or not, under every spelling of its antibody, in small letters, as a title and in capitals."""
    wrong = [
        written
        for antibody, payload in spellings_of_conjugates()
        for style in (str.lower, str.capitalize, str.upper)
        if NAKED & drugs_in(written := f"After {style(antibody)}{separator}{style(payload)} in breast cancer")
    ]

    assert len(spellings_of_conjugates()) > 100
    assert wrong == []


def test_conditions_are_judged_over_title_abstract_and_keywords():
    assert drugs_in("TDM1 pharmacokinetics", "No context here.") == set()
    assert drugs_in("TDM1 pharmacokinetics", "No context here.", keywords=("breast cancer",)) == {
        "trastuzumab-emtansine"
    }


def test_a_mention_lies_where_its_words_stand():
    document = document_of("After \u2018trastuzumab\u00a0deruxtecan\u2019 (T\u2011DXd\u00ae)")

    spans = [m.passage.normal.original_text(m.start, m.end) for m in find_mentions(document, TOPIC)]

    assert spans == ["trastuzumab\u00a0deruxtecan", "T\u2011DXd"]
