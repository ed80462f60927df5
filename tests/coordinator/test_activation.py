"""Activating marbles, without gRPC (spec: marble-api.md, sections 3 to 7)."""

import asyncio
import base64
import datetime as dt
import ipaddress
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marble_coordinator.errors import (
    CannotActivate,
    MarbleRefused,
    NoMarbleCertificate,
    NotAUuid,
    NotStored,
    WrongState,
)
from marble_coordinator.pki import der, issue
from marble_coordinator.pki.marble import MARBLE_TYPE, identify_marble
from marble_coordinator.services.activation import ActivationService
from marble_coordinator.services.activation import service as activation
from tests.fakes import simulated_directory
from tests.fakes.api_driver import ApiDriver, decrypt, ferry, recovery_key
from tests.fakes.crew import crewed, submit
from tests.fakes.marble import CSR, Activation, activate, signing_request
from tests.fakes.patience import PATIENCE
from tests.fakes.simulated_directory import Fault, PowerCut, SimulatedDirectory

NAME = "5b1ac14d-8b0f-4a6d-9b5c-0d7a3c5f7a11"
NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)


def service_of(driver, *, on_sgx=False, watchers=()):
    return ActivationService(driver.lifecycle, lambda: NOW, on_sgx=on_sgx, watchers=watchers)


