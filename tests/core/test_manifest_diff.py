from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marble_core import gojson
from marble_core.gojson.nodes import Node
from marble_core.manifest.diff import Change, ChangeKind, ListPolicy, ManifestDiff, apply, diff, normal_form
from marble_core.manifest.diff.compare import _compare_mappings, _Place
from marble_core.manifest.schema import MANIFEST
from tests.fakes.any_manifest import MANIFESTS

MANIFEST_TEXT = {
    "Packages": {
        "shop": {
            "SignerID": "c0ffee",
            "ProductID": 7,
            "SecurityVersion": 3,
            "AcceptedTCBStatuses": ["OutOfDate", "Revoked"],
        }
    },
    "Marbles": {
        "till": {
            "Package": "shop",
            "MaxActivations": 4,
            "Parameters": {
                "Files": {"/etc/key": "{{ raw .Secrets.till_key }}"},
                "Env": {"MODE": {"Data": "open", "Encoding": "string"}},
                "Argv": ["till", "--port", "9000"],
            },
            "TLS": ["inner", "outer"],
        }
    },
    "Secrets": {
        "till_key": {"Type": "symmetric-key", "Size": 256, "Shared": True},
        "licence": {"Type": "plain", "UserDefined": True, "Private": "bGlj", "Public": "bGlj"},
    },
    "Users": {"mona": {"Certificate": "PEM", "Roles": ["raiser", "reader"]}},
    "Roles": {
        "raiser": {
            "ResourceType": "Packages",
            "ResourceNames": ["shop"],
            "Actions": ["UpdateSecurityVersion"],
        },
        "reader": {
            "ResourceType": "Secrets",
            "ResourceNames": ["licence"],
            "Actions": ["ReadSecret", "WriteSecret"],
        },
    },
    "TLS": {
        "inner": {
            "Incoming": [{"Port": "9000"}, {"Port": "9001", "Cert": "till_cert", "DisableClientAuth": True}]
        },
        "outer": {"Outgoing": [{"Addr": "bank", "Port": "443"}]},
    },
}


def _scan(value: Any, **layout: Any) -> Node:
    return gojson.scan((value if isinstance(value, str) else json.dumps(value, **layout)).encode())


def _bent(*path: str, to: Any) -> dict[str, Any]:
    """The manifest with one value replaced; `None` stands for JSON's null."""
    bent = json.loads(json.dumps(MANIFEST_TEXT))
    inside = bent
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = to
    return bent


def _without(*path: str) -> dict[str, Any]:
    bent = json.loads(json.dumps(MANIFEST_TEXT))
    inside = bent
    for step in path[:-1]:
        inside = inside[step]
    del inside[path[-1]]
    return bent


def _difference(new: Any, old: Any = MANIFEST_TEXT) -> ManifestDiff:
    return diff(_scan(old), _scan(new))


def _only(difference: ManifestDiff) -> Change:
    (change,) = difference.leaves()
    return change


SAME = {
    "other layout": _scan(MANIFEST_TEXT, indent=3),
    "other order of keys": _scan(MANIFEST_TEXT, sort_keys=True),
    "other case of field names": _scan(
        json.dumps(MANIFEST_TEXT).replace('"Packages": {', '"packages": {').replace('"Size"', '"SIZE"')
    ),
    "null for absent": _scan(_bent("Config", to=None)),
    "null for an absent number": _scan(_bent("Packages", "shop", "Debug", to=None)),
    "a default spelled out": _scan(_bent("Packages", "shop", "Debug", to=False)),
    "an empty section": _scan(_bent("Infrastructures", to={})),
    "hex in capitals": _scan(_bent("Packages", "shop", "SignerID", to="C0FFEE")),
    "actions in another case": _scan(_bent("Roles", "reader", "Actions", to=["readsecret", "WRITESECRET"])),
    "roles in another order": _scan(_bent("Users", "mona", "Roles", to=["reader", "raiser"])),
    "tags in another order": _scan(_bent("Marbles", "till", "TLS", to=["outer", "inner"])),
    "statuses in another order": _scan(
        _bent("Packages", "shop", "AcceptedTCBStatuses", to=["Revoked", "OutOfDate"])
    ),
    "connections in another order": _scan(
        _bent("TLS", "inner", "Incoming", to=MANIFEST_TEXT["TLS"]["inner"]["Incoming"][::-1])
    ),
    "a value as text": _scan(_bent("Marbles", "till", "Parameters", "Env", "MODE", to="open")),
    "a value in base64": _scan(
        _bent(
            "Marbles",
            "till",
            "Parameters",
            "Env",
            "MODE",
            to={"Data": base64.b64encode(b"open").decode(), "Encoding": "Base64"},
        )
    ),
    "a section in two parts": _scan(json.dumps(MANIFEST_TEXT)[:-1] + ',"secrets":{}}'),
}


