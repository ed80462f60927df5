"""Recovery secrets are shown once; their file must be right."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_console.pages.deploy import recovery_file
from marble_console.pages.deploy.recovery_file import RecoveryFileError

SECRETS = {"night-shift": b"\x00\x01 encrypted", "häuptling": b"y" * 512}


def test_the_file_has_the_form_that_other_tools_read(tmp_path):
    path = recovery_file.save({"ops": b"abc"}, tmp_path / "ops.json")
    assert path.read_text("utf-8") == '{"RecoverySecrets": {"ops": "YWJj"}}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=20), st.binary(max_size=40)))
def test_what_is_written_is_read_back(secrets):
    assert recovery_file.decode(recovery_file.encode(secrets)) == secrets


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"RecoverySecrets": 1}', b'{"RecoverySecrets": {"a": "%"}}', b"\xff"]
)
def test_other_files_are_refused(raw):
    with pytest.raises(RecoveryFileError):
        recovery_file.decode(raw)


def test_a_file_that_reads_back_differently_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "read_bytes", lambda _: json.dumps({"RecoverySecrets": {"ops": ""}}).encode())
    with pytest.raises(RecoveryFileError, match="reads back differently"):
        recovery_file.save({"ops": b"abc"}, tmp_path / "ops.json")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(RecoveryFileError, match=r"ops\.json cannot be written: no such file or directory"):
        recovery_file.save({"ops": b"abc"}, tmp_path / "nowhere" / "ops.json")


def test_each_holder_gets_an_own_file(tmp_path):
    paths = recovery_file.save_each(SECRETS, tmp_path)
    assert [recovery_file.decode(path.read_bytes()) for path in paths.values()] == [
        {n: s} for n, s in SECRETS.items()
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ops", "recovery-ops.json"),
        ("../../etc/x", "recovery-_.._etc_x.json"),
        ("", "recovery-key.json"),
        ("a b", "recovery-a_b.json"),
    ],
)
def test_a_key_name_never_leaves_the_folder(name, expected):
    assert recovery_file.file_names([name]) == {name: expected}


@given(st.lists(st.text(alphabet="aA/_ .", max_size=4), unique=True, max_size=30))
def test_no_two_keys_share_a_file(key_names):
    names = recovery_file.file_names(key_names).values()
    assert len({name.casefold() for name in names}) == len(key_names)
