from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replica_records import record, write_corpus

from her2lit.errors import ParseError
from her2lit.replica import files
from her2lit.replica.files import RawDeletion, RawRecord, cut_records

DELETION = '<DeleteCitation>\n<PMID Version="1">5</PMID>\n<PMID Version="1">6</PMID>\n</DeleteCitation>'


def test_records_and_deletions_come_in_the_order_of_the_file(tmp_path):
    one, two = record(1), record(2)

    pieces = list(cut_records(write_corpus(tmp_path / "a.xml", one, two, DELETION)))

    assert pieces == [
        RawRecord(data=one.encode(), valid_from=None),
        RawRecord(data=two.encode(), valid_from=None),
        RawDeletion(pmid=5, at=None),
        RawDeletion(pmid=6, at=None),
    ]


def test_gzip_is_recognised_by_content_whatever_the_name(tmp_path):
    packed = write_corpus(tmp_path / "named.xml", record(1), packed=True)

    assert [piece.data for piece in cut_records(packed)] == [record(1).encode()]


def test_an_instruction_dates_the_next_record_only(tmp_path):
    first = record(1, valid_from="2021-06-06T00:00:00-04:00")
    gone = '<?her2lit-replica delete="1" at="2021-06-07T00:00:00-04:00"?>'

    pieces = list(cut_records(write_corpus(tmp_path / "a.xml", first, record(2), gone)))

    assert pieces == [
        RawRecord(data=record(1).encode(), valid_from=datetime(2021, 6, 6, 4, tzinfo=UTC)),
        RawRecord(data=record(2).encode(), valid_from=None),
        RawDeletion(pmid=1, at=datetime(2021, 6, 7, 4, tzinfo=UTC)),
    ]


def test_a_record_in_a_comment_is_no_record(tmp_path):
    assert list(cut_records(write_corpus(tmp_path / "a.xml", f"<!-- {record(1)} -->"))) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html></html>", "holds no PubmedArticleSet"),
        ("", "holds no PubmedArticleSet"),
        ("<PubmedArticleSet><PubmedArticle><MedlineCitation>", "ends inside <PubmedArticle>"),
        ('<PubmedArticleSet><?her2lit-replica valid-from="2021-06-06"?></PubmedArticleSet>', "UTC offset"),
        ('<PubmedArticleSet><?her2lit-replica delete="x" at="2021"?></PubmedArticleSet>', "UTC offset"),
    ],
)
def test_a_file_that_is_cut_or_foreign_is_refused_with_a_reason(tmp_path, text, reason):
    path = tmp_path / "a.xml"
    path.write_text(text)

    with pytest.raises(ParseError, match=reason):
        list(cut_records(path))


@given(chunk=st.integers(min_value=1, max_value=600))
def test_records_are_cut_the_same_whatever_the_size_of_a_read(tmp_path_factory, chunk):
    path = write_corpus(
        tmp_path_factory.mktemp("cut") / "a.xml",
        record(1, title="Ünïcode &lt;PubmedArticle&gt;"),
        "<!-- between -->",
        record(2, valid_from="2021-06-06T00:00:00-04:00"),
        DELETION,
    )
    whole = list(cut_records(path))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_CHUNK", chunk)
        pieces = list(cut_records(path))

    assert pieces == whole
    assert len(pieces) == 4
