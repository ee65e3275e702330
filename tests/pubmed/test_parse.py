"""PubMed XML in, complete articles out; one bad record never costs another."""

from __future__ import annotations

import gzip
import io
import time
from collections import Counter
from pathlib import Path

import pytest
from every_element import EVERY_BOOK_ELEMENT, EVERY_ELEMENT
from small_records import document, record

from her2lit.errors import ParseError
from her2lit.pubmed.parse import iter_records, newest_versions, parse_articles
from her2lit.records import Article, Deletion, Reject

XML = Path(__file__).parent / "xml"


def test_every_element_of_the_dtd_has_its_place():
    result = parse_articles((XML / "every_element.xml").read_bytes(), require_closed_root=True)

    assert result.articles == (EVERY_ELEMENT,)
    assert (result.rejects, result.deletions, result.unknown) == ((), (), ())


@pytest.mark.case("24")
def test_every_book_element_has_its_place():
    result = parse_articles((XML / "every_book_element.xml").read_bytes(), require_closed_root=True)

    assert result.articles == (EVERY_BOOK_ELEMENT,)
    assert (result.rejects, result.deletions, result.unknown) == ((), (), ())


@pytest.mark.case("66")
def test_a_record_may_hold_next_to_nothing():
    [article] = parse_articles(document(record(7, title=""))).articles

    assert article == Article(
        kind="article", pmid=7, pmid_version=1, status="Publisher", owner="NLM", pub_model="Print"
    )


def test_an_empty_set_is_no_error():
    """EFetch answers unknown PMIDs with an empty set, against its own DTD."""
    for empty in (b"<PubmedArticleSet></PubmedArticleSet>", b"<PubmedArticleSet/>"):
        result = parse_articles(empty, require_closed_root=True)

        assert (result.articles, result.rejects, result.deletions) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet>\n', "begins with"),
        (b"<html><body>Error</body></html>", "HTML page"),
        (b'{"error":"API rate limit exceeded"}', "begins with"),
        (b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>", "Unable to obtain query #1"),
        (b"<eSummaryResult></eSummaryResult>", "root element is eSummaryResult"),
        ("<PubmedArticleSet/>".encode("utf-16"), "UTF-16"),
        (b'<?xml version="1.0" encoding="klingon"?><PubmedArticleSet><PubmedArticle/></PubmedArticleSet>', "klingon"),
    ],
)
def test_what_is_not_pubmed_xml_is_refused_by_name(text, message):
    with pytest.raises(ParseError, match=message):
        parse_articles(text)


@pytest.mark.case("84")
def test_a_reply_cut_at_a_record_border_is_refused_where_the_root_must_close():
    """EFetch sends no length: only the closing root says that the reply is whole."""
    cut = document(record(1), record(2)).removesuffix(b"</PubmedArticleSet>\n")

    assert len(parse_articles(cut).articles) == 2
    with pytest.raises(ParseError, match="cut off"):
        parse_articles(cut, require_closed_root=True)


def test_a_record_cut_in_the_middle_is_a_reject_and_the_rest_is_kept():
    result = parse_articles(document(record(1), record(2))[:-100])

    assert [article.pmid for article in result.articles] == [1]
    assert [(reject.pmid, reject.reason[:21]) for reject in result.rejects] == [(2, "the record is cut off")]


@pytest.mark.parametrize(
    "bad",
    [
        record(2).replace("</ArticleTitle>", ""),
        record(2, title="\x07"),
        record(2, title="&undefined;"),
        record(2).replace("</PubmedArticle>", ""),
        record(2, title="<a>" * 400),
        record(2).replace("<PubmedArticle>", '<PubmedArticle xmlns="http://example.org/other">'),
    ],
    ids=["unclosed", "control", "entity", "no-end", "deep", "namespace"],
)
def test_one_broken_record_is_a_reject_with_its_pmid_and_the_others_stay(bad):
    data = document(record(1), bad, record(3))

    result = parse_articles(data)

    assert [article.pmid for article in result.articles] == [1, 3]
    [reject] = result.rejects
    assert (reject.pmid, data[reject.offset :].startswith(b"<PubmedArticle")) == (2, True)


@pytest.mark.case("92")
def test_a_byte_that_is_no_utf_8_costs_only_its_record():
    data = document(record(1), record(2, title="XX"), record(3)).replace(b"XX", b"\xff\xfe")

    result = parse_articles(data)

    assert ([article.pmid for article in result.articles], [r.pmid for r in result.rejects]) == ([1, 3], [2])


