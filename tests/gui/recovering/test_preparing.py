"""What is done on the days before: drills, new keys, the sheet."""

import base64
import datetime as dt
import json
import os
from dataclasses import replace

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QTextDocument

from marble_client.address import Address
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.recovering.drilling import drill
from marble_console.recovering.errors import PassphraseNeeded, PassphraseWrong
from marble_console.recovering.keys import fingerprint, read_public
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.newkey import KeyNotSaved, make_key, weakness
from marble_console.recovering.sending import Checked
from marble_console.recovering.shares import SavedShare, SavedShares
from marble_console.recovering.sheet import sheet_html
from marble_console.recovering.sources import KeyFile
from marble_console.widgets.pdf import print_pdf
from marble_core.recovery import encrypt_to
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import PASSPHRASE, KeyFiles, key_of, public_pem

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
NAMES = ("ada", "bo", "cy")
KNOWN = Deployment(
    "f7" * 32, tuple(Holder.of(name, public_pem(name)) for name in NAMES), 0, "", b"root", NOON
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return KeyFiles(tmp_path_factory.mktemp("keys"))


def saved(*names, size=32, to=None):
    entries = (
        SavedShare(name, encrypt_to(key_of(to or name).public_key(), SecretBytes(b"s" * size)))
        for name in names
    )
    return SavedShares("secrets.json", tuple(entries))


def drilled(path, shares, holder="ada", known=KNOWN, passphrase=None):
    theirs = next(each for each in known.holders if each.name == holder)
    word = SecretBytes(passphrase.encode()) if passphrase else None
    return KeyFile.read(path).use(word, lambda key: drill(key, shares, theirs, known))


@pytest.mark.parametrize(("threshold", "size"), [(0, 32), (3, 32), (2, 33)])
def test_a_holder_whose_key_opens_the_share_passes(files, threshold, size):
    result = drilled(files.pem("ada"), saved(*NAMES, size=size), known=replace(KNOWN, threshold=threshold))
    assert result.passed
    assert [check.name for check in result.checks] == ["Key", "Share", "Length", "Signature"]
    assert result.reason == ""


def test_a_share_of_before_the_threshold_was_changed_does_not_pass(files):
    result = drilled(files.pem("ada"), saved("ada"), known=replace(KNOWN, threshold=2))
    assert not result.passed
    assert result.reason == "32 bytes, and this manifest gives out 33"


def test_the_key_of_another_holder_does_not_pass(files):
    result = drilled(files.pem("bo"), saved(*NAMES))
    assert [check.outcome for check in result.checks] == [Checked.DIFFERS]
    assert "it is the key of bo" in result.checks[0].fact


def test_a_share_that_the_key_does_not_open_does_not_pass(files):
    result = drilled(files.pem("ada"), saved("ada", to="dot"))
    assert result.reason.startswith("The key is that of ada, but it does not open the entry ada")


def test_a_passphrase_is_asked_for_and_wiped(files):
    with pytest.raises(PassphraseNeeded):
        drilled(files.locked("ada"), saved("ada"))
    with pytest.raises(PassphraseWrong):
        drilled(files.locked("ada"), saved("ada"), passphrase="four cows on a wire")
    assert drilled(files.locked("ada"), saved("ada"), passphrase=PASSPHRASE).passed


# New keys


def test_a_new_key_is_saved_under_its_passphrase_and_read_back(tmp_path):
    key = make_key("ada", SecretBytes(PASSPHRASE.encode()), bits=2048)
    path = key.save(tmp_path / "ada.pem", SecretBytes(PASSPHRASE.encode()))
    assert path.stat().st_mode & 0o777 == 0o600
    raw = path.read_bytes()
    assert b"ENCRYPTED PRIVATE KEY" in raw
    assert json.loads(key.snippet) == {"RecoveryKeys": {"ada": key.public_pem}}
    assert fingerprint(read_public(key.public_pem)) == key.fingerprint
    assert base64.b64encode(raw).decode() not in repr(key)
    assert "PRIVATE" not in repr(key)


def test_a_key_that_cannot_be_saved_is_still_there(tmp_path):
    key = make_key("ada", SecretBytes(PASSPHRASE.encode()), bits=2048)
    with pytest.raises(KeyNotSaved, match="cannot be written") as caught:
        key.save(tmp_path / "no" / "ada.pem", SecretBytes(PASSPHRASE.encode()))
    assert "still here" in caught.value.hint
    with pytest.raises(KeyNotSaved):  # what was typed again is not what the key is under
        key.save(tmp_path / "ada.pem", SecretBytes(os.urandom(20).hex().encode()))


@pytest.mark.parametrize(
    ("passphrase", "again", "why"),
    [
        ("four crows", "four crows", "At least 16 characters"),
        ("a" * 20, "a" * 20, "Too much of it is the same."),
        ("adalovelace12345", "adalovelace12345", "the holder's name"),
        (PASSPHRASE, "four cows on a wire", "twice"),
        (PASSPHRASE, PASSPHRASE, ""),
    ],
)
def test_a_weak_passphrase_is_told_why(passphrase, again, why):
    found = weakness(passphrase, again, "adalovelace")
    assert why in found
    assert bool(found) == bool(why)


# The sheet


def test_the_sheet_names_holders_and_keys_and_no_secret():
    profile = Profile("ferry & co", Kind.REMOTE, Address("ferry.example", 4433), NOON)
    known = replace(KNOWN, holders=(*KNOWN.holders, Holder.of("<b>eve</b>", public_pem("eve"))))
    html = sheet_html(profile, known, NOON)
    assert "ferry &amp; co" in html
    assert "&lt;b&gt;eve&lt;/b&gt;" in html
    assert "<b>eve" not in html
    for holder in known.holders:
        assert holder.fingerprint[:8] in html
    assert "PRIVATE" not in html
    assert "all 4 holders" in html


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_sheet_is_drawn_on_paper_and_nothing_sticks_out(qapp, tmp_path, count):
    profile = Profile("ferry", Kind.REMOTE, Address("coordinator.ferry.example", 4433), NOON)
    holders = tuple(Holder.of(f"keeper of key number {at}", public_pem("ada")) for at in range(count))
    html = sheet_html(profile, replace(KNOWN, holders=holders), NOON)
    document = QTextDocument()
    document.setHtml(html)
    document.setPageSize(QSizeF(900, 1300))
    assert document.size().width() <= 900
    written = print_pdf(html, tmp_path / "sheet.pdf").read_bytes()
    assert written.startswith(b"%PDF-")
    pages = written.count(b"/Type /Page\n")
    assert pages == (1 if count < 20 else 2)