@pytest.mark.parametrize("new", SAME.values(), ids=SAME)
def test_what_no_coordinator_can_tell_apart_is_no_difference(new):
    difference = diff(_scan(MANIFEST_TEXT), new)
    assert difference.same_meaning
    assert list(difference.leaves()) == []


def test_a_changed_value_has_both_values_and_both_places():
    old, new = _scan(MANIFEST_TEXT), _scan(_bent("Packages", "shop", "SecurityVersion", to=4), indent=1)
    difference = diff(old, new)
    change = _only(difference)
    assert (change.kind, change.path_text) == (ChangeKind.CHANGED, "Packages.shop.SecurityVersion")
    assert (change.before, change.after) == (3, 4)
    assert difference.old_span(change).start.line == 1
    assert difference.new_span(change).start.line == 6
    assert not difference.same_meaning


def test_the_tree_goes_from_sections_to_fields():
    difference = _difference(_bent("Marbles", "till", "Parameters", "Argv", to=["till", "--port", "9001"]))
    (section,) = difference.sections
    (marble,) = section.children
    (parameters,) = marble.children
    (argv,) = parameters.children
    assert [change.path_text for change in (section, marble, parameters, argv)] == [
        "Marbles",
        "Marbles.till",
        "Marbles.till.Parameters",
        "Marbles.till.Parameters.Argv",
    ]
    assert argv.policy is ListPolicy.ORDERED
    assert _only(difference).path_text == "Marbles.till.Parameters.Argv[2]"


def test_sections_come_in_the_order_of_the_schema():
    new = {"Users": {}, "Secrets": {}, "Packages": {}, "Odd": 1, "Marbles": {}}
    assert [section.path[0] for section in _difference(new).sections][:3] == [
        "Packages",
        "Marbles",
        "Secrets",
    ]


def test_an_entry_that_comes_or_goes_is_one_change():
    change = _only(_difference(_bent("Packages", "office", to={"UniqueID": "aa", "Debug": True})))
    assert (change.kind, change.before, change.after) == (
        ChangeKind.ADDED,
        None,
        {"UniqueID": "aa", "Debug": True},
    )
    change = _only(_difference(_without("Secrets", "till_key")))
    assert (change.kind, change.after) == (ChangeKind.REMOVED, None)
    assert change.path_text == "Secrets.till_key"


def test_an_entry_without_content_still_exists():
    assert _only(_difference(_bent("Packages", "office", to=None))).after == {}


def test_an_entry_with_another_name_has_moved():
    renamed = _without("Secrets", "till_key")
    renamed["Secrets"]["drawer_key"] = MANIFEST_TEXT["Secrets"]["till_key"]
    change = _only(_difference(renamed))
    assert change.kind is ChangeKind.MOVED
    assert (change.old_path, change.new_path) == (("Secrets", "till_key"), ("Secrets", "drawer_key"))


def test_an_entry_has_moved_though_its_sets_are_in_another_order():
    renamed = _without("Users", "mona")
    renamed["Users"]["lisa"] = {"Certificate": "PEM", "Roles": ["reader", "raiser"]}
    assert _only(_difference(renamed)).kind is ChangeKind.MOVED


