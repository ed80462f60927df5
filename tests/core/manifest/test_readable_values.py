"""Decoded values: everything is made here."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from marble_core import gojson
from marble_core.manifest.diff import diff
from marble_core.manifest.readable import Bytes, Certificate, PrivateKey, PublicKey, Text, readable

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
USER = ("Users", "mona", "Certificate")
HOLDER = ("RecoveryKeys", "kim")
FILE = ("Marbles", "till", "Parameters", "Files", "/etc/x")


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP384R1())


@pytest.fixture(scope="module")
def certificate(key):
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "mona"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Shop"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2027, 3, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA384())
    )


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def test_a_certificate_says_whose_it_is(certificate):
    shown = readable(USER, "for mona\n" + pem(certificate))
    assert isinstance(shown, Certificate)
    assert (shown.subject, shown.key) == ("O=Shop,CN=mona", "ECDSA P-384")
    assert shown.fingerprint == hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    assert shown.described(NOW) == (
        f"O=Shop,CN=mona, ECDSA P-384, valid until 2027-03-01, 98 days, SHA-256 {shown.fingerprint[:16]}…"
    )


@pytest.mark.parametrize(
    ("now", "expiry"),
    [
        (dt.datetime(2028, 1, 1, tzinfo=dt.UTC), "expired 2027-03-01"),
        (dt.datetime(2025, 1, 1, tzinfo=dt.UTC), "valid from 2026-01-01"),
        (dt.datetime(2027, 2, 27, 12, tzinfo=dt.UTC), "valid until 2027-03-01, 1 day"),
    ],
)
def test_the_time_decides_what_is_said_of_the_expiry(certificate, now, expiry):
    assert readable(USER, pem(certificate)).expiry(now) == expiry


@pytest.mark.parametrize(
    ("private", "words"),
    [
        (rsa.generate_private_key(65537, 1024), "RSA 1024"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (ec.generate_private_key(ec.SECP256R1()), "ECDSA P-256"),
    ],
    ids=["rsa", "ed25519", "ecdsa"],
)
def test_a_recovery_key_says_which_key_it_is(private, words):
    public = private.public_key()
    shown = readable(HOLDER, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert shown == PublicKey(words, hashlib.sha256(der).hexdigest())


def test_a_private_key_is_named_and_never_shown(key):
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    shown = readable((*FILE, "Data"), text)
    assert shown == PrivateKey("PRIVATE KEY")
    assert shown.described(NOW) == "PRIVATE KEY (hidden)"


def test_a_certificate_as_der_is_read_too(certificate):
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    assert readable(("Secrets", "tls", "Cert"), der) == readable(USER, pem(certificate))


def test_bytes_that_are_no_text_show_how_they_begin():
    raw = bytes(range(200, 240))
    shown = readable(("Infrastructures", "home", "CPUSVN"), base64.b64encode(raw).decode())
    assert shown == Bytes(40, hashlib.sha256(raw).hexdigest(), raw[:16])
    assert shown.described(NOW).startswith(f"40 bytes, {raw[:16].hex()}…, SHA-256 ")


@pytest.mark.parametrize(
    "written",
    ["a = 1\n", {"Data": "YSA9IDEK", "Encoding": "base64"}, {"Data": "61203d20310a", "Encoding": "Hex"}],
    ids=["text", "base64", "hex"],
)
def test_a_file_is_shown_as_its_text_however_it_is_written(written):
    (change,) = _changes({"Files": {"/etc/x": written}}, {"Files": {}})
    assert readable(change.path, change.before) == Text("a = 1\n")


def test_a_file_that_is_no_text_is_shown_as_bytes():
    written = {"Data": "ff00ff", "Encoding": "hex"}
    (change,) = _changes({"Files": {"/etc/x": written}}, {"Files": {}})
    assert readable(change.path, change.before) == Bytes(
        3, hashlib.sha256(b"\xff\0\xff").hexdigest(), b"\xff\0\xff"
    )


def test_secrets_are_not_decoded():
    assert readable(("Secrets", "pin", "Private"), "aHVudGVyMg==") is None


def test_other_values_say_it_best_themselves():
    assert readable(("Packages", "shop", "SecurityVersion"), 3) is None
    assert readable(USER, "no certificate") is None


@given(st.sampled_from([USER, HOLDER, FILE, (*FILE, "Data"), ("Secrets", "a", "Cert")]), st.text(max_size=60))
def test_no_text_at_all_brings_the_reader_down(path, text):
    shown = readable(path, text)
    assert shown is None or isinstance(shown.described(NOW), str)


@given(st.binary(max_size=80))
def test_no_bytes_in_a_block_bring_the_reader_down(raw):
    encoded = base64.b64encode(raw).decode()
    text = f"-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n"
    assert isinstance(readable(USER, text), Bytes | PublicKey)


def _changes(old: Any, new: Any) -> tuple[Any, ...]:
    trees = [
        gojson.scan(json.dumps({"Marbles": {"till": {"Package": "p", "Parameters": it}}}).encode())
        for it in (old, new)
    ]
    return tuple(diff(*trees).leaves())
