"""Quick fixes settle what they are for, in one manifest that is bent once; formatting and everything else stay."""

import datetime as dt
import json

import pytest

from marble_core.gojson import apply_edits
from marble_core.manifest.check import check_manifest
from marble_core.manifest.fixes import Fixer
from marble_core.manifest.rules import RULES
from tests.fakes.manifests import ABSENT, bent, encoded, observatory

ENV = ("Marbles", "shutter", "Parameters", "Env")

FIXED = [
    # rule, where it is bent, to what, the title of the fix
    ("R0", ("Packages", "dome", "ProductID"), "3", "Change to 3"),
    ("R0", ("Packages", "dome", "ProductID"), 3.0, "Change to 3"),
    ("R0", ("Packages", "dome", "Debug"), "False", "Change to false"),
    ("R0", ("TLS", "link", "Outgoing", 0, "Port"), 7003, "Change to “7003”"),
    ("R0", (*ENV, "SKY"), {"Data": "Zm9v", "Encoding": "bas64"}, "Change to “base64”"),
    ("R2", ("Marbles", "plate", "Package"), "Camera", "Change to “camera”"),
    ("R5", ("Marbles", "plate", "TLS"), ["elsewhere"], "Change to “link”"),
    ("R7", ("TLS", "link", "Incoming", 1, "Cert"), "wbe", "Change to “web”"),
    ("R8", ("TLS", "link", "Incoming", 1, "Cert"), ABSENT, "Remove DisableClientAuth"),
    ("R11", ("Users", "vera", "Roles"), ["keepr", "raiser"], "Change to “keeper”"),
    ("R13", ("Roles", "raiser", "ResourceType"), "package", "Change to “Packages”"),
    ("R14", ("Roles", "raiser", "ResourceNames"), ["dom"], "Change to “dome”"),
    ("R14", ("Roles", "keeper", "ResourceNames"), ["Note"], "Change to “note”"),
    ("R15", ("Roles", "raiser", "Actions"), [" UpdateSecurityVersion"], "Change to “UpdateSecurityVersion”"),
    ("R18", ("Roles", "keeper"), {"ResourceType": "Manifest", "ResourceNames": ["x"], "Actions": ["UpdateManifest"]},
     "Remove ResourceNames"),
    ("R19", ("Secrets", "star", "Type"), "symetric-key", "Change to “symmetric-key”"),
    ("R22", ("Secrets", "web"), {"Type": "cert-ed25519", "Size": 256, "Shared": True}, "Remove Size"),
    ("R24", ("Secrets", "note"), {"Type": "plain"}, "Set UserDefined to true"),
    ("R24", ("Secrets", "note"), {"Type": "plain", "UserDefined": False}, "Set UserDefined to true"),
    ("Config", ("Config", "SealMode"), "productkey", "Change to “ProductKey”"),
    ("Config", ("Config", "FeatureGates"), ["SignQuote"], "Change to “SignQuoteEndpoint”"),
    ("C1", ("Packages", "dome", "AcceptedTCBStatus"), ["UpToDate"], "Rename to AcceptedTCBStatuses"),
    ("C1", ("Secrets", "web", "ValidityDays"), 7, "Remove ValidityDays"),
    ("C1", ("Comment",), "mine", "Remove Comment"),
    ("C2", ("roles",), {}, "Rename to Roles"),
    ("C6", ("Secrets", "web", "Cert", "Version"), 3, "Remove Version"),
    ("C8", ("TLS", "link", "Outgoing", 0, "Cert"), "web", "Remove Cert"),
    ("A1", ("Packages", "dome", "Debug"), True, "Remove Debug"),
    ("A6", ("Secrets", "note", "Private"), "AA==", "Remove Private"),
    ("A11", ("Packages", "spare"), {"UniqueID": "aa"}, "Remove spare"),
    ("A12", ("TLS", "spare"), {}, "Remove spare"),
    ("A13", ("Roles", "spare"), {"ResourceType": "Packages"}, "Remove spare"),
    ("A14", ("Secrets", "spare"), {"Type": "plain", "UserDefined": True}, "Remove spare"),
]  # fmt: skip


def finding_of(rule, raw):
    return next(it for it in check_manifest(raw).findings if it.rule == rule)


def count(rule, text):
    return sum(it.rule == rule for it in check_manifest(text.encode()).findings)