def test_nobody_guesses_which_of_two_equal_entries_was_renamed():
    old = {"Secrets": {name: {"Type": "symmetric-key", "Size": 128} for name in ("a", "b")}}
    new = {"Secrets": {name: {"Type": "symmetric-key", "Size": 128} for name in ("c", "d")}}
    counts = _difference(new, old).counts
    assert (counts[ChangeKind.REMOVED], counts[ChangeKind.ADDED], counts[ChangeKind.MOVED]) == (2, 2, 0)


def _argv(*words: str) -> dict[str, Any]:
    return {"Marbles": {"till": {"Parameters": {"Argv": list(words)}}}}


def _steps(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any, Any, Any]]:
    return [
        (
            change.kind.value,
            change.old_path[-1] if change.old_path else None,
            change.new_path[-1] if change.new_path else None,
            change.before,
            change.after,
        )
        for change in _difference(new, old).leaves()
    ]


def test_an_argument_put_in_between_moves_no_other():
    assert _steps(_argv("a", "b", "c"), _argv("a", "x", "b", "c")) == [("added", None, 1, None, "x")]


def test_an_argument_at_another_place_has_moved():
    assert _steps(_argv("a", "b", "c", "d"), _argv("b", "c", "d", "a")) == [("moved", 0, 3, "a", "a")]


def test_an_argument_replaced_by_another_has_changed():
    assert _steps(_argv("a", "b", "c"), _argv("a", "x", "c")) == [("changed", 1, 1, "b", "x")]


def test_duplicates_in_a_list_are_kept():
    assert _steps(_argv("a", "a"), _argv("a")) == [("removed", 1, None, "a", None)]
    old, new = ({"Users": {"mona": {"Roles": roles}}} for roles in (["a", "a"], ["a"]))
    assert _steps(old, new) == [("removed", 1, None, "a", None)]


def test_sets_lose_and_gain_elements_but_never_move_them():
    old, new = ({"Users": {"mona": {"Roles": roles}}} for roles in (["a", "b", "c"], ["c", "d", "a"]))
    assert _steps(old, new) == [("removed", 1, None, "b", None), ("added", None, 1, None, "d")]


def test_a_connection_is_known_by_its_address_and_port():
    new = _bent(
        "TLS",
        "inner",
        "Incoming",
        to=[{"Port": "9001", "Cert": "new_cert", "DisableClientAuth": True}, {"Port": "9000"}],
    )
    change = _only(_difference(new))
    assert (change.kind, change.before, change.after) == (ChangeKind.CHANGED, "till_cert", "new_cert")
    assert (change.old_path[3], change.new_path[3]) == (1, 0)


def test_no_names_and_an_empty_list_of_names_differ_in_a_certificate():
    old = {"Secrets": {"c": {"Type": "cert-rsa", "Size": 2048, "Cert": {"DNSNames": []}}}}
    new = {"Secrets": {"c": {"Type": "cert-rsa", "Size": 2048, "Cert": {"Subject": {}}}}}
    change = _only(_difference(new, old))
    assert (change.kind, change.before, change.path[-1]) == (ChangeKind.REMOVED, (), "DNSNames")


def test_unknown_fields_are_kept_and_compared_as_written():
    old, new = ({"Packages": {"shop": {"Colour": value}}} for value in (1.0, 1))
    change = _only(_difference(new, old))
    assert (change.path_text, change.before.text, change.after.text) == ("Packages.shop.Colour", "1.0", "1")


def test_a_value_that_does_not_fit_is_compared_all_the_same():
    change = _only(_difference(_bent("Packages", "shop", "SecurityVersion", to="three")))
    assert (change.before, change.after) == (3, "three")
    change = _only(_difference(_bent("Packages", to="none")))
    assert (change.kind, change.after) == (ChangeKind.CHANGED, "none")


def test_true_and_one_are_different():
    old, new = ({"Packages": {"shop": {"Debug": value}}} for value in (True, 1))
    assert _only(_difference(new, old)).kind is ChangeKind.CHANGED


