"""ESearch: what it finds, in which words it says so, and where PubMed is silent. Numbers are the specification's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from replica_records import AS_NCBI, NOON, Asked, asked_over, element, heading, ids, link, many_corpus, record

from her2lit.replica.evaluate import Dialect
from her2lit.replica.limits import WINDOW


@pytest.fixture
def asked(tmp_path):
    """Four small records on asthma and COPD."""
    return asked_over(
        tmp_path,
        record(1, title="Asthma.", abstract="The lung in asthma."),
        record(2, title="COPD.", abstract="Intervention in COPD.", authors=(("Asthma", "Anna", "A"),)),
        record(3, title="Asthma and COPD.", abstract="Both.", keywords=("interventions",)),
        record(4, title="Nothing of the kind.", abstract="Body weight. Battery."),
    )


@pytest.mark.case("4")
def test_esearch_basic_prints_elements_in_the_order_of_the_service(asked):
    text = asked.search("asthma[tiab]", retmax="20")

    assert text == (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
        "<eSearchResult><Count>2</Count><RetMax>2</RetMax><RetStart>0</RetStart><IdList>\n<Id>3</Id>\n<Id>1</Id>\n"
        '</IdList><TranslationSet/><QueryTranslation>"asthma"[Title/Abstract]</QueryTranslation></eSearchResult>\n'
    )


@pytest.mark.case("5")
def test_esearch_history_gives_a_key_and_a_webenv(asked):
    """``retmax=0`` shows no id, the set is kept all the same."""
    text = asked.search("asthma[tiab]", usehistory="y", retmax="0")

    assert element("QueryKey", text) == "1"
    assert element("WebEnv", text).startswith("MCID_")
    assert len(element("WebEnv", text)) == len("MCID_") + 24
    assert "<IdList/>" in text


@pytest.mark.case("6")
def test_esearch_append_counts_the_keys_of_one_webenv(asked):
    web_env = element("WebEnv", asked.search("asthma[tiab]", usehistory="y"))

    second = asked.search("copd[tiab]", usehistory="y", WebEnv=web_env)

    assert (element("QueryKey", second), element("WebEnv", second)) == ("2", web_env)


@pytest.mark.case("7")
def test_esearch_hash_combine_intersects_kept_sets(asked):
    web_env = element("WebEnv", asked.search("asthma[tiab]", usehistory="y"))
    asked.search("copd[tiab]", usehistory="y", WebEnv=web_env)

    assert asked.found("#1 AND #2", usehistory="y", WebEnv=web_env) == [3]
    assert asked.found("copd[tiab]", usehistory="y", WebEnv=web_env, query_key="1") == [3]
    assert "Unable to obtain query #9" in asked.search("#9", usehistory="y", WebEnv=web_env)


@pytest.mark.case("7")
def test_a_query_key_means_nothing_without_history(asked):
    """`#1` is not resolved."""
    text = asked.search("#1 AND asthma[tiab]")

    assert (element("Count", text), element("PhraseNotFound", text)) == ("0", "#1")


@pytest.mark.case("8")
def test_esearch_json_has_strings_for_numbers_and_lower_case_keys(asked):
    reply = json.loads(asked.search("asthma[tiab]", retmode="json", retmax="1"))

    assert reply == {
        "header": {"type": "esearch", "version": "0.3"},
        "esearchresult": {
            "count": "2",
            "retmax": "1",
            "retstart": "0",
            "idlist": ["3"],
            "translationset": [],
            "querytranslation": '"asthma"[Title/Abstract]',
        },
    }


@pytest.mark.case("9")
def test_esearch_count_sends_the_number_alone(asked):
    """No translation and no warning, so a misread query cannot be told."""
    text = asked.search('"no such heading"[mh]', rettype="count")

    assert text.endswith("<eSearchResult>\n\t<Count>0</Count>\n</eSearchResult>\n")


@pytest.mark.case("10")
def test_esearch_left_to_right(asked):
    assert asked.found("battery[tiab] OR asthma[tiab] AND copd[tiab]") == [3]
    assert asked.found("battery[tiab] OR (asthma[tiab] AND copd[tiab])") == [3, 4]
    assert (
        element("QueryTranslation", asked.search("battery[tiab] OR asthma[tiab] AND copd[tiab]"))
        == '("battery"[Title/Abstract] OR "asthma"[Title/Abstract]) AND "copd"[Title/Abstract]'
    )


@pytest.fixture
def dated(tmp_path):
    """Records whose dates differ by field."""
    return asked_over(
        tmp_path,
        record(1, created="2021-06-05", revised="2021-06-05"),
        record(2, created="2021-06-07", revised="2021-06-07"),
        # Entered 18 months after publication: [edat] is set back, [crdt] is not.
        record(3, created="2021-06-06", entry="2019-12-01", revised="2021-06-06"),
        # Indexed on day 8, entered long before.
        record(4, created="2021-01-05", mesh_date="2021-06-08", revised="2021-06-08", completed="2021-06-08"),
    )


@pytest.mark.case("11")
def test_esearch_date_term_names_its_field_in_the_translation(dated):
    """Both ends are included."""
    text = dated.search("2021/06/05:2021/06/07[crdt]")

    assert sorted(ids(text)) == [1, 2, 3]
    assert element("QueryTranslation", text) == "2021/06/05:2021/06/07[Date - Create]"


@pytest.mark.parametrize(
    "term",
    [
        '("2021/06/05"[crdt] : "2021/06/07"[crdt])',
        '"2021/06/05"[Date - Create] : "2021/06/07"[Date - Create]',
        '("2021/06/05"[crdt] : "3000"[crdt])',
        "2021/06[crdt]",
    ],
)
def test_every_way_to_write_a_window_finds_the_same(dated, term):
    assert dated.found(term) == [1, 2, 3]


@pytest.mark.case("12")
def test_esearch_date_params_equal_the_term(dated):
    limits = {"datetype": "crdt", "mindate": "2021/06/05", "maxdate": "2021/06/07"}

    text = dated.search("all[sb]", **limits)

    assert sorted(ids(text)) == [1, 2, 3]
    assert element("QueryTranslation", text) == "all[Filter] AND 2021/06/05:2021/06/07[Date - Create]"


@pytest.mark.case("12b")
def test_one_bound_alone_is_ignored(dated):
    """A larger count, no word about it."""
    text = dated.search("all[sb]", datetype="crdt", mindate="2021/06/07")

    assert (element("Count", text), "WarningList" in text) == ("4", False)


@pytest.mark.case("13")
def test_esearch_reldate_counts_back_from_today_in_new_york(dated):
    """Both days are included; 03:30 UTC on the 9th is still the 8th there."""
    dated.clock.set(datetime(2021, 6, 9, 3, 30, tzinfo=UTC))

    text = dated.search("all[sb]", datetype="crdt", reldate="1")

    assert "2021/06/07:2021/06/08[Date - Create]" in text
    assert ids(text) == [2]
    assert dated.found('"last 1 day"[crdt]') == [2]


@pytest.mark.case("14")
def test_esearch_crdt_vs_edat(dated):
    """A late addition is in the [crdt] window and in no [edat] window of today."""
    assert dated.found("2021/06/06:2021/06/06[crdt]") == [3]
    assert dated.found("2021/06/06:2021/06/06[edat]") == []
    assert dated.found("2019/12[edat]") == [3]


@pytest.mark.case("15")
def test_esearch_mhda_moves_when_mesh_is_attached(dated):
    assert dated.found("2021/06/08[crdt]") == []
    assert dated.found("2021/06/08[mhda]") == [4]
    assert dated.found("2021/06/08[dcom]") == [4]


@pytest.mark.case("16", "16b")
def test_esearch_lr_finds_what_was_revised_and_nothing_that_was_changed_in_silence(tmp_path):
    asked = asked_over(
        tmp_path,
        record(1, title="Old.", revised="2021-06-01", valid_from="2021-06-01T00:00:00-04:00"),
        record(1, title="Stamped.", revised="2021-06-07", valid_from="2021-06-07T00:00:00-04:00"),
        record(2, title="Old.", revised="2021-06-01", valid_from="2021-06-01T00:00:00-04:00"),
        record(2, title="Silent.", revised="2021-06-01", valid_from="2021-06-07T00:00:00-04:00"),
    )

    assert asked.found("2021/06/07[lr]") == [1]
    assert asked.found("silent[ti]") == [2]


@pytest.mark.case("17")
def test_esearch_pdat_pileup(tmp_path):
    """A year is its first day; one date ignores an e-date later than print, a range does not."""
    asked = asked_over(
        tmp_path,
        record(1, published="<Year>2021</Year>"),
        record(2, published="<Year>2020</Year><Month>Dec</Month>", electronic="2021-01-01"),
        record(3, published="<Year>2021</Year><Month>Mar</Month>", electronic="2021-01-01"),
        record(4, published="<Year>2021</Year><Season>Spring</Season>"),
    )

    assert asked.found("2021/01/01[dp]") == [1, 3]
    assert asked.found("2021/01/01:2021/01/01[dp]") == [1, 2, 3]
    assert asked.found("2021:2021[dp]") == [1, 2, 3, 4]
    assert asked.found("2021/04/01[dp]") == [4]


@pytest.mark.case("18")
def test_esearch_proximity_takes_any_order(asked):
    assert asked.found('"battery body"[tiab:~1]') == [4]
    assert asked.found('"battery body"[tiab:~0]') == []
    assert asked.found('"battery body"[tiab]') == []


@pytest.mark.case("18b")
def test_proximity_on_mesh_is_dropped_in_silence(tmp_path):
    asked = asked_over(tmp_path, record(1, mesh=heading("Asthma")), dialect=AS_NCBI)

    text = asked.search("asthma[mh:~2]")

    assert (ids(text), element("QueryTranslation", text), "<ErrorList/>" in text) == (
        [1],
        '"asthma"[MeSH Terms]',
        True,
    )


@pytest.mark.case("19")
def test_esearch_truncation_needs_four_letters_and_the_ascii_asterisk(asked):
    """With the real service's silence, the bare stem is searched."""
    asked = Asked(asked.desk.corpus, dialect=AS_NCBI)

    assert asked.found("interv*[tiab]") == [2, 3]
    assert asked.found("interv∗[tiab]") == []
    assert asked.found("int*[tiab]") == []