@pytest.mark.parametrize(
    ("rule", "where", "value", "title"), FIXED, ids=[f"{case[0]} {case[3]}" for case in FIXED]
)
@pytest.mark.parametrize("indent", [1, None], ids=["lines", "one line"])
def test_the_fix_settles_the_finding_and_breaks_nothing(rule, where, value, title, indent):
    text = json.dumps(bent((where, value)), indent=indent)
    found = Fixer(text).fix(finding_of(rule, text.encode()))
    assert found.title == title
    fixed = apply_edits(text, found.edits)
    assert count(rule, fixed) == count(rule, text) - 1
    assert check_manifest(fixed.encode()).refusal is None or rule == "C2"
    changed = sum(edit.end - edit.start + len(edit.text) for edit in found.edits)
    assert changed < 120


REPEATED = [
    ('{"Users": {}, "Users": {"a": {}, "a": {}}}', "C5", '{"Users": {}, "Users": {"a": {}}}'),
    ('{"Packages": {"p": {"Debug": true, "Debug": false}}}', "C3", '{"Packages": {"p": {"Debug": false}}}'),
]


@pytest.mark.parametrize(("text", "rule", "wanted"), REPEATED)
def test_of_two_the_one_without_effect_goes(text, rule, wanted):
    found = Fixer(text).fix(finding_of(rule, text.encode()))
    assert apply_edits(text, found.edits) == wanted


BROKEN = [
    ('{"a": [1, 2,]}', '{"a": [1, 2]}', "Remove the comma"),
    ('{"a": 1,\n}', '{"a": 1\n}', "Remove the comma"),
    ('{"a": 1 // why\n}', '{"a": 1 \n}', "Remove the comment"),
    ('{/* why */"a": 1}', '{"a": 1}', "Remove the comment"),
    ('\ufeff{"a": 1}', '{"a": 1}', "Remove the byte order mark"),
    ("{'a': 1}", '{"a": 1}', "Use double quotes"),
    ('{"a": True}', '{"a": true}', "Change to true"),
    ('{"a": None}', '{"a": null}', "Change to null"),
    ('{"a": 1 "b": 2}', '{"a": 1, "b": 2}', "Put a comma"),
    ('{"a": {}\n "b": 2}', '{"a": {},\n "b": 2}', "Put a comma"),
]


@pytest.mark.parametrize(("text", "wanted", "title"), BROKEN)
def test_what_people_write_who_know_other_languages_is_mended(text, wanted, title):
    found = Fixer(text).fix(check_manifest(text.encode()).refusal)
    assert (found.title, apply_edits(text, found.edits)) == (title, wanted)


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', '{"a": nul}', "[1 2]", '{"a": \'b"c\'}', '"a'])
def test_what_may_mean_anything_has_no_fix(text):
    assert Fixer(text).fix(check_manifest(text.encode()).refusal) is None


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("TLS", "link", "Incoming", 1, "DisableClientAuth"), ABSENT),
        (("Packages", "camera", "ProductID"), 1),
        (("Packages", "dome", "SignerID"), ABSENT),
        (("Marbles", "plate", "Package"), "somewhere else"),
        (("Secrets", "star", "Size"), 12),
    ],
)
def test_what_somebody_has_to_decide_has_no_fix(where, value):
    raw = encoded(bent((where, value)))
    assert Fixer(raw.decode()).fix(check_manifest(raw).refusal) is None


def test_debugging_that_excuses_a_missing_identity_is_not_taken_away():
    raw = encoded(bent((("Packages", "dome"), {"Debug": True})))
    assert Fixer(raw.decode()).fix(finding_of("A1", raw)) is None


def test_every_rule_has_a_fix_or_a_reason_to_have_none():
    fixed = {case[0] for case in FIXED}
    undecided = {"R1", "R3", "R4", "R6", "R9", "R10", "R12", "R16", "R17", "R20", "R21", "R23", "R26", "R27", "R28",
                 "R29", "R30", "Cert"}  # fmt: skip
    assert {rule.number for rule in RULES} - undecided <= fixed


def test_the_end_of_a_certificate_is_told_in_time():
    raw = encoded(observatory())
    told = [
        [it.path for it in check_manifest(raw, now=now).findings if it.rule == "A5"]
        for now in (None, dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 1, 20, tzinfo=dt.UTC))
    ]
    assert told == [[], [], ["Users.vera.Certificate", "Users.carl.Certificate"]]
