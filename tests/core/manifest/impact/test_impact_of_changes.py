"""Realistic changes of one manifest, each with the sentences, impacts and rights that it must give.

The cases are data: `changes.json` holds the manifest and, for each case, what is merged into it (RFC 7396, with
`$copy` for a value that stands elsewhere) and all that is said about it.
"""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from marble_core.gojson import path_text
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.diff import diff
from marble_core.manifest.impact import (
    CLIENT_API_V1,
    CLIENT_API_V2,
    Assessment,
    ImpactKind,
    ImpactSeverity,
    UpdateKind,
    assess,
    assess_package_update,
)
from marble_core.manifest.permissions import Permissions
from marble_core.packageupdate import UpdateRefused, parse_update
from tests.fakes.any_manifest import MANIFESTS

_DATA = json.loads((Path(__file__).parent / "changes.json").read_text(encoding="utf-8"))
BASE: dict[str, Any] = _DATA["manifest"]
CASES: list[dict[str, Any]] = _DATA["cases"]
TARGETS = {
    "v1": CLIENT_API_V1,
    "v2": CLIENT_API_V2,
    "recovering": dataclasses.replace(CLIENT_API_V2, recovering=True),
}


def merged(value: Any, patch: Any, root: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    if "$copy" in patch:
        for step in patch["$copy"]:
            root = root[step]
        return copy.deepcopy(root)
    result = dict(value) if isinstance(value, dict) else {}
    for name, inner in patch.items():
        if inner is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), inner, root)
    return result


def assessed(old: Any, new: Any, target: str = "v2") -> Assessment:
    before = None if old is None else decode_manifest(json.dumps(old).encode())
    after = decode_manifest(json.dumps(new).encode())
    difference = diff(before.tree if before else None, after.tree)
    return assess(difference, before.manifest if before else None, after.manifest, TARGETS[target])


def told(assessment: Assessment) -> dict[str, Any]:
    """All that an assessment says, in the form of the data."""
    return {
        "update": assessment.update.value,
        "summary": {section.section: list(section.sentences) for section in assessment.summary},
        "impacts": [
            f"{impact.severity.name.lower()} {impact.kind.value}: {impact.headline}. {impact.explanation}"
            for impact in assessment.impacts
        ],
        "gained": {
            delta.user: {action.value: sorted(names) for action, names in delta.gained.items()}
            for delta in assessment.permissions
            if delta.gained
        },
        "lost": {
            delta.user: {action.value: sorted(names) for action, names in delta.lost.items()}
            for delta in assessment.permissions
            if delta.lost
        },
    }