def test_a_record_without_pmid_or_article_is_a_reject():
    headless = record(1).replace('<PMID Version="1">1</PMID>', "")
    bodiless = record(2).replace("Article PubModel", "Artcle PubModel").replace("</Article>", "</Artcle>")

    result = parse_articles(document(headless, bodiless, record(3)))

    assert [article.pmid for article in result.articles] == [3]
    assert [(reject.pmid, reject.reason) for reject in result.rejects] == [
        (None, "no PMID that is a number"),
        (2, "no Article or Book element"),
    ]


def test_a_record_whose_name_is_broken_is_not_lost_in_silence():
    result = parse_articles(document(record(1), record(2).replace("<PubmedArticle>", "<PubmedArtikel>"), record(3)))

    assert [article.pmid for article in result.articles] == [1, 3]
    assert [reject.pmid for reject in result.rejects] == [2]


def test_a_record_in_a_comment_is_no_record():
    result = parse_articles(document(record(1), f"<!-- {record(2)} -->", record(3)))

    assert [article.pmid for article in result.articles] == [1, 3]
    assert result.rejects == ()


@pytest.mark.case("64")
def test_unknown_elements_and_attributes_are_counted_never_fatal():
    future = record(1, more="<Novelty Kind='x'>new</Novelty>").replace("<ArticleTitle>", '<ArticleTitle mood="glad">')

    result = parse_articles(document(future, record(2)))

    assert [article.title for article in result.articles] == ["A title.", "A title."]
    assert result.unknown == (
        ("PubmedArticle/MedlineCitation/Article/ArticleTitle@mood", 1),
        ("PubmedArticle/MedlineCitation/Article/Novelty", 1),
    )


@pytest.mark.parametrize(
    ("stranger", "path"),
    [
        ("<Volume/><New/>", "Journal/JournalIssue/New"),
        ("<Volume/><New>1</New><Issue/>", "Journal/JournalIssue/New"),
        ("<?pmcsd ?><New/><Volume/><Issue/>", "Journal/JournalIssue/New"),
        ("<Volume New='1'>2</Volume>", "Journal/JournalIssue/Volume@New"),
        ('<Volume New = "1">2</Volume>', "Journal/JournalIssue/Volume@New"),
        ("<Volume New\n=\n'1'>2</Volume>", "Journal/JournalIssue/Volume@New"),
        ("<PubDate><Hour>7</Hour></PubDate>", "Journal/JournalIssue/PubDate/Hour"),
    ],
)
def test_nothing_known_can_hide_an_unknown_thing(stranger, path):
    """Tags are counted before they are compared; an empty element has one tag, another two."""
    xml = document(record(1, more=f"<Journal><JournalIssue>{stranger}</JournalIssue></Journal>"))

    assert parse_articles(xml).unknown == ((f"PubmedArticle/MedlineCitation/Article/{path}", 1),)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("10<sup>6</sup>", "10^6"),
        ("10<i><sup>6</sup></i>", "10^6"),
        ("<b>10</b><sup><i>-6</i></sup>", "10^-6"),
        ("CD4<sup>+</sup>", "CD4+"),
    ],
)
def test_a_power_is_told_from_its_base_however_the_two_are_wrapped(markup, text):
    [article] = parse_articles(document(record(1, title=markup))).articles

    assert (article.title, article.title_markup) == (text, markup)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("AuthorList/Author", "<AuthorList><Author New='1'><LastName>Doe</LastName></Author></AuthorList>"),
        ("AuthorList/Author", '<AuthorList><Author New="1"><LastName>Doe</LastName></Author></AuthorList>'),
        ("Abstract/AbstractText", '<Abstract><AbstractText Label="A" New="1">Text.</AbstractText></Abstract>'),
        ("ELocationID", '<ELocationID EIdType="pii" New="1">S1</ELocationID>'),
        ("AuthorList", '<AuthorList Type="authors" New="1"/>'),
    ],
)
def test_an_attribute_that_nobody_knows_is_counted_wherever_it_stands(name, more):
    path = f"PubmedArticle/MedlineCitation/Article/{name}@New"

    assert parse_articles(document(record(1, more=more))).unknown == ((path, 1),)


def test_a_link_to_bookshelf_on_the_title_of_an_article_has_no_place_and_is_counted():
    xml = document(record(1).replace("<ArticleTitle>", '<ArticleTitle book="b">'))

    assert parse_articles(xml).unknown == (("PubmedArticle/MedlineCitation/Article/ArticleTitle@book", 1),)


