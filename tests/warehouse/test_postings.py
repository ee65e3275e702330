import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_records import MESH, NIGHT, article, night, started

from her2lit.records import AbstractSection, Deletion
from warehouse import postings
from warehouse.connection import open_writer
from warehouse.contents import table_digests
from warehouse.load import load_night
from warehouse.postings import bring_up_to_date

NEXT = NIGHT.replace(day=6)


def held(connection, sql, *parameters):
    return connection.execute(sql, list(parameters)).fetchall()


def found(connection, query):
    return sorted(pmid for (pmid,) in held(connection, "SELECT pmid FROM out.find(?)", query))


def postings_of(connection, pmid):
    return held(
        connection,
        "SELECT term, n_in_title, n_in_abstract FROM find_postings INNER JOIN find_documents USING (document_id)"
        " WHERE pmid = ? AND is_current ORDER BY term",
        pmid,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("T-DM1 (Kadcyla®), DS-8201a.", ["t-dm1", "kadcyla", "ds-8201a"]),
        ("HER2+/HR+ and HER2–positive", ["her2", "positive", "hr", "positive", "and", "her2-positive"]),
        ("HR 0·50 [0.32-0.78], 1,234 women", ["hr", "0·50", "0.32-0.78", "1,234", "women"]),
        ("TGF-β1 in Sjögren's syndrome; 3.6 mg/kg", ["tgf-β1", "in", "sjögren", "s", "syndrome", "3.6", "mg", "kg"]),
        ("trastuzumab+pertuzumab", ["trastuzumab", "pertuzumab"]),
        ("", []),
        ("— … -", []),
    ],
)
def test_a_text_is_cut_into_words(writer, text, words):
    assert held(writer, "SELECT core.find_words(?)", text) == [(words,)]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("t-dm1", ["t", "dm1", "tdm1"]),
        ("her2-positive", ["her2", "positive", "her2positive"]),
        ("t-dm1-treated", ["t", "dm1", "treated", "tdm1", "dm1treated"]),
        ("0.32-0.78", ["0.32", "0.78"]),
        ("lapatinib", ["lapatinib"]),
    ],
)
def test_a_hyphenated_word_is_found_by_its_parts_and_run_together(writer, word, parts):
    assert held(writer, "SELECT core.find_parts(?)", word) == [(parts,)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("metastases", "metastasis"),
        ("tumours", "tumor"),
        ("randomised", "randomized"),
        ("anaemia", "anemia"),
        ("oestrogen", "estrogen"),
        ("therapies", "therapy"),
        ("adcs", "adc"),
        ("tkis", "tki"),
        ("β1", "beta1"),
        ("sjögren", "sjogren"),
        ("0·50", "0.50"),
        ("1,234", "1234"),
    ],
)
def test_two_ways_of_writing_one_thing_are_one_term(writer, one, other):
    assert held(writer, "SELECT core.find_term(?) = core.find_term(?)", one, other) == [(True,)]


@pytest.mark.parametrize(
    "word", ["pfs", "os", "her2s", "ds8201a", "caelyx", "hepatitis", "virus", "dose", "ss", "disease"]
)
def test_codes_short_words_and_singulars_stay_as_they_are(writer, word):
    assert held(writer, "SELECT core.find_term(?)", word) == [(word,)]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(alphabet=st.sampled_from("aZs1 0.,-–+/()'βµéŁœ漢\n\u00a0\u0301·ß"), max_size=40),
        min_size=60,
        max_size=60,
    )
)
def test_the_writer_cuts_a_text_into_the_same_terms_as_a_question(writer, texts):
    """
    The writer cuts up each different piece between blanks once; a question is cut up as a whole.
    """
    by_piece, as_a_whole = (
        held(
            writer,
            f"""
            SELECT number, core.find_term(part) AS term, count(*)
            FROM (SELECT number, unnest(core.find_parts(word)) AS part
                  FROM (SELECT number, unnest(core.find_words(piece)) AS word
                        FROM (SELECT number, {pieces} AS piece FROM (SELECT unnest(?) AS text, generate_subscripts(?, 1) AS number))))
            GROUP BY ALL ORDER BY ALL
            """,
            texts,
            texts,
        )
        for pieces in ("unnest(string_split(text, ' '))", "text")
    )

    assert by_piece == as_a_whole


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(st.text(alphabet=st.sampled_from("aZs1 0.-+βé"), min_size=1, max_size=20), min_size=8, max_size=8)
)
def test_every_record_is_found_by_its_own_title(empty_warehouse, tmp_path_factory, titles):
    path = tmp_path_factory.mktemp("titles") / "warehouse.duckdb"
    path.write_bytes(empty_warehouse.read_bytes())
    plain = {pmid: " ".join(title.replace("-", " - ").split(" - ")) for pmid, title in enumerate(titles, start=1)}

    with open_writer(path) as connection:
        load_night(connection, night(*(article(pmid, title=title) for pmid, title in plain.items())))

        for pmid, title in plain.items():
            if held(connection, "SELECT len(core.find_words(?))", title) != [(0,)]:
                assert pmid in found(connection, title.lstrip("-")), title


