"""The patch is applied by a reading of RFC 6902 of our own, to the old manifest as any JSON tool reads it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings

from marble_core import gojson
from marble_core.manifest.diff import ManifestDiff, diff, json_patch, patch_text
from tests.fakes.any_manifest import MANIFESTS


def difference(old: Any, new: Any) -> ManifestDiff:
    """Between two manifests as objects, or as texts."""
    trees = (gojson.scan((it if isinstance(it, str) else json.dumps(it)).encode()) for it in (old, new))
    return diff(*trees)


def patched(document: Any, patch: list[dict[str, Any]]) -> Any:
    document = copy.deepcopy(document)
    for operation in patch:
        if operation["op"] == "move":
            value = taken(document, operation["from"])
            document = put(document, operation["path"], value, is_new=True)
        elif operation["op"] == "remove":
            taken(document, operation["path"])
        else:
            document = put(document, operation["path"], operation["value"], is_new=operation["op"] == "add")
    return document


def steps(pointer: str) -> list[str]:
    assert not pointer or pointer.startswith("/")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def inside(document: Any, path: list[str]) -> dict[str, Any]:
    for step in path:
        document = document[step]
    assert isinstance(document, dict), "lists are replaced as a whole"
    return document


def taken(document: Any, pointer: str) -> Any:
    *outer, last = steps(pointer)
    return inside(document, outer).pop(last)


def put(document: Any, pointer: str, value: Any, *, is_new: bool) -> Any:
    if not pointer:
        return value
    *outer, last = steps(pointer)
    target = inside(document, outer)
    assert (last in target) != is_new, f"{pointer}: what is added is not there yet, what is replaced is"
    target[last] = value
    return document


def exported(old: Any, new: Any, *, masked: bool = False) -> list[dict[str, Any]]:
    return json.loads(patch_text(json_patch(difference(old, new)), masked=masked))


OLD = {
    "packages": {"shop": {"SIGNERID": "aa", "ProductID": 1, "SecurityVersion": 3}},
    "Marbles": {
        "till/1": {"Package": "shop", "Parameters": {"Argv": ["a", "b"], "Files": {"/etc/a~b": "x"}}}
    },
    "Secrets": {"pin": {"Type": "plain", "UserDefined": True, "Private": "b2xk"}},
}


def changed(*path: str, to: Any) -> Any:
    new = copy.deepcopy(OLD)
    target = new
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = to
    return new


def test_a_number_is_replaced_under_the_name_that_the_old_manifest_uses():
    assert exported(OLD, changed("packages", "shop", "SecurityVersion", to=4)) == [
        {"op": "replace", "path": "/packages/shop/SecurityVersion", "value": 4}
    ]
    assert exported(OLD, changed("packages", "shop", "SIGNERID", to="bb")) == [
        {"op": "replace", "path": "/packages/shop/SIGNERID", "value": "bb"}
    ]


def test_a_list_is_replaced_as_a_whole():
    new = changed("Marbles", "till/1", "Parameters", "Argv", to=["a", "x", "b"])
    assert exported(OLD, new) == [
        {"op": "replace", "path": "/Marbles/till~11/Parameters/Argv", "value": ["a", "x", "b"]}
    ]


def test_a_file_is_replaced_as_a_whole_since_its_encoding_may_change():
    new = changed(
        "Marbles", "till/1", "Parameters", "Files", to={"/etc/a~b": {"Data": "eQ==", "Encoding": "base64"}}
    )
    assert exported(OLD, new) == [
        {"op": "replace", "path": "/Marbles/till~11/Parameters/Files/~1etc~1a~0b", "value": {"Data": "y"}}
    ]


def test_a_renamed_entry_is_moved():
    new = copy.deepcopy(OLD)
    new["Secrets"]["code"] = new["Secrets"].pop("pin")
    assert exported(OLD, new) == [{"op": "move", "from": "/Secrets/pin", "path": "/Secrets/code"}]


def test_what_comes_is_added_and_what_goes_is_removed():
    new = copy.deepcopy(OLD)
    del new["Secrets"]
    new["Roles"] = {"r": {"ResourceType": "Manifest"}}
    assert exported(OLD, new) == [
        {"op": "remove", "path": "/Secrets"},
        {"op": "add", "path": "/Roles", "value": {"r": {"ResourceType": "Manifest"}}},
    ]


def test_the_same_meaning_needs_no_patch():
    same = {"Packages" if name == "packages" else name: value for name, value in reversed(OLD.items())}
    assert patch_text(json_patch(difference(OLD, same))) == "[]\n"


def test_what_is_said_twice_is_replaced_as_a_whole():
    old = '{"Packages":{"shop":{"Debug":true,"debug":true,"ProductID":1}},"Marbles":{}}'
    new = '{"Packages":{"shop":{"ProductID":2}}}'
    assert exported(old, new) == [{"op": "replace", "path": "/Packages/shop", "value": {"ProductID": 2}}]
    old = '{"Packages":{"shop":{}},"PACKAGES":{"other":{}}}'
    assert exported(old, new) == [
        {"op": "replace", "path": "", "value": {"Packages": {"shop": {"ProductID": 2}}}}
    ]


def test_a_first_manifest_is_one_whole_value():
    patch = json_patch(diff(None, gojson.scan(b'{"Packages":{"shop":{"ProductID":1}}}')))
    assert patch_text(patch) == (
        '[\n  {"op": "replace", "path": "", "value": {"Packages": {"shop": {"ProductID": 1}}}}\n]\n'
    )


def test_numbers_of_unknown_fields_stay_as_they_are_written():
    new = '{"Packages":{"shop":{"Odd":[1.0,1e400,-0]}}}'
    assert '"value": [1.0, 1e400, -0]' in patch_text(json_patch(difference('{"Packages":{"shop":{}}}', new)))


@pytest.mark.parametrize(
    "new",
    [
        changed("Secrets", "pin", "Private", to="bmV3"),
        changed("Secrets", "more", to={"Type": "plain", "UserDefined": True, "Private": "bmV3"}),
        changed("Secrets", "pin", to="bmV3"),
        changed("Secrets", to={"other": {"Private": "bmV3"}}),
    ],
)
def test_secrets_are_masked_unless_asked_for(new):
    patch = json_patch(difference(OLD, new))
    assert "bmV3" not in patch_text(patch) + repr(patch)
    assert "(hidden)" in patch_text(patch)
    assert "bmV3" in patch_text(patch, masked=False)


@settings(max_examples=150, deadline=None)
@given(MANIFESTS, MANIFESTS)
def test_the_patched_old_manifest_means_what_the_new_one_means(old, new):
    patch = exported(old, new)
    assert difference(patched(old, patch), new).same_meaning
    assert (patch == []) == difference(old, new).same_meaning
