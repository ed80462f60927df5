"""New certificates for users: of the kind that was asked for, accepted by the rules of manifests, encrypted on demand."""

import datetime as dt
import json

import pytest

from marble_core.keypair import PassphraseNeeded, belongs_to, key_words, read_pair
from marble_core.manifest.check import check_manifest
from marble_core.secretbytes import SecretBytes
from marble_core.usercertificate import (
    KeyKind,
    UserNameRefused,
    certificate_pem,
    key_pem,
    manifest_entry,
    new_user_certificate,
)

BEGINS = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
ENDS = BEGINS + dt.timedelta(days=365)


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_certificate_is_of_the_kind_that_was_asked_for_and_signs_itself(kind):
    pair = new_user_certificate(" mia ", kind, begins=BEGINS, ends=ENDS)
    assert key_words(pair.key) == kind.value
    assert belongs_to(pair.certificate, pair.key)
    assert pair.certificate.subject.rfc4514_string() == "CN=mia"
    assert (pair.certificate.not_valid_before_utc, pair.certificate.not_valid_after_utc) == (BEGINS, ENDS)
    pair.certificate.verify_directly_issued_by(pair.certificate)


def test_the_key_is_read_back_with_its_passphrase_only():
    pair = new_user_certificate("mia", KeyKind.P256, begins=BEGINS, ends=ENDS)
    sealed = key_pem(pair, SecretBytes(b"open sesame"))
    with pytest.raises(PassphraseNeeded):
        read_pair(certificate_pem(pair), sealed)
    assert (
        read_pair(certificate_pem(pair), sealed, SecretBytes(b"open sesame")).certificate == pair.certificate
    )
    assert read_pair(certificate_pem(pair), key_pem(pair, None))


def test_the_entry_fits_below_users_of_a_manifest():
    pair = new_user_certificate('mia "the" ops', KeyKind.ED25519, begins=BEGINS, ends=ENDS)
    entry = manifest_entry('mia "the" ops', certificate_pem(pair))
    manifest = {
        "Packages": {"web": {"UniqueID": "ab" * 32}},
        "Marbles": {"m": {"Package": "web"}},
        "Users": {},
    }
    raw = json.dumps(manifest).replace('"Users": {}', f'"Users": {{{entry}}}').encode()
    assert check_manifest(raw).refusal is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "mi\x00a", "mi\na"])
def test_names_that_no_certificate_can_hold_are_refused(name):
    with pytest.raises(UserNameRefused):
        new_user_certificate(name, KeyKind.P256, begins=BEGINS, ends=ENDS)
