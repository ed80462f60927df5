"""PEM texts as Go reads them (spec: manifest.md, section 4)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.pem import PemBlock, first_block

BLOCK = "-----BEGIN THING-----\nAQIDBAUGBwgJ\nCgsM\n-----END THING-----\n"
EXPECTED = PemBlock("THING", bytes(range(1, 13)))


@pytest.mark.parametrize(
    "text",
    [
        BLOCK,
        BLOCK.removesuffix("\n"),
        BLOCK.replace("\n", "\r\n"),
        "before\n" + BLOCK + "after",
        BLOCK + BLOCK.replace("AQID", "AAAA"),
        BLOCK.replace("AQID", "AQ\n\nID"),
        BLOCK.replace("AQID", "AQ ID\t"),
        BLOCK.replace("AQID", "Note: kept out\nDate: today\n\nAQID"),
        BLOCK.replace("THING", "OTHER", 1) + BLOCK,
        BLOCK.replace("AQID", "?") + BLOCK,
        "-----BEGIN THING-----\nAAAA\n" + BLOCK,
    ],
)
def test_the_first_good_block_counts(text):
    assert first_block(text) == EXPECTED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AQIDBAUGBwgJ",
        BLOCK.replace("\n", " "),
        BLOCK.replace("\n", ""),
        BLOCK.replace("\n", "\\n"),
        "  " + BLOCK.replace("\n", "\n  "),
        BLOCK.replace("-----END", " -----END"),
        BLOCK.replace("END THING", "END OTHER"),
        BLOCK.removesuffix("-----END THING-----\n"),
        BLOCK.replace("CgsM", "CgsMD"),
        BLOCK.replace("CgsM", "Cg-_"),
    ],
)
def test_what_looks_like_a_block_may_be_none(text):
    assert first_block(text) is None


@given(st.text(alphabet="-BEGINDT \r\n:A=", max_size=60))
def test_any_text_is_read_without_an_exception(text):
    first_block(text)


@pytest.mark.parametrize(
    "unit", ["-----BEGIN A-----\n", "-----BEGIN A-----\n?\n-----END A-----\n", "A: b\n", "-----END A-----\n"]
)
def test_a_hostile_text_of_a_megabyte_is_read_at_once(unit):
    began = time.process_time()
    first_block(unit * (1_000_000 // len(unit)))
    assert time.process_time() - began < 5  # hundredths as it is; without limits: minutes