def test_no_manifest_at_all_is_one_without_entries():
    tree = _scan(MANIFEST_TEXT)
    assert {change.kind for change in diff(None, tree).leaves()} == {ChangeKind.ADDED}
    assert {change.kind for change in diff(tree, None).leaves()} == {ChangeKind.REMOVED}
    assert diff(None, None).same_meaning


def test_the_later_of_two_entries_counts():
    twice = '{"Packages":{"shop":{"Debug":true,"ProductID":1},"shop":{"SignerID":"aa"}}}'
    assert normal_form(_scan(twice)) == {"Packages": {"shop": {"SignerID": "aa"}}}


SENSITIVE = {
    "a value": _bent("Secrets", "licence", "Private", to="bmV1"),
    "a symmetric value": _bent("Secrets", "licence", "Public", to="bmV1"),
    "a field that people write by mistake": _bent("Secrets", "licence", "key", to="bmV1"),
    "a whole secret": _bent("Secrets", "pin", to={"Type": "plain", "UserDefined": True, "DATA": "1234"}),
    "a secret that goes": _without("Secrets", "licence"),
    "a text in place of a secret": _bent("Secrets", "licence", to="hunter2"),
    "a text in place of all secrets": _bent("Secrets", to="hunter2"),
}


@pytest.mark.parametrize("new", SENSITIVE.values(), ids=SENSITIVE)
def test_a_secret_value_in_a_manifest_is_marked_and_not_in_a_repr(new):
    difference = _difference(new)
    assert any(change.sensitive for change in difference.leaves())
    assert not any(value in repr(difference) for value in ("bmV1", "bGlj", "1234", "hunter2"))


def test_other_fields_of_a_secret_are_not_marked():
    assert not _only(_difference(_bent("Secrets", "till_key", "Size", to=128))).sensitive
    assert not _only(_difference(_bent("Secrets", "other", to={"Type": "cert-rsa", "Size": 2048}))).sensitive


def test_counts_are_by_kind_and_section():
    new = _bent("Packages", "shop", "SecurityVersion", to=9)
    new["Secrets"]["more"] = {"Type": "symmetric-key", "Size": 8}
    new["Secrets"]["most"] = {"Type": "symmetric-key", "Size": 16}
    difference = _difference(new)
    assert difference.counts[ChangeKind.ADDED] == 2
    assert difference.counts_by_section["Packages"][ChangeKind.CHANGED] == 1
    assert difference.counts_by_section["Secrets"][ChangeKind.ADDED] == 2
    assert sum(difference.counts.values()) == 3


def test_a_very_deep_value_is_compared_without_recursion():
    deep, deeper = ('{"Odd":' + "[" * depth + "]" * depth + "}" for depth in (5000, 5001))
    assert not diff(_scan(deep), _scan(deeper)).same_meaning
    assert diff(_scan(deep), _scan(deep)).same_meaning


@settings(max_examples=100, deadline=None)
@given(MANIFESTS, MANIFESTS)
def test_applying_the_difference_gives_the_new_manifest(old, new):
    difference = _difference(new, old)
    wanted, made = normal_form(_scan(new)), apply(normal_form(_scan(old)), difference)
    assert list(_compare_mappings(MANIFEST, made, wanted, _Place((), ()))) == []
    assert difference.same_meaning == (not list(difference.leaves()))


@settings(max_examples=30, deadline=None)
@given(MANIFESTS)
def test_a_manifest_does_not_differ_from_itself(manifest):
    assert diff(_scan(manifest), _scan(manifest, indent=2, sort_keys=True)).same_meaning


@settings(max_examples=50, deadline=None)
@given(MANIFESTS, MANIFESTS)
def test_every_change_has_a_place_on_the_sides_where_it_is(old, new):
    difference = _difference(new, old)
    for change in difference.leaves():
        assert (difference.old_span(change) is None) == (change.before is None)
        assert (difference.new_span(change) is None) == (change.after is None)


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_ordered_lists_can_be_rebuilt_exactly(old, new):
    before, after = _argv(*old), _argv(*new)
    assert apply(normal_form(_scan(before)), _difference(after, before)) == normal_form(_scan(after))
