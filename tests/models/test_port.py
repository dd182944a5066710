"""The port's table is whole, sourced, read alike by both Pythons, and the page written from it is current."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from bench.port import PAGE, page, rows

ROOT = Path(__file__).parents[2]
RELEASES = ("1.24", "1.25", "1.26", "1.27", "1.28", "1.29")
CHIPS = ("ESP32", "ESP32C3", "ESP32S3")
MICROPYTHON = Path(sys.executable).with_name("micropython")


@pytest.fixture(scope="module")
def table():
    return rows()


def reported(*python: str | Path):
    done = subprocess.run(
        [*python, ROOT / "tests" / "models" / "column.py", ROOT / "firmware"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_fact_is_told_once_for_each_chip_and_release(table):
    keys = [key for row in table for key in product([row["fact"]], row["chips"], row["releases"])]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(product({row["fact"] for row in table}, CHIPS, RELEASES))


def test_each_row_names_its_source(table):
    for row in table:
        assert row["source"], row
        assert row["tag"], row
        assert re.fullmatch(r"\d+(-\d+)?|#?\d*|https?://\S+", row["lines"]), row
        assert set(row) <= {"fact", "chips", "releases", "value", "source", "tag", "lines", "note", "also"}


def test_both_pythons_read_the_same(table):
    facts = reported(sys.executable)
    assert facts == reported(MICROPYTHON, "-X", "heapsize=100wK")
    names = sorted({row["fact"] for row in table})
    assert [fact[:3] for fact in facts] == [list(key) for key in product(RELEASES, CHIPS, names)]


def test_the_page_is_written_from_the_table():
    assert PAGE.read_text("utf-8") == page(), "run: python -m bench.port --write"
