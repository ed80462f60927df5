"""Manifest documents keep their bytes."""

import hashlib
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_console.pages.manifest.documents import (
    MAX_BYTES,
    ChangedOnDiskError,
    Document,
    DocumentError,
    Origin,
    open_document,
    save_document,
)


@pytest.fixture
def manifest_file(tmp_path):
    folder = tmp_path / "manifests"
    folder.mkdir()
    path = folder / "orders.json"
    path.write_bytes(b'{\r\n\t"Packages": {} }\r\n\r\n ')
    return path


def test_a_file_is_saved_byte_for_byte(manifest_file, tmp_path):
    copy = tmp_path / "copy.json"
    saved = save_document(open_document(manifest_file), copy)
    assert copy.read_bytes() == manifest_file.read_bytes()
    assert (saved.title, saved.path, saved.modified) == ("copy.json", copy, False)


def test_the_fingerprint_is_that_of_the_bytes(manifest_file):
    document = open_document(manifest_file)
    assert document.fingerprint == hashlib.sha256(manifest_file.read_bytes()).hexdigest()


def test_an_edit_keeps_the_line_ends(manifest_file):
    document = open_document(manifest_file)
    edited = document.with_text(document.text.replace("{}", '{"web": {}}'))
    assert edited.raw == manifest_file.read_bytes().replace(b"{}", b'{"web": {}}')
    assert edited.modified


@given(st.text(alphabet="ab\n\r{}é\ufeff", max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_showing_and_taking_back_a_text_changes_no_byte(text, newline):
    raw = text.replace("\r", "").replace("\n", newline).encode()
    document = Document("x", raw, Origin.FILE, stored=raw)
    if not document.not_editable_because:
        assert document.with_text(document.text).raw == raw


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe{\x00}", b"a\r\nb\nc", b"a\rb", b"nul \x00", b"x" * 6000], ids=lambda raw: repr(raw[:8])
)
def test_what_the_editor_cannot_keep_is_shown_but_not_edited(raw):
    document = Document("odd", raw, Origin.FILE, stored=raw)
    assert document.not_editable_because
    assert document.text
    with pytest.raises(DocumentError):
        document.with_text("changed")


def test_a_line_of_megabytes_is_shown_shortened():
    document = Document("big", b'{"a":"' + b"x" * 5_000_000 + b'"}', Origin.FILE)
    assert len(document.text) < 6000
    assert "characters not shown" in document.text


def test_a_file_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="larger than 64 MiB"):
        open_document(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DocumentError, match=r"lost\.json cannot be read: no such file"):
        open_document(tmp_path / "lost.json")


def test_a_change_on_disk_is_not_overwritten_unasked(manifest_file):
    document = open_document(manifest_file)
    manifest_file.write_bytes(b"somebody else's")
    with pytest.raises(ChangedOnDiskError):
        save_document(document, manifest_file)
    assert manifest_file.read_bytes() == b"somebody else's"
    save_document(document, manifest_file, overwrite_changes=True)
    assert manifest_file.read_bytes() == document.raw


def test_a_failed_save_leaves_the_old_file_and_no_other(manifest_file, monkeypatch):
    document = open_document(manifest_file)
    before = manifest_file.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DocumentError, match="no space left"):
        save_document(document.with_text("{}"), manifest_file)
    assert manifest_file.read_bytes() == before
    assert list(manifest_file.parent.iterdir()) == [manifest_file]


def test_permissions_are_kept(manifest_file):
    manifest_file.chmod(0o600)
    document = open_document(manifest_file)
    save_document(document.with_text("{}"), manifest_file)
    assert stat.S_IMODE(manifest_file.stat().st_mode) == 0o600