def test_markup_in_a_suffix_is_kept_beside_its_text():
    """Second and third of their name are printed 2<sup>nd</sup> and 3<sup>rd</sup>."""
    name = "<LastName>Doe</LastName><Suffix>2<sup>nd</sup></Suffix>"
    subject = f"<PersonalNameSubjectList><PersonalNameSubject>{name}</PersonalNameSubject></PersonalNameSubjectList>"
    xml = record(1, more=f"<AuthorList><Author>{name}</Author></AuthorList>")

    [article] = parse_articles(document(xml.replace("</MedlineCitation>", f"{subject}</MedlineCitation>"))).articles

    for person in (article.authors[0], article.personal_name_subjects[0]):
        assert (person.suffix, person.suffix_markup) == ("2nd", "2<sup>nd</sup>")


def test_markup_in_a_last_name_is_nothing_we_know_and_never_goes_to_the_suffix():
    name = "<LastName>O<i>x</i></LastName><Suffix>Jr</Suffix>"

    result = parse_articles(document(record(1, more=f"<AuthorList><Author>{name}</Author></AuthorList>")))

    [author] = result.articles[0].authors
    assert (author.last_name, author.suffix, author.suffix_markup) == ("Ox", "Jr", None)
    assert result.unknown == (("PubmedArticle/MedlineCitation/Article/AuthorList/Author/LastName/i", 1),)


@pytest.mark.parametrize(
    ("date", "path"),
    [
        ("<ArticleDate><Year>2020</Year><Season>Spring</Season></ArticleDate>", "Article/ArticleDate/Season"),
        ("<DateRevised><Year>2020</Year><Hour>7</Hour></DateRevised>", "DateRevised/Hour"),
    ],
)
def test_a_part_of_a_date_that_only_other_dates_have_is_counted(date, path):
    end = "</Article>" if path.startswith("Article/") else "</MedlineCitation>"

    result = parse_articles(document(record(1).replace(end, f"{date}{end}")))

    assert result.unknown == ((f"PubmedArticle/MedlineCitation/{path}", 1),)


def test_an_attribute_known_elsewhere_is_unknown_where_it_does_not_belong():
    result = parse_articles(document(record(1, more='<Language UI="D1">eng</Language>')))

    assert result.unknown == (("PubmedArticle/MedlineCitation/Article/Language@UI", 1),)


def test_markup_that_nobody_announced_loses_no_text():
    """A leaf that suddenly holds inline markup keeps all its words; the markup is counted."""
    result = parse_articles(document(record(1, more="<Language>e<em>n</em>g</Language>")))

    assert result.articles[0].languages == ("eng",)
    assert result.unknown == (("PubmedArticle/MedlineCitation/Article/Language/em", 1),)


@pytest.mark.case("57")
@pytest.mark.parametrize(
    ("element", "field"),
    [
        ("<Language>eng</Language>", "languages"),
        ('<ELocationID EIdType="pii">S1</ELocationID>', "elocations"),
        ("<PublicationTypeList><PublicationType>Letter</PublicationType></PublicationTypeList>", "publication_types"),
        ("<AuthorList><Author/></AuthorList>", "authors"),
    ],
)
def test_an_element_that_comes_very_often_costs_no_more_each_time(element, field):
    """Ten times as many take about ten times as long, not a hundred times."""

    def seconds(n: int) -> float:
        xml = document(record(1, more=element * n))
        begin = time.process_time()
        [article] = parse_articles(xml).articles
        assert len(getattr(article, field)) == n
        return time.process_time() - begin

    few, many = (min(seconds(n) for _ in range(3)) for n in (4_000, 40_000))

    assert many < 30 * few


def test_all_versions_are_kept_and_the_highest_wins():
    articles = parse_articles(document(record(5, version=2), record(5, version=1), record(6))).articles

    assert [(a.pmid, a.pmid_version) for a in articles] == [(5, 2), (5, 1), (6, 1)]
    assert [(a.pmid, a.pmid_version) for a in newest_versions(articles)] == [(5, 2), (6, 1)]


def test_deletions_are_read_with_their_version():
    deleted = '<DeleteCitation><PMID Version="1">11</PMID><PMID Version="2">12</PMID></DeleteCitation>'

    result = parse_articles(document(record(1), deleted))

    assert result.deletions == (Deletion(pmid=11, pmid_version=1), Deletion(pmid=12, pmid_version=2))


def test_several_documents_one_after_the_other_are_read_as_one():
    """EDirect's efetch writes one document per batch, simply one after the other."""
    result = parse_articles(document(record(1)) + document(record(2)), require_closed_root=True)

    assert ([article.pmid for article in result.articles], result.rejects) == ([1, 2], ())


