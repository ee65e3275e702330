"""Reading in several processes: what becomes of a run when one of them, or the one above, is killed."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import subprocess
import sys
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


#: Reads in two processes until it is stopped; says "reading" once they are there.
READ_ON = f"""
from itertools import repeat
from her2lit.pubmed.xml_processes import Workers
from her2lit.pubmed.xml_tables import Block
from her2lit.pubmed.xml_cut import Head
from time import sleep
try:
    with Workers(2) as workers:
        for _ in workers.read(repeat({BLOCK!r})):
            print("reading", flush=True)
            sleep(0.2)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "last_word"), [(signal.SIGKILL, ""), (signal.SIGINT, "stopped\n")])
def test_no_process_outlives_the_run_and_none_tells_of_its_end(number, last_word):
    """The workers share the output of the process above; it ends when the last of them has ended."""
    command = [sys.executable, "-c", READ_ON]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, start_new_session=True, **pipes) as process:
        process.stdout.readline()
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as Ctrl-C does: to all of them
        else:
            process.send_signal(number)
        try:
            out, err = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise

    assert out.replace("reading\n", "") == last_word
    assert "Traceback" not in err
