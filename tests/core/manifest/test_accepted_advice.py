import pytest

from marble_core.manifest.accepted import (
    Acceptance,
    AcceptancesUnreadable,
    parse_acceptances,
    set_apart,
    written_acceptances,
)
from marble_core.manifest.check import check_manifest
from tests.fakes.manifests import bent, encoded

ENTRY = Acceptance("sky.json", "A1", "Packages.dome.Debug", "The dome is a test rig.")


def findings():
    return check_manifest(encoded(bent((("Packages", "dome", "Debug"), True), (("Zoo",), 1)))).findings


def test_accepted_advice_is_set_apart_with_its_reason():
    left, accepted = set_apart(findings(), [ENTRY], "sky.json")
    assert [(it.rule, reason) for it, reason in accepted] == [("A1", "The dome is a test rig.")]
    assert "A1" not in [it.rule for it in left]
    assert len(left) + len(accepted) == len(findings())


def test_it_counts_for_one_file_one_rule_and_one_place():
    for other in (
        Acceptance("sea.json", "A1", ENTRY.path, "r"),
        Acceptance("sky.json", "A1", "Packages.camera.Debug", "r"),
        Acceptance("sky.json", "C1", "Zoo", "r"),
    ):
        assert set_apart(findings(), [other], "sky.json") == (findings(), ())


def test_what_is_written_is_read_again():
    assert parse_acceptances(written_acceptances([ENTRY, ENTRY])) == (ENTRY, ENTRY)
    assert parse_acceptances(b"{}") == ()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"[", "line 1: The text ends"),
        (b'{"Accepted": {}}', "Accepted must be a list"),
        (b'{"Accepted": [{"Rule": "A1", "Path": "x", "Reason": " "}]}', "accepts A1 x without a reason"),
        (b'{"Accepted": [{"Rule": "R2", "Reason": "r"}]}', "accepts R2, which is no advice"),
    ],
)
def test_a_file_that_is_not_one_is_refused_with_its_place(raw, sentence):
    with pytest.raises(AcceptancesUnreadable, match=sentence):
        parse_acceptances(raw)
