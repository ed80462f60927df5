"""Copies of a seal directory: made, read back, put back, and thrown away."""

import datetime as dt

import pytest

from marble_console.recovering import backup
from marble_console.recovering.backup import BackupFailed, back_up, discard, restore, sweep, without_key

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
CONTENT = {
    "sealed_data": b"data",
    "sealed_key": b"key",
    "sealed_data.old": b"older",
    "simulated_platform": b"p",
}


def fill(folder, content=None):
    folder.mkdir(mode=0o700)
    for name, raw in (CONTENT if content is None else content).items():
        (folder / name).write_bytes(raw)
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def state(tmp_path):
    return fill(tmp_path / "coordinator")


def test_a_copy_is_complete_and_readable_by_its_owner_alone(state, tmp_path):
    (state / "sealed_data.tmp").write_bytes(b"half")
    copy = back_up(state, tmp_path, NOON)
    assert copy.name == "coordinator-backup-20310506T120000Z"
    assert content(copy) == CONTENT
    assert copy.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in copy.iterdir()} == {0o600}


def test_a_state_that_changes_meanwhile_is_read_again_until_it_holds_still(state, tmp_path, monkeypatch):
    write, times = backup._write, []

    def seals_meanwhile(folder, files):
        write(folder, files)
        times.append(1)
        if len(times) == 1:
            (state / "sealed_key").write_bytes(b"another key")

    monkeypatch.setattr(backup, "_write", seals_meanwhile)
    assert content(back_up(state, tmp_path, NOON))["sealed_key"] == b"another key"


def test_a_state_that_never_holds_still_is_not_copied_by_halves(state, tmp_path, monkeypatch):
    write = backup._write

    def seals_always(folder, files):
        write(folder, files)
        (state / "sealed_key").write_bytes((state / "sealed_key").read_bytes() + b"x")

    monkeypatch.setattr(backup, "_write", seals_always)
    with pytest.raises(BackupFailed, match="changes too often"):
        back_up(state, tmp_path, NOON)
    assert not list(tmp_path.glob("coordinator-backup-*"))


def test_without_a_state_there_is_nothing_to_copy(tmp_path):
    with pytest.raises(BackupFailed, match="no sealed state"):
        back_up(fill(tmp_path / "empty", {}), tmp_path, NOON)


def test_a_copy_is_put_back_and_what_was_there_is_kept(state, tmp_path):
    copy = back_up(state, tmp_path, NOON)
    (state / "sealed_data").write_bytes(b"spoilt")
    aside = restore(copy, state, NOON)
    assert content(state) == CONTENT
    assert content(aside)["sealed_data"] == b"spoilt"
    again = restore(copy, state, NOON)
    assert again not in {aside, None}


def test_into_an_empty_place_nothing_has_to_be_kept(state, tmp_path):
    copy = back_up(state, tmp_path, NOON)
    assert restore(copy, tmp_path / "new", NOON) is None
    assert content(tmp_path / "new") == CONTENT


@pytest.mark.parametrize("lacking", ["sealed_data", "sealed_key"])
def test_what_is_no_copy_is_refused_before_anything_is_touched(state, tmp_path, lacking):
    folder = fill(tmp_path / "other", {name: raw for name, raw in CONTENT.items() if name != lacking})
    with pytest.raises(BackupFailed, match="no copy of a seal directory"):
        restore(folder, state, NOON)
    assert content(state) == CONTENT
    with pytest.raises(BackupFailed):
        restore(tmp_path / "nowhere", state, NOON)


def test_a_copy_for_a_rehearsal_has_lost_every_key_and_the_state_has_not(state, tmp_path):
    (state / "sealed_key.old").write_bytes(b"old key")
    folder = without_key(state, tmp_path / "rehearsals")
    try:
        assert content(folder).keys() == CONTENT.keys() - {"sealed_key"}
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (state / "sealed_key").read_bytes() == b"key"
    finally:
        discard(folder)
    assert not folder.exists()


def test_what_a_crashed_console_has_left_of_a_rehearsal_is_swept_and_nothing_else(state, tmp_path):
    place = tmp_path / "rehearsals"
    ours = without_key(state, place)
    left = fill(place / "rehearsal-1-left", CONTENT)
    other = fill(place / "something else", CONTENT)
    link = place / "rehearsal-1-link"
    link.symlink_to(state)
    sweep(place)
    assert not left.exists()
    assert all(content(each) for each in (ours, other, state))
    assert link.is_symlink()
    sweep(tmp_path / "nowhere")
    discard(ours)