@pytest.mark.parametrize("term", ["interv∗[tiab]", "int*[tiab]", "in*tervention[tiab]"])
def test_an_asterisk_that_pubmed_would_ignore_is_refused(asked, term):
    reply = asked("esearch", term=term)

    assert reply.status == 400
    assert b"the asterisk in" in reply.body


@pytest.mark.case("20")
def test_esearch_sb_and_property_words(tmp_path):
    asked = asked_over(
        tmp_path,
        record(1, status="MEDLINE", abstract="Text."),
        record(2, status="Publisher", links=link("RetractionIn", 9)),
        record(3, status="In-Data-Review", links=link("ErratumIn")),
        record(4, status="PubMed-not-MEDLINE", links=link("ExpressionOfConcernIn", 5) + link("UpdateIn", 6)),
    )

    found = {
        term: asked.found(term)
        for term in (
            "medline[sb]",
            "publisher[sb]",
            "inprocess[filter]",
            "pubmednotmedline[sb]",
            "hasabstract",
            "hasretractionin",
            "haserratumin",
            "hasexpressionofconcernin OR hasupdatein",
            "hasretractionof",
            "pubstatusppublish",
        )
    }
    assert found == {
        "medline[sb]": [1],
        "publisher[sb]": [2],
        "inprocess[filter]": [3],
        "pubmednotmedline[sb]": [4],
        "hasabstract": [1],
        "hasretractionin": [2],
        "haserratumin": [3],
        "hasexpressionofconcernin OR hasupdatein": [4],
        "hasretractionof": [],
        "pubstatusppublish": [1, 2, 3, 4],
    }


