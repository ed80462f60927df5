"""A review as a document: what it says, and that nobody's secret is in it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings

from marble_core.gojson import scan
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.diff import diff, json_patch, patch_text
from marble_core.manifest.impact import CLIENT_API_V1, assess
from marble_core.manifest.review import (
    HIDDEN,
    Review,
    ReviewedSide,
    as_html,
    as_json,
    as_markdown,
    as_text,
    masked_lines,
    rows,
    shown_value,
)
from tests.fakes.any_manifest import MANIFESTS
from tests.fakes.manifests import bent, encoded, observatory

NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)
FORMS = [as_text, as_markdown, as_html, as_json]


def reviewed(old: Any, new: Any) -> Review:
    raw = encoded(old), encoded(new)
    before, after = map(decode_manifest, raw)
    difference = diff(before.tree, after.tree)
    assessment = assess(difference, before.manifest, after.manifest, CLIENT_API_V1)
    sides = (ReviewedSide(f"{n}.json", hashlib.sha256(it).hexdigest(), len(it)) for n, it in enumerate(raw))
    found = tuple(rows(difference, assessment, NOW))
    return Review(*sides, difference, assessment, found, NOW, frozenset(row.key for row in found[:1]))


CHANGED = reviewed(
    observatory(),
    bent(
        (("Packages", "dome", "SecurityVersion"), 6),
        (("Marbles", "shutter", "Parameters", "Env", "SKY"), "| <b>clouds</b>"),
        (("Secrets", "note", "Private"), "aHVudGVyMg=="),
    ),
)
PASTED = reviewed(
    bent((("Marbles", "shutter", "Parameters", "Env", "DB_PASSWORD"), "hunter1")),
    bent(
        (("Marbles", "shutter", "Parameters", "Env", "DB_PASSWORD"), "hunter2"),
        (("Marbles", "shutter", "Parameters", "Env", "API_TOKEN"), {"Data": "hunter3", "Encoding": "string"}),
        (
            ("Marbles", "shutter", "Parameters", "Files", "/key"),
            "-----BEGIN PRIVATE KEY-----\nhunter4\n-----END PRIVATE KEY-----\n",
        ),
        (("Marbles", "shutter", "Parameters", "Argv"), ["shutter", "--db-password=hunter5"]),
        (("Marbles", "shutter", "Parameters", "Env", "SKY_TOKEN"), "{{ hex .Secrets.star }}"),
    ),
)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_says_the_sentences_the_impact_and_the_rows(form):
    text = form(CHANGED)
    for part in ("Package dome is raised from 5 to 6.", "dome below version 6 is refused", "SecurityVersion"):
        assert part in text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_no_form_holds_the_value_of_a_secret(form):
    assert "aHVudGVyMg" not in form(CHANGED)
    assert HIDDEN in form(CHANGED) or form is as_text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_no_form_holds_what_somebody_has_pasted_into_a_parameter(form):
    text = form(PASTED)
    assert "hunter" not in text
    assert "DB_PASSWORD" in text.replace("\\", "")
    patch = patch_text(json_patch(PASTED.difference))
    assert "hunter" not in patch
    assert "{{ hex .Secrets.star }}" in patch


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_manifest_without_a_difference_is_told_in_one_sentence(form):
    same = reviewed(observatory(), observatory())
    assert "No difference. The bytes are identical." in form(same) or form is as_json
    assert "Impact" not in form(same)


def test_the_program_form_is_json_with_everything():
    told = json.loads(as_json(CHANGED))
    assert (told["same_meaning"], told["update"], told["counts"]["changed"]) == (False, "full update", 2)
    assert [change["reviewed"] for change in told["changes"]] == [True, False, False]
    assert told["before"]["sha256"] == CHANGED.before.fingerprint


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.seen.add(tag)
        if tag not in {"br", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_takes_no_markup_from_a_manifest():
    tags = _Tags()
    tags.feed(as_html(CHANGED))
    assert tags.open == []
    assert "&lt;b&gt;clouds" in as_html(CHANGED)
    assert not tags.seen & {"script", "a", "img", "link"}


def test_markdown_takes_no_table_cell_from_a_manifest():
    line = next(line for line in as_markdown(CHANGED).splitlines() if "clouds" in line and "SKY" in line)
    assert len(re.findall(r"(?<!\\)\|", line)) == 7


def test_a_terminal_gets_nothing_to_obey():
    odd = reviewed({"Marbles": {"a\x1b[31m\u202e": {"Package": "p"}}}, {"Marbles": {}})
    assert "\x1b" not in as_text(odd)
    assert "\u202e" not in as_text(odd)


def test_a_row_with_another_value_is_another_row():
    six, seven = (
        reviewed(observatory(), bent((("Packages", "dome", "SecurityVersion"), version))).rows[0].key
        for version in (6, 7)
    )
    assert six != seven


SECRET_TEXT = """{
  "Secrets": {
    "pin": {"Type": "plain", "private": "aHVudGVyMg==",
      "Public": [104, 117,
        110]},
    "loose": "aHVudGVyMg=="
  },
  "secrets": {"again": {"Key": "aHVudGVyMg=="}},
  "Marbles": {"m": {"Parameters": {
    "Files": {"f": {"Data": "open"}, "k": "-----BEGIN RSA PRIVATE KEY-----\\naHVudGVyMg"},
    "env": {"DB_PASSWORD": "aHVudGVyMg==", "API_KEY": {"Data": "aHVudGVyMg=="}, "TOKEN": "{{ hex .Secrets.pin }}"},
    "Argv": ["m", "--token=aHVudGVyMg=="]
  }}}
}"""


def test_a_masked_text_keeps_its_lines_and_no_value():
    masked = masked_lines(SECRET_TEXT, scan(SECRET_TEXT.encode()))
    assert masked.count("\n") == SECRET_TEXT.count("\n")
    assert "aHVudGVyMg" not in masked
    assert "117" not in masked
    assert '"Data": "open"' in masked
    assert '"TOKEN": "{{ hex .Secrets.pin }}"' in masked


@pytest.mark.parametrize("cut", range(20, len(SECRET_TEXT), 7))
def test_a_text_that_breaks_off_is_masked_by_guess(cut):
    masked = masked_lines(SECRET_TEXT[:cut].replace('"loose": "aHVudGVyMg=="', ""), None)
    assert "HVudGVyMg" not in masked.replace('"loose": "aHVudGVyMg', "")


@settings(max_examples=40, deadline=None)
@given(MANIFESTS, MANIFESTS)
def test_any_difference_can_be_written_down(old, new):
    review = reviewed(old, new)
    for form in FORMS:
        assert form(review)
    assert len({row.key for row in review.rows}) == len(review.rows)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", '""'),
        ("two\nlines", "two\\nlines"),
        (True, "true"),
        (3, "3"),
        (("a", 1), "a, 1"),
        ((), "empty list"),
        (("a",) * 9, "9 items"),
        ({"Type": "symmetric-key", "Size": 128, "Shared": True}, "symmetric-key, 128 bits, shared"),
        ({"Package": "web", "TLS": ()}, "Package, TLS"),
        ({}, "{}"),
    ],
)
def test_values_are_shown_on_one_line(value, shown):
    assert shown_value(value) == shown