def test_title_and_abstract_are_counted_apart(writer):
    text = (AbstractSection(label="RESULTS", nlm_category=None, text="T-DM1 and T-DM1."),)

    load_night(writer, night(article(1, title="T-DM1", abstract=text)))

    assert postings_of(writer, 1) == [("and", 0, 1), ("dm1", 1, 2), ("t", 1, 2), ("tdm1", 1, 2)]
    assert held(writer, "SELECT pmid, n_terms, n_words, is_current FROM find_documents") == [(1, 4, 10, True)]


def test_a_record_without_text_is_not_in_the_index_and_breaks_nothing(writer):
    load_night(writer, night(article(1, title=None, abstract=()), article(2, title="...", abstract=())))

    assert held(writer, "SELECT pmid, n_terms FROM find_documents") == [(2, 0)]
    assert held(writer, "SELECT count(*) FROM find_postings") == [(0,)]


def test_the_same_night_again_adds_nothing(writer):
    load_night(writer, night(article(1), article(2)))
    before = held(writer, "FROM find_documents"), held(writer, "SELECT * FROM find_postings ORDER BY ALL")

    load_night(writer, night(article(1), article(2), label=NEXT))

    assert (held(writer, "FROM find_documents"), held(writer, "SELECT * FROM find_postings ORDER BY ALL")) == before


def test_a_revision_that_leaves_the_text_alone_keeps_its_postings(writer):
    load_night(writer, night(article(1)))
    before = held(writer, "FROM find_documents")

    load_night(writer, night(article(1, mesh_headings=MESH), label=NEXT))

    assert held(writer, "FROM find_documents") == before


def test_a_changed_text_replaces_the_old_one(writer):
    load_night(writer, night(article(1, title="Lapatinib")))

    load_night(writer, night(article(1, title="Neratinib"), label=NEXT))

    assert (found(writer, "lapatinib"), found(writer, "neratinib")) == ([], [1])
    assert held(writer, "SELECT document_id, is_current FROM find_documents ORDER BY 1") == [(1, False), (2, True)]


def test_a_deleted_record_leaves_the_index_and_can_come_back(writer):
    load_night(writer, night(article(1)))

    load_night(writer, night(label=NEXT, deletions=(Deletion(pmid=1, pmid_version=1),)))

    assert found(writer, "trastuzumab") == []
    load_night(writer, night(article(1), label=NIGHT.replace(day=7)))
    assert found(writer, "trastuzumab") == [1]


def test_a_load_that_fails_leaves_the_index_as_it_was(writer, monkeypatch):
    load_night(writer, night(article(1)))
    before = table_digests(writer)
    monkeypatch.setattr(
        "warehouse.load.record_night", lambda *_: (_ for _ in ()).throw(duckdb.IOException("No space left"))
    )

    with pytest.raises(Exception, match="disk"):
        load_night(writer, night(article(1, title="Other"), article(2), label=NEXT))

    assert table_digests(writer) == before


def test_a_warehouse_from_before_the_index_gets_it_when_it_is_opened(warehouse_path):
    with open_writer(warehouse_path) as connection:
        load_night(connection, night(article(1), article(2, title=None, abstract=()), article(3)))
        grown = table_digests(connection)
        for table in ("find_postings", "find_documents", "find_index"):
            connection.execute(f"DELETE FROM {table}")

    with open_writer(warehouse_path) as connection:
        assert found(connection, "trastuzumab") == [1, 3]
        assert table_digests(connection) == grown


def test_another_definition_of_terms_makes_the_index_anew(warehouse_path, monkeypatch):
    with open_writer(warehouse_path) as connection:
        load_night(connection, night(article(1, title="Lapatinib"), started_at=started()))
        load_night(connection, night(article(1, title="Neratinib"), label=NEXT))
    monkeypatch.setattr(postings, "tokeniser_sha256", lambda: "another")

    with open_writer(warehouse_path) as connection:
        assert held(connection, "FROM find_index") == [("another",)]
        assert held(connection, "SELECT document_id, pmid, is_current FROM find_documents") == [(1, 1, True)]


def test_indexing_that_was_killed_goes_on_where_it_stopped(warehouse_path, monkeypatch):
    with open_writer(warehouse_path) as connection:
        load_night(connection, night(*(article(pmid) for pmid in range(1, 8))))
        grown = table_digests(connection)
        for table in ("find_postings", "find_documents", "find_index"):
            connection.execute(f"DELETE FROM {table}")
        monkeypatch.setattr(postings, "SLICE", 2)
        done = []

        def index_then_die(asked_connection, pmids):
            if len(done) == 2:
                raise KeyboardInterrupt
            done.append(pmids)
            original(asked_connection, pmids)

        original = postings.index_records
        monkeypatch.setattr(postings, "index_records", index_then_die)
        with pytest.raises(KeyboardInterrupt):
            bring_up_to_date(connection)
        monkeypatch.setattr(postings, "index_records", original)
        assert held(connection, "SELECT count(*) FROM find_documents") == [(4,)]

        bring_up_to_date(connection)

        assert table_digests(connection) == grown
