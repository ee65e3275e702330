"""Reading in several processes: what becomes of a run when one of them, or the one above, is killed."""

from __future__ import annotations

import io
import multiprocessing
import time

import pytest
from small_records import document, record

from her2lit.errors import ParseError
from her2lit.pubmed.xml_cut import read_blocks
from her2lit.pubmed.xml_processes import Workers
from her2lit.pubmed.xml_tables import cut_blocks

[BLOCK] = cut_blocks(read_blocks(io.BytesIO(document(record(1), record(2)))))


def pmids(batches):
    return [batch.tables["articles"]["pmid"].to_pylist() for batch in batches]


def test_a_killed_worker_costs_one_input_and_the_next_is_read():
    def blocks():
        yield BLOCK
        for worker in multiprocessing.active_children():
            worker.kill()
            worker.join()
        # The pool needs a moment to notice; then it takes no more blocks.
        time.sleep(0.5)
        yield BLOCK

    with Workers(2) as workers:
        with pytest.raises(ParseError, match="a reading process was killed"):
            pmids(workers.read(blocks()))
        found = pmids(workers.read([BLOCK, BLOCK]))

    assert found == [[1, 2], [1, 2]]