def test_mesh_explodes_unless_noexp(tmp_path):
    asked = asked_over(
        tmp_path,
        record(1, mesh=heading("Trastuzumab")),
        record(2, mesh=heading("Ado-Trastuzumab Emtansine", major="Y")),
        record(3, mesh=heading("Brain Neoplasms", "secondary") + heading("Breast Neoplasms", "drug therapy")),
    )

    assert asked.found('"Trastuzumab"[mh]') == [1, 2]
    assert asked.found('"Trastuzumab"[mh:noexp]') == [1]
    assert asked.found('"Trastuzumab"[majr]') == [2]
    assert asked.found('"Brain Neoplasms/secondary"[mh]') == [3]
    assert asked.found('"Central Nervous System Neoplasms/secondary"[mh]') == [3]
    assert asked.found("secondary[sh]") == [3]
    assert asked.found("therapy[sh]") == [3]
    assert element("QueryTranslation", asked.search('"Trastuzumab"[mh:noexp]')) == '"trastuzumab"[MeSH Terms:noexp]'


def test_exact_fields_find_their_own(tmp_path):
    asked = asked_over(
        tmp_path,
        record(
            34091830,
            types=("Clinical Trial, Phase II",),
            substances="<Chemical><RegistryNumber>5384HK7574</RegistryNumber>"
            '<NameOfSubstance UI="C000614160">trastuzumab deruxtecan</NameOfSubstance></Chemical>',
            authors=(("Modi", "Shanu", "S"), ("Krop", "Ian E", "IE")),
            extra="",
        ),
        record(2),
    )

    terms = (
        '"trastuzumab deruxtecan"[nm]',
        "5384HK7574[rn]",
        "clinical trial[pt]",
        "Modi S[au]",
        "Krop IE[lastau]",
        '"J Test"[ta] NOT 2[pmid]',
        "eng[la] NOT 2[uid]",
        "34091830[pmid]",
        "34091830",
        "34091830:34091899[uid]",
        "7[vi] AND 2[ip] NOT smith[au]",
    )
    assert {term: asked.found(term) for term in terms} == {term: [34091830] for term in terms}