def spki(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def tls_manifest():
    """The ferry with everything that a marble may be given; its pump may run three times."""
    manifest = ferry()
    manifest["Secrets"] |= {
        "own": {"Type": "symmetric-key", "Size": 256},
        "cabin": {"Type": "cert-ecdsa", "Size": 256},
        "door": {"Type": "plain", "UserDefined": True},
    }
    manifest["TLS"] = {
        "web": {
            "Incoming": [
                {"Port": "443", "Cert": "horn", "DisableClientAuth": True},
                {"Port": "8443"},
            ],
            "Outgoing": [{"Addr": "shore.example", "Port": "53"}],
        },
        "late": {"Incoming": [{"Port": "443"}], "Outgoing": []},
    }
    manifest["Marbles"]["deck"] = {
        "Package": "bridge",
        "TLS": ["web"],
        "Parameters": {
            "Argv": ["deck", "--watch"],
            "Files": {
                "/plain": "as it is",
                "/binary": {"Data": "AAEC", "Encoding": "base64"},
                "/literal": {"Data": "{{ not a template }}", "NoTemplates": True},
                "/shared": "{{ raw .Secrets.valve }}",
                "/own": "{{ raw .Secrets.own }}",
                "/previous": "{{ raw .Previous.Secrets.own }}",
                "/cabin.crt": "{{ pem .Secrets.cabin.Cert }}",
                "/cabin.key": "{{ pem .Secrets.cabin.Private }}",
            },
            "Env": {
                "ROOT": "{{ pem .MarbleRun.RootCA.Cert }}",
                "COORDINATOR": "{{ pem .MarbleRun.CoordinatorRoot.Cert }}",
                "MINE": "{{ pem .MarbleRun.MarbleCert.Cert }}{{ pem .MarbleRun.MarbleCert.Private }}",
                "MARBLE_PREDEFINED_ROOT_CA": "overridden",
            },
        },
    }
    manifest["Marbles"]["hull"] = {
        "Package": "bridge",
        "DisableSecretBinding": True,
        "Parameters": {"Files": {"/own": "{{ raw .Secrets.own }}"}},
        "TLS": ["web", "late"],
    }
    manifest["Marbles"]["mast"] = {
        "Package": "bridge",
        "Parameters": {"Files": {"/own": "{{ raw .Secrets.own }}"}},
    }
    return manifest


@pytest.fixture
def ship(waiting):
    waiting.set_manifest(tls_manifest())
    return waiting


@pytest.fixture
def service(ship):
    return service_of(ship)


@pytest.fixture
def deck(service) -> Activation:
    return activate(service, "deck", NAME)


# -- the certificate ---------------------------------------------------------------------------------------------------


def test_the_certificate_names_the_marble_and_is_good_for_both_ends(ship, deck):
    certificate = deck.certificate
    assert certificate.subject == x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    assert certificate.issuer == ship.world.authority.marble_root.certificate.subject
    extensions = certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.key_agreement
    assert not usage.value.key_cert_sign
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    marble_type = extensions.get_extension_for_oid(MARBLE_TYPE)
    assert (marble_type.critical, marble_type.value.public_bytes()) == (False, b"deck")
    authority = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert authority.key_identifier == ship.world.authority.marble_root.key_id
    with pytest.raises(x509.ExtensionNotFound):
        extensions.get_extension_for_oid(ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    assert certificate.not_valid_before_utc == NOW
    assert certificate.not_valid_after_utc.year == 2318
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA384)
    assert isinstance(certificate.public_key().curve, ec.SECP384R1)


def test_the_key_belongs_to_the_certificate_which_chains_to_both_roots(ship, deck):
    authority = ship.world.authority
    assert spki(deck.key.public_key()) == spki(deck.certificate.public_key())
    assert deck.chain == [deck.certificate, authority.intermediate.certificate]
    assert deck.root == authority.marble_root.certificate
    deck.certificate.verify_directly_issued_by(deck.root)
    deck.certificate.verify_directly_issued_by(authority.intermediate.certificate)
    authority.intermediate.certificate.verify_directly_issued_by(authority.root.certificate)
    assert deck.env["MARBLE_PREDEFINED_COORDINATOR_ROOT_CA"].decode() == authority.root.pem


def test_of_the_request_its_names_are_taken_but_for_the_common_one_and_the_organization(service):
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "anybody"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Somebody Else"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "Aft"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "x@example.com"),
        ]
    )
    names = [
        x509.DNSName("deck.example"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
        x509.RFC822Name("x@example.com"),
        x509.DNSName("*.deck.example"),
    ]
    got = activate(service, "deck", NAME, csr=signing_request(*names, subject=subject))
    assert got.certificate.subject.rfc4514_string() == f"CN={NAME},L=Aft"
    sans = got.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(sans) == [names[0], names[3], names[1]]


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_names_that_no_authority_would_take_are_taken_as_they_are(service):
    attributes = {
        NameOID.COUNTRY_NAME: "Nowhere",
        NameOID.LOCALITY_NAME: "x" * 500,
        NameOID.STREET_ADDRESS: "Ä 1",
    }
    subject = x509.Name(
        [x509.NameAttribute(oid, value, _validate=False) for oid, value in attributes.items()]
    )
    got = activate(service, "deck", NAME, csr=signing_request(subject=subject)).certificate.subject
    for oid, value in attributes.items():
        assert [one.value for one in got.get_attributes_for_oid(oid)] == [value]


def mutated(data, original):
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    return bytes(changed)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_request_is_refused(service, data):
    csr = mutated(data, CSR)
    try:
        activate(service, "mast", csr=csr)
    except CannotActivate:
        return
    assert csr == CSR, "the signature covers everything"


REQUESTER = ec.generate_private_key(ec.SECP256R1())
REQUEST = x509.load_der_x509_csr(
    signing_request(
        x509.DNSName("a.example"),
        x509.IPAddress(ipaddress.ip_address("::1")),
        x509.RFC822Name("a@example.com"),
        x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a")])),
        key=REQUESTER,
    )
).tbs_certrequest_bytes


@pytest.mark.filterwarnings("ignore:Attribute's length")
@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_strange_request_is_served_or_refused_even_if_its_signature_is_right(ship, service, data):
    marble_root = ship.world.authority.marble_root
    info = mutated(data, REQUEST)
    ecdsa_with_sha256 = der.sequence(der.object_id((1, 2, 840, 10045, 4, 3, 2)))
    signature = REQUESTER.sign(info, ec.ECDSA(hashes.SHA256()))
    csr = der.sequence(info, ecdsa_with_sha256, der.bit_string(signature))
    try:
        got = activate(service, "mast", NAME, csr=csr)
    except CannotActivate:
        return
    identity = identify_marble(got.certificate.public_bytes(Encoding.DER), marble_root, NOW)
    assert (identity.type, str(identity.uuid)) == ("mast", NAME)


def test_a_request_cannot_ask_for_a_certificate_authority(service):
    ca = x509.BasicConstraints(ca=True, path_length=None)
    type_of_another = x509.UnrecognizedExtension(MARBLE_TYPE, b"hull")
    got = activate(service, "deck", csr=signing_request(extensions=(ca, type_of_another)))
    extensions = got.certificate.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert extensions.get_extension_for_oid(MARBLE_TYPE).value.public_bytes() == b"deck"


def test_who_was_activated_is_known_by_its_certificate(ship, deck):
    identity = identify_marble(
        deck.certificate.public_bytes(Encoding.DER), ship.world.authority.marble_root, NOW
    )
    assert (identity.type, str(identity.uuid)) == ("deck", NAME)


def test_every_activation_makes_another_key(service):
    keys = {spki(activate(service, "deck", NAME).key.public_key()) for _ in range(3)}
    assert len(keys) == 3


# -- who may be activated, in which order it is asked ---------------------------------------------------------------------


@pytest.mark.parametrize("state", ["waiting", "locked"])
def test_without_a_manifest_in_force_nobody_is_activated(request, state):
    with pytest.raises(WrongState):
        activate(service_of(request.getfixturevalue(state)))


BAD = {"marble_type": "lost", "name": "nobody", "csr": b"no request", "certificate": None}


def test_the_first_thing_wrong_is_the_one_complained_about(ship):
    service = service_of(ship)
    bad = dict(BAD)
    with pytest.raises(NoMarbleCertificate):
        activate(service, **bad)
    del bad["certificate"]
    with pytest.raises(MarbleRefused, match="unknown marble type"):
        activate(service, **bad)
    bad["marble_type"] = "pump"
    with pytest.raises(NotAUuid):
        activate(service, **bad)
    bad["name"] = NAME
    with pytest.raises(CannotActivate, match="failed to parse CSR"):
        activate(service, **bad)
    del bad["csr"]
    with pytest.raises(CannotActivate, match=r"env variable DOOR.*empty value"):
        activate(service, **bad)


@pytest.mark.parametrize(
    "name",
    [NAME, NAME.upper(), NAME.replace("-", ""), "{" + NAME + "}", "urn:uuid:" + NAME, "URN:UUID:" + NAME],
)
def test_a_uuid_may_be_written_in_four_ways(service, name):
    assert activate(service, "deck", name).certificate.subject.rfc4514_string() == f"CN={NAME}"


@pytest.mark.parametrize(
    "name",
    ["", "1", "not-a-uuid", NAME + " ", NAME[:-1], NAME[:-1] + "g", "{" + NAME, "(" + NAME + ")", NAME + "\n",
     NAME.replace("-", "").replace("5", "\u0665"), "-".join(NAME), "urn:uuid:" + NAME.replace("-", "")],
)  # fmt: skip
def test_other_texts_are_no_uuid(service, name):
    with pytest.raises(NotAUuid):
        activate(service, "deck", name)


def bent(csr):
    return csr[:-1] + bytes([csr[-1] ^ 1])


@pytest.mark.parametrize("csr", [b"", b"0", CSR[:-1], bent(CSR), CSR + b"0"], ids=range(5))
def test_a_request_that_is_broken_or_not_signed_is_refused(service, csr):
    with pytest.raises(CannotActivate):
        activate(service, "deck", csr=csr)


def test_on_sgx_nobody_is_activated_whose_quote_cannot_be_verified(ship):
    service = service_of(ship, on_sgx=True)
    with pytest.raises(MarbleRefused, match="cannot verify the quotes"):
        activate(service, "deck", quote=b"anything")


def test_without_sgx_no_quote_is_looked_at(service):
    for quote in (b"", b"junk"):
        assert activate(service, "deck", quote=quote).argv == ("deck", "--watch")


# -- limits ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pumping(running):
    """The ferry, whose pump may be activated three times, with the door code that it needs."""
    running.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    return running


def test_a_limited_type_is_activated_so_often_and_no_more(pumping):
    service = service_of(pumping)
    for _ in range(3):
        activate(service, "pump", NAME)
    with pytest.raises(MarbleRefused, match="max activations"):
        activate(service, "pump")
    activate(service, "radar")
    assert pumping.world.activations("pump") == 3


def test_the_count_survives_a_restart_a_package_update_and_a_recovery(pumping, directory):
    activate(service_of(pumping))
    pumping.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 3}}}, as_user="mate")
    activate(service_of(pumping))
    pumping.vault.close()
    directory.remove("sealed_key")
    with ApiDriver(directory) as again:
        again.call("POST", "/recover", decrypt(recovery_key(), pumping.recovery_secret))
        service = service_of(again)
        activate(service)
        with pytest.raises(MarbleRefused):
            activate(service)


