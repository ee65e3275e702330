"""
Two readers, one result: plain records read column by column are what the careful reader makes of them.

The careful reader (``xml_record``) is proved elsewhere, field by field; here it is the oracle.
"""

from __future__ import annotations

import gzip
import io
import random
import re
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pyarrow as pa
import pytest
from article_xml import write_records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from random_articles import RECORDS
from small_records import damage, document, record

from her2lit.errors import ParseError
from her2lit.pubmed.parse import PieceReader, iter_records
from her2lit.pubmed.tables import batches_of, table_schemas
from her2lit.pubmed.xml_columns import DECLARED
from her2lit.pubmed.xml_cut import read_blocks
from her2lit.pubmed.xml_index import decode_references
from her2lit.pubmed.xml_tables import cut_blocks, read_block
from her2lit.pubmed.xml_text import remember

XML = Path(__file__).parent / "xml"
EVERYTHING = (XML / "every_element.xml").read_bytes()


def joined(batches):
    """Batches of tables as one table each."""
    batches = list(batches)
    return {name: pa.concat_tables([tables[name] for tables in batches]).combine_chunks() for name in batches[0]}


def careful(data):
    """The tables, record by record, and what was unknown."""
    unknown: Counter[str] = Counter()
    return joined(batches_of(iter_records(io.BytesIO(data), unknown=unknown))), unknown


def quick(data, size=1 << 20):
    """The tables, block by block, and what was unknown."""
    batches = [read_block(block) for block in cut_blocks(read_blocks(io.BytesIO(data)), size=size)]
    return joined(batch.tables for batch in batches), sum((batch.unknown for batch in batches), Counter())


def assert_same(data):
    """Both readers give the same tables, row by row, and count the same strangers."""
    (expected, unknown), (found, found_unknown) = careful(data), quick(data)
    for name, table in expected.items():
        found[name].validate(full=True)
        assert found[name].to_pylist() == table.to_pylist(), name
        assert found[name].schema == table.schema
    assert found_unknown == unknown


