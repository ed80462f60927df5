"""A quick fix in YAML gives the JSON that the fix of the JSON gives, and leaves every other line alone."""

import json

import pytest
import yaml

from marble_core.gojson import apply_edits
from marble_core.gojson.layout import laid_out
from marble_core.manifest.check import check_manifest
from marble_core.manifest.fixes import Fixer
from marble_core.manifest.fromyaml import from_yaml
from marble_core.manifest.yamlfixes import YamlFixer
from tests.fakes.manifests import bent

HEAD = f"""\
# who runs what
Packages:
  p: {{UniqueID: "{"aa" * 32}"}}   # the enclave
  q:
    UniqueID: '{"bb" * 32}'
    Debug: true

Marbles:
"""


def fixed(text, rule):
    found = next(it for it in check_manifest(from_yaml(text.encode()).json).findings if it.rule == rule)
    fix = YamlFixer(text).fix(found)
    return apply_edits(text, fix.edits) if fix is not None else None


@pytest.mark.parametrize(
    ("marbles", "rule", "after"),
    [
        ("  m:\n    Package: P  # mine\n", "R2", "  m:\n    Package: p  # mine\n"),
        ("  m:\n    Package: 'P'\n", "R2", "  m:\n    Package: 'p'\n"),
        ('  m: {"Package": "P"}\n', "R2", '  m: {"Package": "p"}\n'),
        ("  m:\n    Pakage: p\n    Package: p\n", "C1", "  m:\n    Package: p\n"),
        ("  m:\n    package: p\n", "C2", "  m:\n    Package: p\n"),
        ("  m:\n    Package: p\n    Zoo:\n    - 1\n\n    - 2\n    # end\n", "C1", "  m:\n    Package: p\n    # end\n"),
    ],
)  # fmt: skip
def test_a_fix_changes_its_own_lines_alone(marbles, rule, after):
    assert fixed(HEAD + marbles, rule) == HEAD + after


def test_a_field_without_its_line_has_no_fix():
    assert fixed(HEAD + "  m: {Package: p, Zoo: 1}\n", "C1") is None


def test_what_would_leave_nothing_behind_has_no_fix():
    assert fixed(HEAD + "  m:\n    Package: p\n    Parameters:\n      Zoo: 1\n", "C1") is None


def test_what_stands_behind_an_alias_has_no_fix():
    text = HEAD + "  m: &m\n    Package: P\n  n: *m\n"
    converted = from_yaml(text.encode())
    behind = next(
        it for it in check_manifest(converted.json).findings if it.at == ("Marbles", "n", "Package")
    )
    assert YamlFixer(text).json_fix(behind) is not None
    assert YamlFixer(text).fix(behind) is None


@pytest.mark.parametrize("flow", [False, None])
@pytest.mark.parametrize(
    "changes",
    [
        [(("Marbles", "plate", "Package"), "Camera")],
        [(("Packages", "dome", "Debug"), True)],
        [(("Users", "vera", "Roles"), ["keepr", "raiser"])],
        [(("Secrets", "star", "Sise"), 256), (("Marbles", "shutter", "TLS"), ["lnk"])],
        [(("Roles", "keeper", "Actions"), ["readsecret"]), (("TLS", "spare"), {"Incoming": [{"Port": "7"}]})],
    ],
)
def test_the_yaml_becomes_the_fixed_json_byte_for_byte(changes, flow):
    text = yaml.safe_dump(bent(*changes), sort_keys=False, default_flow_style=flow)
    as_json = from_yaml(text.encode()).json.decode()
    fixer, in_json, made = YamlFixer(text), Fixer(as_json), 0
    for finding in check_manifest(as_json.encode()).findings:
        fix = fixer.fix(finding)
        if fix is not None:
            made += 1
            after = from_yaml(apply_edits(text, fix.edits).encode()).json
            wanted = apply_edits(as_json, in_json.fix(finding).edits)
            assert after == laid_out(wanted).encode()
            assert json.loads(after) != json.loads(as_json)
    assert made or flow is None  # within braces some have none