def test_the_count_survives_an_update_of_the_whole_manifest(waiting):
    waiting.set_manifest(crewed())
    waiting.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    service = service_of(waiting)
    activate(service)
    manifest = crewed()
    manifest["Marbles"]["pump"]["MaxActivations"] = 1
    submit(waiting, manifest)
    with pytest.raises(MarbleRefused):
        activate(service)


def test_without_a_limit_nothing_is_counted_and_nothing_written(ship, service, directory):
    world, files = ship.world, dict(directory.files)
    activate(service, "deck")
    assert ship.world is world
    assert directory.files == files


def test_a_refused_activation_uses_up_nothing(running, directory):
    service = service_of(running)
    files = dict(directory.files)
    for bad in ({"csr": b"no request"}, {"name": "nobody"}, {}):  # the last one lacks its door code
        with pytest.raises((CannotActivate, NotAUuid)):
            activate(service, **bad)
    assert running.world.activations("pump") == 0
    assert directory.files == files


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_LATE, Fault.FAIL_ON], ids=lambda fault: fault.name)
def test_an_activation_that_cannot_be_sealed_did_not_happen(pumping, directory, fault, monkeypatch):
    monkeypatch.setattr(simulated_directory, "CHUNK", 1 << 20)
    service = service_of(pumping)
    refused = 0
    for step in range(60):
        directory.plan(step, fault)
        try:
            activate(service)
        except NotStored:
            refused += 1
            assert pumping.world.activations("pump") == 0
        else:
            break
        finally:
            directory.repair()
    assert refused > 2
    assert pumping.world.activations("pump") == 1
    pumping.vault.close()
    with ApiDriver(directory) as again:
        assert again.world.activations("pump") == 1


