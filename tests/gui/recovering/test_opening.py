"""Which share a key opens, and what is said when it opens none."""

import datetime as dt
from dataclasses import replace

import pytest

from marble_console.recovering.errors import RepeatedShare, WrongShare
from marble_console.recovering.keys import FileKey
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.opening import Where, digest_of, open_share, take_plain
from marble_console.recovering.shares import SavedShare, SavedShares
from marble_core.recovery import Contribution, encrypt_to, is_signed_by, sign
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import key_of, public_pem

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
NAMES = ("ada", "bo", "cy")
KNOWN = Deployment(
    "f7" * 32, tuple(Holder.of(name, public_pem(name)) for name in NAMES), 0, "", b"root", NOON
)


def secret_of(name, size=32):
    return SecretBytes((name * size).encode()[:size])


def saved(*names, to=None, size=32):
    """A file with the shares of these holders, all encrypted to `to` if it is given."""
    entries = (
        SavedShare(name, encrypt_to(key_of(to or name).public_key(), secret_of(name, size))) for name in names
    )
    return SavedShares("secrets.json", tuple(entries))


def key(name):
    return FileKey(key_of(name))


@pytest.mark.parametrize("size", [16, 32, 33])
@pytest.mark.parametrize("known", [KNOWN, None])
def test_the_entry_that_the_key_fits_is_found_decrypted_and_signed(size, known):
    share = open_share(saved(*NAMES, size=size), key("bo"), known)
    assert (share.holder, share.source, share.where) == ("bo", "secrets.json", Where.HERE)
    assert share.sent.same_as(secret_of("bo", size))
    assert is_signed_by(key_of("bo").public_key(), Contribution(share.sent, share.signature))
    assert share.digest == digest_of(secret_of("bo", size))


def test_the_holder_is_named_by_the_key_whatever_the_entry_is_called():
    shares = saved("ada")
    misnamed = replace(shares, entries=(replace(shares.entries[0], holder="bo"),))
    assert open_share(misnamed, key("ada"), KNOWN).holder == "ada"
    unnamed = replace(shares, entries=(replace(shares.entries[0], holder=""),))
    assert open_share(unnamed, key("ada"), None).holder == ""


WRONG = {
    "the key of a holder whose entry is for another key": (
        lambda: (saved("ada", to="dot"), "ada", KNOWN),
        "does not open the entry ada in secrets.json",
    ),
    "the key of a holder who is not in the file": (
        lambda: (saved("bo", "cy"), "ada", KNOWN),
        "secrets.json has a share for bo, cy only",
    ),
    "a share without a name for another key": (
        lambda: (SavedShares("bo.bin", (SavedShare("", b"x" * 256),)), "ada", KNOWN),
        "bo.bin was encrypted to another key",
    ),
    "the key of a stranger": (lambda: (saved(*NAMES), "dot", KNOWN), "none of the recovery keys"),
    "a key that fits nothing, with no manifest known": (
        lambda: (saved("ada"), "bo", None),
        "opens nothing in secrets.json",
    ),
    "another length than that of a secret": (
        lambda: (saved("ada", size=20), "ada", KNOWN),
        "is no recovery secret: it has 20 bytes",
    ),
}


@pytest.mark.parametrize(("case", "why"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_named_by_file_and_holder(case, why):
    shares, who, known = case()
    with pytest.raises(WrongShare) as caught:
        open_share(shares, key(who), known)
    assert why in caught.value.sentence
    assert caught.value.hint


def test_a_repeated_share_names_its_holder_and_is_not_sent():
    given = {digest_of(secret_of("ada")): "ada"}
    with pytest.raises(RepeatedShare, match="Encrypted for ada, who has given a share already"):
        open_share(saved(*NAMES), key("ada"), KNOWN, given)


def test_of_two_shares_for_one_key_the_one_that_was_not_given_is_taken():
    shares = saved("ada", "bo", to="ada")
    given = {digest_of(secret_of("ada")): "ada"}
    assert open_share(shares, key("ada"), None, given).sent.same_as(secret_of("bo"))


# What was decrypted elsewhere


def test_a_decrypted_secret_is_known_by_who_has_signed_it():
    secret = secret_of("cy", 33)
    share = take_plain(secret, sign(key_of("cy"), secret), "cy.bin", KNOWN)
    assert (share.holder, share.where) == ("cy", Where.ELSEWHERE)


def test_a_signature_by_nobody_of_the_manifest_is_refused_here_because_it_would_cost_all_shares():
    secret = secret_of("cy")
    with pytest.raises(WrongShare, match="none of the recovery keys"):
        take_plain(secret, sign(key_of("dot"), secret), "cy.bin", KNOWN)
    assert take_plain(secret, sign(key_of("dot"), secret), "cy.bin", None).holder == ""


def test_a_secret_of_another_length_is_still_encrypted():
    with pytest.raises(WrongShare, match="256 bytes"):
        take_plain(SecretBytes(b"x" * 256), b"", "cy.bin", KNOWN)


def test_a_decrypted_secret_that_was_given_is_refused():
    secret = secret_of("cy")
    with pytest.raises(RepeatedShare, match="cy"):
        take_plain(secret, sign(key_of("cy"), secret), "x", KNOWN, {digest_of(secret): "cy"})


def test_nothing_about_a_contribution_shows_its_secret():
    share = open_share(saved("ada"), key("ada"), KNOWN)
    assert secret_of("ada").reveal().decode() not in repr(share)
    assert share.signature.hex() not in repr(share)
    share.wipe()
    assert share.sent.reveal() == bytes(32)