def severe_rows(old: Any, new: Any, target: str) -> list[str]:
    before, after = (decode_manifest(json.dumps(it).encode()) for it in (old, new))
    difference = diff(before.tree, after.tree)
    assessment = assess(difference, before.manifest, after.manifest, TARGETS[target])
    return [
        path_text(change.path)
        for change in difference.leaves()
        if assessment.severity_of(change) is ImpactSeverity.HIGH
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_change_is_told_with_all_that_it_brings_about(case):
    old = merged(BASE, case.get("base", {}), BASE)
    new = merged(old, case["change"], old)
    assert told(assessed(None if case.get("first") else old, new, case["target"])) == case["expected"]
    if not case.get("first"):
        assert severe_rows(old, new, case["target"]) == case["rows to tick"]


def test_there_are_as_many_cases_as_were_promised():
    assert len({case["name"] for case in CASES}) == len(CASES) >= 40


def test_a_refused_update_says_so():
    change = {"Packages": {"frontend": {"SecurityVersion": 6}}}
    assert assessed(BASE, merged(BASE, change, BASE), "v1").is_refused
    assert not assessed(BASE, merged(BASE, change, BASE), "v2").is_refused


def test_the_text_of_a_certificate_may_change_without_locking_anybody_out():
    alice = BASE["Users"]["alice"]["Certificate"]
    other_layout = {"Users": {"alice": {"Certificate": "# Alice\n" + alice.replace("\n", "\r\n")}}}
    assessment = assessed(BASE, merged(BASE, other_layout, BASE))
    assert ImpactKind.LOCK_OUT not in {impact.kind for impact in assessment.impacts}
    (section,) = assessment.summary
    assert section.sentences == ("User alice keeps its certificate, written another way.",)


def test_a_recovery_key_in_another_text_is_the_same_key_and_makes_new_secrets():
    name, text = next(iter(BASE["RecoveryKeys"].items()))
    assessment = assessed(BASE, merged(BASE, {"RecoveryKeys": {name: text.replace("\n", "\r\n")}}, BASE))
    (section,) = assessment.summary
    assert section.sentences == (f"Recovery key {name} is the same, written another way.",)
    (recovery,) = [impact for impact in assessment.impacts if impact.kind is ImpactKind.RECOVERY]
    assert recovery.explanation.startswith(
        f"{name} has the same key in another text, which counts as another."
    )


def test_a_variable_that_stays_is_not_told_as_a_new_one():
    same_value = {"Data": "{{ hex .Secrets.session_key }}", "NoTemplates": True}
    change = {"Marbles": {"frontend": {"Parameters": {"Env": {"TOKEN": same_value}}}}}
    (section,) = assessed(BASE, merged(BASE, change, BASE)).summary
    assert section.sentences == ("Marble frontend takes templates as text in TOKEN.",)


def test_a_change_of_another_kind_has_no_severity():
    new = merged(BASE, {"Infrastructures": {"home": {"QESVN": 3}}}, BASE)
    before, after = (decode_manifest(json.dumps(it).encode()) for it in (BASE, new))
    difference = diff(before.tree, after.tree)
    assessment = assess(difference, before.manifest, after.manifest, CLIENT_API_V2)
    assert [assessment.severity_of(change) for change in difference.leaves()] == [None]


def test_a_thousand_changes_are_told_in_a_few_sentences():
    old = {"Marbles": {f"till-{n}": {"Package": "shop"} for n in range(1000)}}
    new = {"Marbles": {f"till-{n}": {"Package": "shop", "MaxActivations": 1} for n in range(1000)}}
    (section,) = assessed(old, new).summary
    assert len(section.sentences) == 21
    assert section.sentences[-1] == "980 more marbles change."


def test_values_of_secrets_are_not_told():
    old = {"Secrets": {"pin": {"Type": "plain", "UserDefined": True, "Private": "czNjcjN0"}}}
    new = {"Secrets": {"pin": {"Type": "plain", "UserDefined": True, "Private": "aHVudGVyMg=="}}}
    text = repr(assessed(old, new)) + repr(told(assessed(old, new)))
    assert "holds another value in the manifest" in text
    assert not any(value in text for value in ("czNjcjN0", "aHVudGVyMg", "s3cr3t", "hunter2"))


# package update files


def _raise(**versions: int) -> Any:
    current = decode_manifest(json.dumps(BASE).encode()).manifest
    body = {"Packages": {name: {"SecurityVersion": version} for name, version in versions.items()}}
    return assess_package_update(parse_update(json.dumps(body).encode()), current)


def test_an_update_file_that_raises_shuts_older_enclaves_out():
    assert [impact.headline for impact in _raise(frontend=9)] == [
        "frontend below version 9 is refused",
        "2 marbles must restart",
        "Certificates are issued anew",
    ]


def test_an_update_file_that_raises_nothing_issues_certificates_all_the_same():
    first, *others = _raise(frontend=7)
    assert (first.kind, first.headline) == (ImpactKind.NO_OP, "frontend is at this version already")
    assert [impact.kind for impact in others] == [ImpactKind.RESTART, ImpactKind.CERTIFICATES]


def test_an_update_file_may_raise_one_package_and_not_the_other():
    assert [impact.names for impact in _raise(frontend=7, tools=5)[:2]] == [("frontend",), ("tools",)]


def test_an_update_file_that_lowers_is_refused():
    with pytest.raises(UpdateRefused, match="Lowering is refused: frontend is at 7, the update says 6"):
        _raise(frontend=6)


# laws


@settings(max_examples=60, deadline=None)
@given(MANIFESTS, MANIFESTS)
def test_any_two_manifests_that_decode_can_be_assessed(old, new):
    before, after = (decode_manifest(json.dumps(it).encode()) for it in (old, new))
    difference = diff(before.tree, after.tree)
    for target in TARGETS.values():
        assessment = assess(difference, before.manifest, after.manifest, target)
        assert list(assessment.impacts) == sorted(assessment.impacts, key=lambda impact: impact.severity)
        leaves = list(difference.leaves())
        assert all(change in leaves for impact in assessment.impacts for change in impact.changes)
        assert (assessment.update is UpdateKind.NONE) == (difference.same_meaning and not target.recovering)
        assert bool(assessment.summary) != difference.same_meaning


@settings(max_examples=30, deadline=None)
@given(MANIFESTS, MANIFESTS)
def test_what_somebody_gains_is_lost_on_the_way_back(old, new):
    there, back = assessed(old, new).permissions, assessed(new, old).permissions
    # A renamed user is told of under the name of the other side, so names are left out.
    gained, lost = [delta.gained for delta in there], [delta.lost for delta in back]
    assert sorted(map(_spelled, gained)) == sorted(map(_spelled, lost))


def _spelled(granted: Permissions) -> list[tuple[str, list[str]]]:
    return sorted((action.value, sorted(names)) for action, names in granted.items())