def test_a_power_cut_leaves_the_count_as_it_was_or_one_higher(pumping, directory, monkeypatch):
    monkeypatch.setattr(simulated_directory, "CHUNK", 1 << 20)
    files = dict(directory.files)
    for step in range(60):
        trial = SimulatedDirectory(files)
        with ApiDriver(trial) as victim:
            trial.plan(step, Fault.CUT_LATE)
            try:
                activate(service_of(victim))
            except PowerCut:
                trial.repair()
            else:
                break
        for survivor in trial.survivors():
            with ApiDriver(survivor) as again:
                assert again.world.activations("pump") in {0, 1}
    assert step > 3
    for survivor in trial.survivors():
        with ApiDriver(survivor) as again:
            assert again.world.activations("pump") == 1


def test_with_sealing_disabled_the_count_is_kept_in_memory(waiting, directory):
    manifest = ferry() | {"Config": {"SealMode": "Disabled"}}
    waiting.set_manifest(manifest)
    waiting.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    service = service_of(waiting)
    for _ in range(3):
        activate(service)
    with pytest.raises(MarbleRefused):
        activate(service)
    assert "sealed_data" not in directory.files


# -- secrets and parameters --------------------------------------------------------------------------------------------------


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


# -- updates ---------------------------------------------------------------------------------------------------------------


def rotating():
    manifest = crewed()
    manifest["Secrets"]["own"] = {"Type": "symmetric-key", "Size": 256}
    manifest["Marbles"]["mast"] = {
        "Package": "bridge",
        "Parameters": {
            "Files": {
                "/own": "{{ raw .Secrets.own }}",
                "/own.old": "{{ raw .Previous.Secrets.own }}",
                "/horn.old": "{{ raw .Previous.Secrets.horn.Cert }}",
                "/horn": "{{ raw .Secrets.horn.Cert }}",
            }
        },
    }
    return manifest


def test_a_rotation_leaves_the_former_generation_within_reach(waiting):
    waiting.set_manifest(rotating())
    service = service_of(waiting)
    before = activate(service, "mast", NAME).files
    assert before["/own"] == before["/own.old"]
    assert before["/horn"] == before["/horn.old"]
    submit(waiting, rotating() | {"Config": {"RotateRootSecret": True}})
    after = activate(service, "mast", NAME).files
    assert after["/own.old"] == before["/own"] != after["/own"]
    assert after["/horn.old"] == before["/horn"] != after["/horn"]


def test_a_package_update_renews_the_issuer_and_keeps_the_keys(ship, service):
    before = activate(service, "mast", NAME)
    ship.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 3}}}, as_user="mate")
    after = activate(service, "mast", NAME)
    assert after.root != before.root
    after.certificate.verify_directly_issued_by(after.root)
    assert after.files == before.files


def test_what_was_prepared_before_a_change_is_prepared_again(pumping, monkeypatch):
    """Between the making of keys and the door, an update may come first: the marble must not get the former issuer's."""
    real = activation.parameters_for
    interrupted = []

    def interrupting(*args):
        made = real(*args)
        if not interrupted:
            interrupted.append(made)
            pumping.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 5}}}, as_user="mate")
        return made

    monkeypatch.setattr(activation, "parameters_for", interrupting)
    got = activate(service_of(pumping))
    assert got.root == pumping.world.authority.marble_root.certificate
    assert pumping.world.activations("pump") == 1