def test_several_bare_pmids_are_joined_by_or(asked):
    assert asked.found("1 3 99") == [1, 3]
    assert asked.found("1 3[pmid]") == [1, 3]


# -- B: silent semantics -----------------------------------------------------------------------


@pytest.mark.case("31")
def test_zero_honest_has_one_message_only(asked):
    text = asked.search("lung[ti]")

    assert text.partition("<Count>")[2] == (
        "0</Count><RetMax>0</RetMax><RetStart>0</RetStart><IdList/><TranslationSet/>"
        '<QueryTranslation>"lung"[Title]</QueryTranslation>'
        "<WarningList><OutputMessage>No items found.</OutputMessage></WarningList></eSearchResult>\n"
    )


@pytest.mark.case("32")
def test_zero_broken_phrase_names_the_heading_that_does_not_exist(asked):
    text = asked.search('"Astma"[mh]')

    assert element("Count", text) == "0"
    assert element("QuotedPhraseNotFound", text) == '"Astma"[mh]'


@pytest.mark.case("33")
def test_phrase_dropped_in_or_leaves_the_other_hits(asked):
    """Hits, and a warning beside them."""
    asked = Asked(asked.desk.corpus, dialect=Dialect(missing_phrases=frozenset({"body battery"})))

    text = asked.search('"body battery"[tiab] OR asthma[tiab]')

    assert (element("Count", text), element("QuotedPhraseNotFound", text)) == ("2", '"body battery"[tiab]')
    assert element("QueryTranslation", text) == '"asthma"[Title/Abstract]'


def test_a_phrase_no_record_holds_counts_as_indexed_or_not_as_the_dialect_says(asked):
    """A small corpus holds few of PubMed's phrases, so by default their absence is no warning."""
    strict = Asked(asked.desk.corpus, dialect=Dialect(phrases="corpus"))

    assert element("QuotedPhraseNotFound", asked.search('"body battery"[tiab]')) is None
    assert element("QuotedPhraseNotFound", strict.search('"body battery"[tiab]')) == '"body battery"[tiab]'


