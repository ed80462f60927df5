"""What a marble is given: files, variables, arguments, secrets, transparent TLS (spec: marble-api.md, sections 4 and 5)."""

import base64
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key, load_pem_private_key

from marble_coordinator.errors import CannotActivate
from marble_coordinator.pki import issue
from tests.fakes.api_driver import ApiDriver, ferry
from tests.fakes.marble import activate
from tests.fakes.ship import NAME, service_of, spki, tls_manifest


def test_files_variables_and_arguments_are_those_of_the_manifest(ship, deck):
    assert deck.files["/plain"] == b"as it is"
    assert deck.files["/binary"] == b"\0\1\2"
    assert deck.files["/literal"] == b"{{ not a template }}"
    assert deck.argv == ("deck", "--watch")
    valve = ship.call("GET", "/secrets?s=valve", as_user="mate").data["valve"]
    assert deck.files["/shared"] == base64.b64decode(valve["Private"])
    assert deck.env["ROOT"] == deck.env["MARBLE_PREDEFINED_ROOT_CA"] != b"overridden"
    assert deck.env["COORDINATOR"] == deck.env["MARBLE_PREDEFINED_COORDINATOR_ROOT_CA"]
    leaf = deck.certificate.public_bytes(Encoding.PEM)
    assert deck.env["MINE"] == leaf + deck.env["MARBLE_PREDEFINED_PRIVATE_KEY"]


def test_arguments_may_be_left_out(service):
    assert activate(service, "mast").argv == ()
    assert "MARBLE_TTLS_CONFIG" not in activate(service, "mast").env


def derived(root_secret, info):
    salt = f"{NAME}own".encode()
    return HKDF(hashes.SHA256(), 32, salt, info).derive(root_secret)


def test_keys_of_a_marble_are_derived_from_its_name_and_type(ship, service):
    root_secret = ship.world.running.root_secret.reveal()
    assert activate(service, "mast", NAME).files["/own"] == derived(root_secret, b"mast")
    assert activate(service, "deck", NAME).files["/own"] == derived(root_secret, b"deck")
    assert activate(service, "hull", NAME).files["/own"] == derived(root_secret, b"")
    assert activate(service, "mast").files["/own"] != derived(root_secret, b"mast")


def test_the_same_marble_gets_the_same_keys_after_a_restart(ship, service, directory):
    before = activate(service, "mast", NAME).files
    ship.vault.close()
    with ApiDriver(directory) as again:
        assert activate(service_of(again), "mast", NAME).files == before


def test_a_certificate_of_its_own_is_new_each_time_and_issued_by_the_marble_root(service):
    one, other = (activate(service, "deck", NAME).files for _ in range(2))
    assert one["/cabin.crt"] != other["/cabin.crt"]
    certificate = x509.load_pem_x509_certificate(one["/cabin.crt"])
    certificate.verify_directly_issued_by(activate(service, "deck").root)
    key = load_pem_private_key(one["/cabin.key"], None)
    assert spki(key.public_key()) == spki(certificate.public_key())


def test_a_key_that_no_template_names_is_not_made(waiting, monkeypatch):
    manifest = ferry()
    manifest["Secrets"]["unused"] = {"Type": "cert-rsa", "Size": 4096}
    waiting.set_manifest(manifest)
    made = []
    monkeypatch.setattr(issue, "generate", lambda name, *_: made.append(name))
    activate(service_of(waiting), "radar")
    assert made == []


def test_a_template_may_go_through_all_secrets(waiting):
    manifest = ferry()
    manifest["Secrets"] = {"b": {"Type": "symmetric-key", "Size": 8}, "a": {"Type": "cert-ed25519"}}
    manifest["Roles"] = {}
    manifest["Users"] = {}
    list_all = (
        "{{ len .Secrets }}{{ range $name, $secret := .Secrets }} {{ $name }}={{ hex $secret }}{{ end }}"
    )
    manifest["Marbles"] = {"all": {"Package": "bridge", "Parameters": {"Files": {"/all": list_all}}}}
    waiting.set_manifest(manifest)
    count, a, b = activate(service_of(waiting), "all").files["/all"].decode().split(" ")
    assert count == "2"
    assert a.startswith("a=302a300506032b6570")
    assert len(b) == len("b=00")


def test_a_user_defined_secret_must_be_set_before_its_marble_starts(running):
    service = service_of(running)
    with pytest.raises(CannotActivate):
        activate(service, "pump")
    running.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    assert activate(service, "pump").env["DOOR"] == b"open"


def test_what_transparent_tls_is_told(ship, service, deck):
    ttls = json.loads(deck.env["MARBLE_TTLS_CONFIG"])["tls"]
    root = deck.env["MARBLE_PREDEFINED_ROOT_CA"].decode()
    leaf = deck.certificate.public_bytes(Encoding.PEM).decode()
    key = deck.env["MARBLE_PREDEFINED_PRIVATE_KEY"].decode()
    own = {"cacrt": root, "clicrt": leaf, "clikey": key}
    assert ttls["Outgoing"] == {"shore.example:53": own}
    assert set(ttls["Incoming"]) == {"*:443", "*:8443"}
    assert ttls["Incoming"]["*:8443"] == {**own, "clientAuth": True}
    secure = ttls["Incoming"]["*:443"]
    horn = ship.call("GET", "/secrets?s=horn", as_user="mate").data["horn"]
    assert secure["clientAuth"] is False
    assert secure["cacrt"] == root
    assert spki(load_pem_private_key(secure["clikey"].encode(), None).public_key()) == spki(
        load_der_private_key(base64.b64decode(horn["Private"]), None).public_key()
    )
    shown = x509.load_pem_x509_certificate(secure["clicrt"].encode()).public_bytes(Encoding.DER)
    assert shown == base64.b64decode(horn["Cert"])


def test_a_later_tag_replaces_the_entries_of_an_earlier_one(service):
    ttls = json.loads(activate(service, "hull").env["MARBLE_TTLS_CONFIG"])["tls"]
    assert ttls["Incoming"]["*:443"]["clientAuth"] is True


def test_tls_with_a_user_defined_certificate_without_a_key_is_refused(waiting):
    manifest = tls_manifest()
    manifest["Secrets"]["horn"] = {"Type": "cert-ecdsa", "Size": 256, "UserDefined": True}
    waiting.set_manifest(manifest)
    with pytest.raises(CannotActivate, match="horn has no certificate"):
        activate(service_of(waiting), "deck")