def test_at_once_with_updates_exactly_as_many_are_activated_as_may_be(waiting):
    manifest = ferry()
    manifest["Marbles"]["radar"]["MaxActivations"] = 20
    waiting.set_manifest(manifest)
    service = service_of(waiting)

    def start(_):
        try:
            return activate(service, "radar")
        except MarbleRefused:
            return None

    async def update(version):
        body = {"Packages": {"engine": {"SecurityVersion": version}}}
        return (await waiting.request("POST", "/update", body, as_user="mate")).status

    async def all_at_once():
        with ThreadPoolExecutor(8) as pool:
            loop = asyncio.get_running_loop()
            marbles = [loop.run_in_executor(pool, start, number) for number in range(30)]
            updates = [await update(version) for version in range(3, 8)]
            return updates, await asyncio.gather(*marbles)

    updates, got = waiting.runner.run(all_at_once())
    activated = [one for one in got if one]
    assert set(updates) == {200}
    assert len(activated) == waiting.world.activations("radar") == 20
    for one in activated:  # each is of one piece, whichever update came before it
        one.certificate.verify_directly_issued_by(one.root)
        assert spki(one.chain[1].public_key()) == spki(one.root.public_key())
        assert spki(one.key.public_key()) == spki(one.certificate.public_key())


def test_while_an_update_makes_keys_only_counted_activations_wait_for_it(pumping, monkeypatch):
    begun, finish = threading.Event(), threading.Event()
    real = issue.reissue_all

    def slow(*args):
        begun.set()
        assert finish.wait(PATIENCE)
        return real(*args)

    monkeypatch.setattr(issue, "reissue_all", slow)
    service = service_of(pumping)
    before = pumping.world.authority.marble_root.certificate

    async def scenario():
        body = {"Packages": {"engine": {"SecurityVersion": 5}}}
        updating = asyncio.create_task(pumping.request("POST", "/update", body, as_user="mate"))
        await asyncio.to_thread(begun.wait, PATIENCE)
        counted = asyncio.create_task(asyncio.to_thread(activate, service, "pump"))
        uncounted = await asyncio.to_thread(activate, service, "radar")
        assert not updating.done()
        assert not counted.done()
        finish.set()
        return (await updating).status, uncounted.root, (await counted).root

    status, uncounted, counted = pumping.runner.run(scenario())
    assert (status, uncounted) == (200, before)
    assert counted == pumping.world.authority.marble_root.certificate != before


def test_counting_does_not_make_others_prepare_again(pumping, monkeypatch):
    real = activation.parameters_for
    service = service_of(pumping)
    prepared = []

    def counting(*args):
        prepared.append(args)
        if len(prepared) == 1:
            activate(service)
        return real(*args)

    monkeypatch.setattr(activation, "parameters_for", counting)
    activate(service)
    assert len(prepared) == 2
    assert pumping.world.activations("pump") == 2


# -- what is said about it ---------------------------------------------------------------------------------------------------


class Notes:
    """A watcher that writes down what it is told."""

    def __init__(self):
        self.told = []

    def attempted(self, request):
        self.told.append(("attempted", request.marble_type, request.uuid))

    def activated(self, request, now):
        self.told.append(("activated", request.marble_type, request.uuid, now))


def test_watchers_hear_of_every_attempt_and_of_each_success(ship):
    notes = Notes()
    service = service_of(ship, watchers=[notes])
    with pytest.raises(MarbleRefused):
        activate(service, "", "")
    activate(service, "deck", NAME.upper())
    assert notes.told == [
        ("attempted", "", ""),
        ("attempted", "deck", NAME.upper()),
        ("activated", "deck", NAME.upper(), NOW),
    ]


def test_the_log_says_what_happened_and_no_value(pumping):
    service = service_of(pumping)
    got = activate(service, "pump", NAME)
    with pytest.raises(MarbleRefused):
        activate(service, "lost")
    with pytest.raises(NotAUuid):
        activate(service, "pump", "nobody")
    lines = [(line["level"], line["msg"]) for line in pumping.log_lines]
    assert ("info", "Received activation request") in lines
    assert ("info", "Successfully activated new Marble") in lines
    assert ("error", "Marble verification failed") in lines
    assert ("error", "Marble Activation failed") in lines
    success = next(line for line in pumping.log_lines if "Successfully" in line["msg"])
    assert (success["MarbleType"], success["UUID"]) == ("pump", NAME)
    for value in ("open", got.files["/run/valve.key"].hex(), "PRIVATE"):
        assert value not in pumping.log.replace("opens", "")


def test_nothing_secret_shows_in_a_repr(service):
    request = activation.ActivationRequest("deck", NAME, CSR)
    parameters = service.activate(request, b"a certificate")
    assert "PRIVATE" not in repr(parameters)
    assert "as it is" not in repr(parameters)


def test_a_uuid_is_taken_whatever_its_version(service):
    for version in (1, 3, 4, 5):
        activate(service, "deck", str(uuid.UUID(int=7, version=version)))