@pytest.mark.case("34")
def test_phrase_not_found_names_untagged_nonsense(asked):
    text = asked.search("abcXYZ")

    assert element("PhraseNotFound", text) == "abcXYZ"
    assert element("QueryTranslation", text) == "(abcXYZ[All Fields])"
    assert element("OutputMessage", text) == "No items found."


@pytest.mark.case("35")
def test_stopword_tagged_zeroes_an_and(asked):
    """Untagged it is ignored."""
    text = asked.search("the[tiab] AND asthma[tiab]")

    assert (element("Count", text), element("PhraseNotFound", text)) == ("0", "the")
    assert asked.found("the asthma") == asked.found("asthma")


@pytest.mark.case("36")
def test_unknown_tag_is_dropped_without_a_word(asked):
    """Found as untagged text, an empty ErrorList, no message; the replica says so in a header."""
    reply = Asked(asked.desk.corpus, dialect=AS_NCBI)("esearch", term="lung[foo]")

    assert ids(reply.body.decode()) == [1]
    assert b"<ErrorList/>" in reply.body
    assert b"WarningList" not in reply.body
    assert reply.headers == (("X-Replica-Approximate", "atm, unknown-tag"),)


@pytest.mark.case("37")
def test_tag_on_group_is_dropped_without_a_word(asked):
    """Searched in all fields."""
    asked = Asked(asked.desk.corpus, dialect=AS_NCBI)

    assert asked.found("(asthma OR battery)[ti]") == [1, 2, 3, 4]
    assert asked.found("asthma[ti] OR battery[ti]") == [1, 3]
    assert asked.found("(asthma)[ti]") == [1, 3]


@pytest.mark.case("38")
def test_unknown_sort_is_ignored_with_a_message(asked):
    text = asked.search("asthma[tiab]", sort="date")

    assert element("OutputMessage", text) == "Unknown sort schema 'date' ignored"
    assert ids(text) == [3, 1]


@pytest.mark.case("39")
def test_amp_escaped_gives_a_broken_zero_with_its_text_escaped_twice(asked):
    """In JSON the diagnostic arrives escaped for XML once more."""
    reply = json.loads(asked.search("zzasthma&amp;", retmode="json"))

    assert reply["esearchresult"]["count"] == "0"
    assert json.loads(asked.search("x<y&z", retmode="json"))["esearchresult"]["errorlist"]["phrasesnotfound"] == [
        "x&lt;y",
        "z",
    ]


@pytest.mark.parametrize(
    ("term", "named"),
    [
        ("x[foo]", "the tag [foo], which PubMed does not know and drops"),
        ("(a OR b)[tiab]", "the tag [tiab] on a group"),
        ("asthma[ti:noexp]", "the modifier in [ti:noexp]"),
        ("asthma[tiab:~2]", "the modifier in [tiab:~2]"),
        ("(a[tiab]", "an opening parenthesis"),
        ("free full text[sb]", "the filter free full text[sb]"),
        ("2021/13/45[crdt]", "the date"),
        ("a:b[tiab]", "the range a:b"),
        ('"+"[tiab]', "no searchable word"),
    ],
)
def test_what_pubmed_would_misread_in_silence_is_refused_by_name(asked, term, named):
    """The replica's own dialect: never a silent zero."""
    reply = asked("esearch", term=term)

    assert reply.status == 400
    assert named in reply.body.decode()
    assert reply.headers[0][0] == "X-Replica-Refused"


def test_untagged_words_are_mapped_and_the_mapping_is_shown(tmp_path):
    asked = asked_over(
        tmp_path, record(1, mesh=heading("Breast Neoplasms")), record(2, title="Cancer of one breast."), record(3)
    )

    reply = asked("esearch", term="breast cancer")
    text = reply.body.decode()

    assert sorted(ids(text)) == [1, 2]
    assert element("From", text) == "breast cancer"
    assert element("To", text) == (
        '"breast neoplasms"[MeSH Terms] OR ("breast"[All Fields] AND "neoplasms"[All Fields]) OR '
        '"breast neoplasms"[All Fields] OR ("breast"[All Fields] AND "cancer"[All Fields]) OR "breast cancer"[All Fields]'
    )
    assert reply.headers == (("X-Replica-Approximate", "atm"),)