@pytest.mark.case("91")
@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b"\n\n", b"<!-- made by hand -->\n"])
def test_what_editors_and_proxies_put_before_the_prolog_does_no_harm(prefix):
    data = prefix + document(record(1)).replace(b"<?xml version='1.0'?>\n", b"").replace(b"\n", b"\r\n")

    assert [article.pmid for article in parse_articles(data).articles] == [1]


def test_a_namespace_declared_at_the_root_reaches_the_records():
    maths = "<m:math><m:mi>x</m:mi></m:math>"
    data = document(record(1, title=f"Of {maths}")).replace(
        b"<PubmedArticleSet>", b'<PubmedArticleSet xmlns:m="http://www.w3.org/1998/Math/MathML">'
    )

    assert parse_articles(data).articles[0].title == "Of x"


def test_a_declared_encoding_is_obeyed():
    data = document(record(1, title="Rés.")).decode().replace("'1.0'", "'1.0' encoding='ISO-8859-1'").encode("latin-1")

    assert parse_articles(data).articles[0].title == "Rés."


def test_old_sets_of_bare_citations_are_read():
    bare = record(1).removeprefix("<PubmedArticle>").removesuffix("</PubmedArticle>")

    result = parse_articles(f"<MedlineCitationSet>{bare}</MedlineCitationSet>".encode(), require_closed_root=True)

    assert [article.pmid for article in result.articles] == [1]


def test_a_file_streams_as_it_parses(tmp_path):
    """Path or open file, plain or gzip by content, in one member or several: the same records."""
    data = document(
        record(1), record(2).replace("</ArticleTitle>", ""), "<DeleteCitation><PMID>9</PMID></DeleteCitation>"
    )
    plain, packed = tmp_path / "plain.xml", tmp_path / "packed.bin"
    plain.write_bytes(data)
    packed.write_bytes(gzip.compress(data[:300]) + gzip.compress(data[300:]) + b"\0\0")

    whole = parse_articles(data)
    expected = [whole.articles[0], whole.rejects[0], *whole.deletions]

    assert list(iter_records(plain)) == expected
    assert list(iter_records(packed)) == expected
    assert list(iter_records(io.BytesIO(data))) == expected


class Dripping(io.RawIOBase):
    """A source that hands out a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step, self.at = data, step, 0

    def read(self, size: int = -1) -> bytes:
        self.at += self.step
        return self.data[self.at - self.step : self.at]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64])
def test_where_the_blocks_are_cut_makes_no_difference(step):
    data = document(record(1), record(2, title=""), f"<!-- {record(3)} -->", record(4), "<junk>")

    dripped = list(iter_records(Dripping(data, step)))

    assert dripped == list(iter_records(io.BytesIO(data)))
    assert [type(r).__name__ for r in dripped] == ["Article", "Article", "Article", "Reject"]


def test_damaged_gzip_gives_what_came_before_and_then_says_so():
    many = "".join(record(pmid, title=str(pmid * 7919) * 50) for pmid in range(1, 8000))
    packed = gzip.compress(document(many))
    for damaged in (packed[: len(packed) // 2], packed[:-8] + b"\0" * 8):
        seen = []

        with pytest.raises(ParseError, match=r"gzip.*download the file again"):
            consume(iter_records(io.BytesIO(damaged)), seen)

        assert seen[:1000] == list(range(1, 1001))


def consume(records, seen):
    """Append PMIDs to *seen* as they come, so that those before an error are there."""
    for found in records:
        seen.append(found.pmid)
    return ()


@pytest.mark.case("94")
def test_entities_are_never_defined_resolved_or_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    doctype = f'<!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "yyyy">]>'
    bomb = document(record(1, title="&x;&y;")).replace(b"<PubmedArticleSet>", doctype.encode() + b"<PubmedArticleSet>")

    with pytest.raises(ParseError, match="defines entities"):
        parse_articles(bomb)


def test_a_doctype_inside_a_record_does_no_harm():
    trap = '<!DOCTYPE x [<!ENTITY a "boom">]>' + record(2, title="&a;")

    result = parse_articles(document(record(1), trap, record(3)))

    assert [article.pmid for article in result.articles] == [1, 3]
    assert 2 in [reject.pmid for reject in result.rejects]


def test_the_same_input_twice_gives_the_same_result():
    data = (XML / "every_element.xml").read_bytes()

    assert parse_articles(data) == parse_articles(data)


def test_the_whole_update_file_reads_without_a_reject_or_a_stranger(update_file):
    unknown: Counter[str] = Counter()
    kinds = Counter(type(found) for found in iter_records(update_file, unknown=unknown))

    assert (kinds[Article], kinds[Deletion], kinds[Reject], unknown) == (20_788, 20, 0, {})
