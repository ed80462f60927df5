"""The text of the manifest in force decodes to the manifest in force."""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marble_core.gojson import GoJsonError
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.effective import effective, effective_text, raised
from marble_core.updatelog import parse_log
from tests.fakes.any_manifest import MANIFESTS

TIME = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


def log(*raised):
    lines = [
        json.dumps(
            {
                "time": TIME.isoformat(),
                "update": "SecurityVersion increased",
                "package": name,
                "new version": to,
            }
        )
        for name, to in raised
    ]
    return parse_log("\n".join(lines))


def test_only_the_number_changes():
    raw = b'{\n "packages": {"shop": {"SecurityVersion" : 3, "ProductID": 3}}}\n'
    assert effective_text(raw, log(("shop", 4), ("shop", 12))) == raw.replace(b": 3,", b": 12,")


def test_without_updates_the_text_is_the_submitted_one():
    raw = b' {"Packages": {"shop": {"SecurityVersion": 3}}} '
    assert effective_text(raw, log(("other", 4))) == raw


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"ProductID": 1}', b'{"SecurityVersion": 4, "ProductID": 1}'),
        (b"{}", b'{"SecurityVersion": 4}'),
        (b"null", b'{"SecurityVersion": 4}'),
        (b'{"SecurityVersion": null}', b'{"SecurityVersion": 4}'),
        (b'{"SecurityVersion": 1, "securityversion": 2}', b'{"SecurityVersion": 1, "securityversion": 4}'),
    ],
)
def test_a_version_is_put_in_where_there_is_none(before, after):
    assert (
        effective_text(b'{"Packages": {"shop": %s}}' % before, log(("shop", 4)))
        == b'{"Packages": {"shop": %s}}' % after
    )


def test_a_text_that_is_no_json_has_no_effective_one():
    with pytest.raises(GoJsonError):
        effective_text(b"{", log(("shop", 4)))


@settings(max_examples=60, deadline=None)
@given(
    MANIFESTS, st.lists(st.tuples(st.sampled_from(["a", "b", "A", "", "x.y"]), st.integers(0, 9)), max_size=4)
)
def test_the_text_in_force_decodes_to_the_manifest_in_force(manifest, raised):
    raw, entries = json.dumps(manifest).encode(), log(*raised)
    in_force = effective(decode_manifest(raw).manifest, entries)
    assert decode_manifest(effective_text(raw, entries)).manifest == in_force


def test_what_was_raised_names_the_last_line_that_did_it():
    manifest = decode_manifest(b'{"Packages": {"shop": {"SecurityVersion": 3}, "bank": {}}}').manifest
    lines = log(("bank", 1), ("shop", 4), ("other", 9), ("shop", 12))
    assert [(it.package, it.submitted, it.version, it.entry.number) for it in raised(manifest, lines)] == [
        ("shop", 3, 12, 4),
        ("bank", None, 1, 1),
    ]


def test_lines_about_the_manifest_before_raise_nothing():
    manifest = decode_manifest(b'{"Packages": {"shop": {"SecurityVersion": 3}}}').manifest
    begun = parse_log(json.dumps({"time": TIME.isoformat(), "update": "Complete manifest updated"}))
    assert raised(manifest, (*log(("shop", 4)), *begun)) == ()