def test_sort_orders(tmp_path):
    asked = asked_over(
        tmp_path,
        record(1, published="<Year>2020</Year>", authors=(("Young", "A", "A"),), journal="B J"),
        record(2, published="<Year>2021</Year>", authors=(("Old", "A", "A"),), journal="C J"),
        record(3, published="<Year>2019</Year>", authors=(("Mid", "A", "A"),), journal="A J", abstract="title"),
    )
    term = "title[ti] OR title[tiab] OR abstract[tiab]"

    orders = {
        sort: ids(asked.search(term, sort=sort)) for sort in ("", "pub_date", "Author", "JournalName", "relevance")
    }

    assert orders == {
        "": [3, 2, 1],
        "pub_date": [2, 1, 3],
        "Author": [3, 2, 1],
        "JournalName": [3, 1, 2],
        "relevance": [3, 2, 1],
    }


def test_an_empty_term_is_an_error_with_status_200(asked):
    reply = asked("esearch", term=" ")

    assert (reply.status, element("ERROR", reply.body.decode())) == (200, "Empty term and query_key - nothing todo")


# -- C: window ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """One page too many for the window."""
    return many_corpus(tmp_path_factory.mktemp("many"))


def adjusted(start, count):
    """The message of a clamp."""
    return f"Restrictions achieved. start and count adjusted to {start}, {count}"


@pytest.mark.case("42")
def test_retmax_clamp(many):
    text = Asked(many).search("many[ti]", retmax="100000")

    assert (element("Count", text), element("RetMax", text), len(ids(text))) == ("10020", "9999", WINDOW)
    assert element("OutputMessage", text) == adjusted(0, 9999)


@pytest.mark.case("43")
@pytest.mark.parametrize(("retstart", "retmax", "given"), [(9990, 10, 9), (9998, 1000, 1), (9989, 10, 10)])
def test_crossing_clamp(many, retstart, retmax, given):
    text = Asked(many).search("many[ti]", retstart=str(retstart), retmax=str(retmax))

    assert len(ids(text)) == given
    assert element("OutputMessage", text) == (adjusted(retstart, given) if given < retmax else None)


@pytest.mark.case("44")
def test_retstart_9999_is_an_error_with_status_200(many):
    reply = Asked(many)("esearch", term="many[ti]", retstart="9999")

    assert reply.status == 200
    assert element("ERROR", reply.body.decode()).startswith(
        "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, "
    )


@pytest.mark.case("44b")
def test_retstart_9999_in_json_is_no_json(many):
    """The line feeds come raw."""
    text = Asked(many).search("many[ti]", retstart="9999", retmode="json")

    with pytest.raises(json.JSONDecodeError, match="Invalid control character"):
        json.loads(text)


@pytest.mark.case("45")
def test_retstart_9999_of_a_small_set_is_an_empty_page(asked):
    text = asked.search("asthma[tiab]", retstart="9999", retmax="10")

    assert (element("Count", text), ids(text), element("OutputMessage", text)) == ("2", [], adjusted(9999, 0))


@pytest.mark.case("48")
def test_the_parts_of_a_window_hold_together_what_the_whole_counts(many):
    """Split by date, nothing is lost and nothing comes twice."""
    asked = Asked(many)
    parts = [asked.found(f"many[ti] AND {days}[crdt]") for days in ("2021/06/01:2021/06/04", "2021/06/05:2021/06/07")]

    assert element("Count", asked.search("many[ti] AND 2021/06/01:2021/06/07[crdt]")) == "10020"
    assert [len(part) for part in parts] == [6_000, 4_020]
    assert sorted(parts[0] + parts[1]) == list(range(1, 10_021))


@pytest.mark.case("17")
def test_a_year_alone_piles_up_on_its_first_day(many):
    assert element("Count", Asked(many).search("2021/01/01[dp]")) == "10020"


def test_the_same_question_gives_the_same_bytes(tmp_path):
    one, two = (asked_over(tmp_path, record(1), record(2), at=NOON) for _ in range(2))

    assert one.search("title[ti]", usehistory="y") == two.search("title[ti]", usehistory="y")