def seconds_for(work):
    """Processor time of one call."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def n_plain(data):
    """How many records are read column by column."""
    return sum(read_block(block).n_plain for block in cut_blocks(read_blocks(io.BytesIO(data))))


#: What only the careful reader reads, in the document that holds every element.
CAREFUL_ONLY = (
    b"<ObjectList>.*</ObjectList>",
    b"<ReferenceList><Title>More.*?</ReferenceList>",
    b"<DataBank><DataBankName>GENBANK</DataBankName></DataBank>",
)


def without_what_is_rare(data):
    for pattern in CAREFUL_ONLY:
        data = re.sub(pattern, b"", data, flags=re.DOTALL)
    return data


def test_a_record_with_nearly_every_element_is_plain_and_reads_the_same():
    data = without_what_is_rare(EVERYTHING)

    assert n_plain(data) == 1
    assert_same(data)


def variants(change):
    """Records with nearly everything in them, each with one element changed."""
    [whole] = etree.fromstring(without_what_is_rare(EVERYTHING))
    for number in range(1, len(list(whole.iter("*")))):
        changed = deepcopy(whole)
        change(list(changed.iter("*"))[number])
        yield etree.tostring(changed, encoding="unicode")


def test_whatever_one_leaves_out_of_a_record_the_two_readers_agree():
    data = document(*variants(lambda element: element.getparent().remove(element)))

    assert data.count(b"<PubmedArticle>") > 150
    assert_same(data)


def test_whatever_is_empty_the_two_readers_agree():
    data = document(*variants(lambda element: element.clear(keep_tail=True)))

    assert_same(data)


def test_whatever_comes_twice_the_two_readers_agree():
    data = document(*variants(lambda element: element.addnext(deepcopy(element))))

    assert_same(data)


def test_whatever_holds_a_stranger_the_two_readers_agree():
    data = document(*variants(lambda element: element.insert(0, etree.fromstring("<b>x<i/></b>"))))

    assert_same(data)


def test_whatever_has_an_attribute_of_its_own_the_two_readers_agree():
    data = document(*variants(lambda element: element.set("Type", "odd")))

    assert_same(data)


@given(articles=st.lists(RECORDS, min_size=1, max_size=4), seed=st.integers(0, 2**32))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_random_records_read_the_same(articles, seed):
    assert_same(write_records(articles, seed))


@pytest.mark.parametrize(
    "title",
    [
        "A &lt; B &amp;amp; C &#62; D &#x3b1;",
        "no &such; entity",
        "a lone & sign",
        "&#7; and &#xD800;",
        "a > b",
        "x]]>y",
        "<![CDATA[a < b]]>",
        "before<!-- between -->after",
        "before<?pmcsd ?>after",
        "  two  blanks \n and\ta tab\r\n",
        " \u00a0kept\u2009 ",
        "\n   ",
        "<i>E.</i> <i>coli</i> &amp; 10<sup>6</sup>",
        "<i>deep <b>er <sup>2</sup></b></i>",
        "<i class='x'>attribute</i>",
        "<em>unknown</em>",
        '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi></mml:math>',
        '<mml:math xmlns:mml="http://example.org/other"><mml:mi>x</mml:mi></mml:math>',
        "<mml:math><mml:mi>x</mml:mi></mml:math>",
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>',
        "control \x07",
        "no character \ufffe",
        "surrogate-like \U0001d6fc",
        "</ArticleTitle><ArticleTitle>second",
        "</ArticleTitle>stray text<ArticleTitle>",
        "<i/>",
        "a</b>c",
    ],
)
def test_unusual_text_is_read_as_the_careful_reader_reads_it(title):
    data = document(record(1), record(2, title=title), record(3, title="A &amp; B"))

    assert_same(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('Version="1"', "Version='1'"),
        ('Version="1"', 'Version = "1"'),
        ('Version="1"', 'Version="1" Version="2"'),
        ('Version="1"', 'Version=""'),
        ('Version="1"', 'Version="1" mood="glad"'),
        ('Version="1"', 'Version="1" mood = "glad"'),
        ('PubModel="Print"', 'PubModel="Print &gt; &quot;Electronic&quot;"'),
        ('PubModel="Print"', 'PubModel="a > b"'),
        ('PubModel="Print"', 'PubModel="a\nb"'),
        (">2</PMID>", ">02</PMID>"),
        (">2</PMID>", "> 2 </PMID>"),
        (">2</PMID>", ">two</PMID>"),
        (">2</PMID>", ">2<!-- sic --></PMID>"),
        ("<ArticleTitle>", "<ArticleTitle >"),
        ("</ArticleTitle>", "</ArticleTitle >"),
        ("</ArticleTitle>", "</Articletitle>"),
        ("</ArticleTitle>", ""),
        ("</MedlineCitation>", "</MedlineCitation><MedlineCitation/>"),
        ("<PubmedArticle>", '<PubmedArticle lang="en">'),
        ("<PubmedArticle>", '<PubmedArticle xmlns="http://example.org/other">'),
        ("</PubmedArticle>", ""),
        ("</Article>", "</Article><!-- <Article> -->"),
        ("</Article>", "<?xml version='1.0'?></Article>"),
        ("</Article>", "<Language/><Language>eng</Language></Article>"),
        ("</Article>", "<AuthorList><Author><LastName/></Author></AuthorList></Article>"),
        ("</Article>", "<AuthorList><Author><LastName>O<i>x</i></LastName></Author></AuthorList></Article>"),
        ("</Article>", "<ArticleDate><Year>2020</Year><Season>Spring</Season></ArticleDate></Article>"),
        ("<Article ", "<DateRevised><Year>2020</Year><Hour>7</Hour></DateRevised><Article "),
        ("</Article>", "<ArticleDate><Year>2020  1</Year><Month>\n</Month><Day>\u00a05</Day></ArticleDate></Article>"),
        (
            "</MedlineCitation>",
            """</MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="pubmed"><Year>20
            20</Year><Hour>\u00a05</Hour><Minute> 7 </Minute></PubMedPubDate></History></PubmedData>""",
        ),
        ("</PMID>", "</PMID>&such;"),
        ("</PMID>", "</PMID> & "),
        ("</PMID>", "</PMID>&#32;"),
        ("<Article ", "&#0;<Article "),
        ("</MedlineCitation>", "</MedlineCitation>\n&such;"),
        ("<ArticleTitle>", "<ArticleTitle>&such;<i>E.</i> &amp; "),
        ("</ArticleTitle>", "<i>E.</i> &amp; &lt;</ArticleTitle>&such;"),
        ("</ArticleTitle>", "<i>E. &such;</i> &amp; &lt;</ArticleTitle>"),
        ("<ArticleTitle>", '<ArticleTitle book="b" part="p" sec="s">'),
    ],
)
def test_unusual_tags_are_read_as_the_careful_reader_reads_them(old, new):
    odd = record(2).replace(old, new)
    assert odd != record(2)

    assert_same(document(record(1), odd, record(3)))


def test_references_inside_markup_and_plain_text_leave_a_record_plain():
    data = document(record(1, title="A &amp; <i>B &lt; C</i> &gt; D"), record(2, title="&#945;"), record(3))

    assert n_plain(data) == 3
    assert_same(data)


@pytest.mark.parametrize("n_levels", [20, 250, 253, 255, 257])
def test_markup_is_as_deep_as_libxml2_allows(n_levels):
    assert_same(document(record(1, title="<i>" * n_levels + "x" + "</i>" * n_levels), record(2)))


def test_hostile_depth_costs_no_more_than_hostile_length():
    """Each level of a plain record is one look at all tags of the block."""
    deep = document(record(1, title="<i>" * 40_000 + "</i>" * 40_000))
    flat = document(record(1, title="<i></i>" * 40_000))

    assert seconds_for(lambda: quick(deep)) < 2 * seconds_for(lambda: quick(flat)) + 1


def test_text_longer_than_libxml2_allows_is_refused_by_both_readers():
    long = "x" * 11_000_000
    keyword = f'<ArticleDate DateType="{long}"/>'

    assert_same(document(record(1, title=long), record(2), record(3, more=keyword)))


def test_deletions_gaps_and_books_keep_their_place_among_plain_records():
    book = (XML / "every_book_element.xml").read_text()
    [chapter] = re.findall(r"<PubmedBookArticle>.*</PubmedBookArticle>", book, re.DOTALL)
    deleted = "<DeleteCitation><PMID>9</PMID></DeleteCitation>"
    data = document(record(5), chapter, record(2), "<junk>", record(4, title="<x>"), deleted, record(1))

    assert_same(data)
    pmids = quick(data)[0]["articles"]["pmid"].to_pylist()
    assert (pmids[0], pmids[2:]) == (5, [2, 1])


@pytest.mark.parametrize("head", ["encoding='ISO-8859-1'", "encoding='utf-8'", "encoding='US-ASCII'"])
def test_a_declared_encoding_is_obeyed(head):
    text = "Rés." if "8859" in head else "Res."
    data = document(record(1, title=text)).decode().replace("'1.0'", f"'1.0' {head}")

    assert_same(data.encode("latin-1"))


def test_bytes_outside_a_declared_encoding_are_refused():
    data = document(record(1, title="Rés."), record(2)).replace(b"'1.0'", b"'1.0' encoding='US-ASCII'")

    assert_same(data)
    assert quick(data)[0]["rejects"]["pmid"].to_pylist() == [1]


@pytest.mark.parametrize("namespace", ["xmlns", "xmlns:x"])
def test_a_root_with_a_namespace_is_read_the_same(namespace):
    swallowing = record(2).replace("</PubmedArticle>", "</PubmedArticle >")
    deletion = "<DeleteCitation><PMID>9</PMID></DeleteCitation>"
    data = document(record(1), swallowing, record(3), deletion)
    data = data.replace(b"<PubmedArticleSet>", f'<PubmedArticleSet {namespace}="http://example.org/other">'.encode())

    assert_same(data)
    tables, _ = quick(data)
    n_found = (tables["articles"].num_rows, tables["deletions"].num_rows, tables["rejects"].num_rows)
    assert n_found == ((3, 1, 0) if namespace == "xmlns:x" else (0, 0, 4))


def test_a_block_that_could_not_be_read_leaves_nothing_in_the_next(monkeypatch):
    first, second = (
        next(cut_blocks([document(record(n, title="<b><x/></b>"), record(n + 1, title="<x/>"))])) for n in (1, 3)
    )

    def fail(pieces, piece):
        monkeypatch.undo()
        yield from pieces.read(piece)
        raise MemoryError

    monkeypatch.setattr(PieceReader, "read", fail)
    with pytest.raises(MemoryError):
        read_block(first)

    assert read_block(second).tables["articles"]["pmid"].to_pylist() == [3, 4]


def test_where_blocks_end_makes_no_difference():
    data = document(*(record(n, title=f"Number {n} &amp; <i>more</i>") for n in range(1, 16)))

    assert all(quick(data, size=size)[0] == quick(data)[0] for size in (1, 500, 1_000, 3_000))


def test_damaged_gzip_gives_what_came_before_and_then_says_so():
    packed = gzip.compress(document(*(record(n, title=str(n * 7919) * 50) for n in range(1, 8000))))
    seen = []

    with pytest.raises(ParseError, match="gzip"):
        seen.extend(read_block(block) for block in cut_blocks(read_blocks(io.BytesIO(packed[: len(packed) // 2]))))

    assert seen[0].tables["articles"]["pmid"].to_pylist()[:1000] == list(range(1, 1001))


#: What follows from other columns, beside the keys.
DERIVED = {"kind", "created_date", "entry_date", "mesh_date", "doi", "pmcid", "orcid"}


def test_many_records_that_are_no_text_are_put_aside_at_once():
    """A block is indexed again without them, not once for each."""
    bad = [record(n, title="XX") for n in range(1, 4_000)]
    data = document(record(9_001), *bad, record(9_002)).replace(b"XX", b"\xff")

    found, _ = quick(data, size=8 << 20)

    assert found["articles"]["pmid"].to_pylist() == [9_001, 9_002]
    assert found["rejects"]["pmid"].to_pylist() == list(range(1, 4_000))


def test_every_declared_column_is_a_column_of_its_table_and_none_is_forgotten():
    """A field added to a record and not declared would be null in every plain record, in silence."""

    def all_rows(tables):
        for rows in tables:
            yield rows
            yield from all_rows(rows.inner)

    for rows in all_rows(DECLARED):
        named = {name for column in rows.columns for name in column.names}
        columns = {name for name in table_schemas()[rows.table].names if not name.endswith("position")}
        assert named <= columns, rows.table
        assert columns - named - DERIVED <= {"pmid", "pmid_version"}, rows.table


@pytest.mark.parametrize(
    ("raw", "text"),
    [("&lt;&#65;&#x42;", "<AB"), ("&nbsp;", None), ("&", None), ("&#0;", None), ("&#x110000;", None), ("a;b", "a;b")],
)
def test_references_are_read_or_refused(raw, text):
    assert decode_references(raw) == text


def test_short_texts_are_remembered_and_long_ones_are_not():
    """A hostile file full of long ones would fill the memory."""
    seen = []

    @remember(10)
    def read(text, number):
        seen.append(text)
        return len(text) + number

    short, long = "2021 Jan", "9" * 1_000

    assert [read(text, 1) for text in (short, short, long, long)] == [9, 9, 1_001, 1_001]
    assert seen == [short, long, long]


def test_whatever_is_damaged_the_two_readers_agree():
    chance = random.Random(2026)
    body = re.findall(rb"<PubmedArticle>.*</PubmedArticle>", without_what_is_rare(EVERYTHING), re.DOTALL)[0]
    small = re.findall(rb"<PubmedArticle>.*</PubmedArticle>", document(record(1)), re.DOTALL)[0]

    for _ in range(60):
        hurt = b"".join(small + damage(body if n % 3 == 0 else small, chance) for n in range(20))
        data = b"<PubmedArticleSet>" + hurt + small + b"</PubmedArticleSet>"
        assert quick(data) == careful(data)


@pytest.mark.parametrize("name", ["pubmed_records.xml.gz", "pubmed_revisions.xml.gz"])
def test_every_real_record_reads_the_same_and_nearly_all_are_plain(shared, name):
    data = gzip.decompress((shared / "data" / name).read_bytes())

    (expected, unknown), (found, found_unknown) = careful(data), quick(data)

    assert (found, found_unknown) == (expected, unknown)
    assert n_plain(data) > 0.97 * len(found["articles"])


@pytest.mark.extra
def test_the_whole_update_file_reads_the_same(update_file):
    data = gzip.decompress(update_file.read_bytes())

    assert quick(data, size=8 << 20)[0] == careful(data)[0]
