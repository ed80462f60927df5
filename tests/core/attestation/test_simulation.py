"""Simulated platforms: accepted by dcap-qvl under their own root, and marked as simulated everywhere."""

import json
import struct
from urllib.parse import unquote

import dcap_qvl
import pytest
from cryptography import x509

from marble_core.attestation import pck
from marble_core.attestation.collateral import split_signed
from marble_core.attestation.errors import CollateralUnreadable
from marble_core.attestation.quote import Tee, parse_quote, wrap
from marble_core.attestation.simulation import (
    dump_pki,
    load_pki,
    new_collateral,
    pcs_answers,
    sgx_quote,
    td_quote,
)
from marble_core.attestation.simulation.pki import PkiUnreadable
from tests.fakes.attested import ENCLAVE, NOW, collateral, judged, pki

AT = int(NOW.timestamp())


def verified(quote, given):
    described = dcap_qvl.QuoteCollateralV3.from_json(json.dumps(given.as_json()))
    return dcap_qvl.verify_with_root_ca(quote, described, pki().root.der, AT)


def test_dcap_qvl_says_up_to_date():
    report = verified(sgx_quote(pki(), ENCLAVE, b"data"), collateral())
    assert (report.status, report.advisory_ids) == ("UpToDate", [])


@pytest.mark.parametrize("body_type", [None, 2, 3, 4])
def test_dcap_qvl_says_up_to_date_of_guests_too(body_type):
    given = new_collateral(pki(), NOW, Tee.TDX)
    assert verified(td_quote(pki(), body_type=body_type), given).status == "UpToDate"


def test_dcap_qvl_reads_the_platform_as_it_was_meant():
    quote = dcap_qvl.parse_quote(sgx_quote(pki(), ENCLAVE, b"data"))
    assert quote.fmspc() == "51494D000001"
    assert quote.ca() == "platform"


def test_intels_root_refuses_it():
    described = dcap_qvl.QuoteCollateralV3.from_json(json.dumps(collateral().as_json()))
    with pytest.raises(ValueError, match="CRL"):
        dcap_qvl.verify(sgx_quote(pki(), ENCLAVE, b""), described, AT)


def test_every_certificate_and_quote_carries_the_word():
    known = pki()
    for one in (known.root, known.authority, known.platform, known.tcb_signing):
        assert one.certificate.subject.rfc4514_string().count("SIMULATED") == 2
    quote = parse_quote(sgx_quote(known, ENCLAVE, b""))
    assert quote.header["user_data"].startswith(b"SIMULATED QUOTE")
    assert known.anchor.is_simulation


def test_the_extension_of_the_platform_can_be_read_back():
    certificate = pki().platform.certificate
    value = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(pck.OID)).value.value
    assert pck.encode(pck.parse(value)) == value


@pytest.mark.parametrize("cut", [0, 1, 2, 20, 100])
def test_a_damaged_extension_is_a_value_error(cut):
    certificate = pki().platform.certificate
    value = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(pck.OID)).value.value
    with pytest.raises(ValueError, match=r"value|missing|length"):
        pck.parse(value[:cut])


def test_a_platform_survives_being_saved():
    again = load_pki(dump_pki(pki()))
    assert again.root.der == pki().root.der
    assert judged().root.fingerprint == again.anchor.fingerprint
    quote = sgx_quote(again, ENCLAVE, b"data")
    assert verified(quote, collateral()).status == "UpToDate"


@pytest.mark.parametrize(
    "bend",
    [
        lambda _: b"",
        lambda dumped: dumped[:-300],
        lambda dumped: dumped.replace(b"M", b"N", 3),
        lambda dumped: dump_pki(pki(1))[:400] + dumped[400:],
        lambda dumped: dumped + dumped,
    ],
    ids=["nothing", "cut", "damaged", "mixed", "twice"],
)
def test_a_saved_platform_that_does_not_fit_is_refused(bend):
    with pytest.raises(PkiUnreadable):
        load_pki(bend(dump_pki(pki())))


def test_the_answers_of_a_service_give_the_collateral_back():
    answers = pcs_answers(collateral())
    tcb = answers["/sgx/certification/v4/tcb?fmspc=51494D000001"]
    identity = answers["/sgx/certification/v4/qe/identity"]
    assert split_signed(tcb.body, "tcbInfo") == (collateral().tcb_info, collateral().tcb_info_signature)
    assert split_signed(identity.body, "enclaveIdentity") == (
        collateral().qe_identity,
        collateral().qe_identity_signature,
    )
    chain = unquote(identity.headers["SGX-Enclave-Identity-Issuer-Chain"])
    assert chain == collateral().qe_identity_issuer_chain
    assert "\n" not in tcb.headers["TCB-Info-Issuer-Chain"]
    assert bytes.fromhex(answers["/sgx/certification/v4/rootcacrl"].body.decode()) == collateral().root_ca_crl


@pytest.mark.parametrize("body", [b"", b"[]", b'{"tcbInfo":{}}', b'{"tcbInfo":1,"signature":"00"}'])
def test_an_answer_that_is_not_signed_is_refused(body):
    with pytest.raises(CollateralUnreadable):
        split_signed(body, "tcbInfo")


def test_the_envelope_is_the_one_of_open_enclave():
    raw = sgx_quote(pki(), ENCLAVE, b"")
    assert wrap(raw)[:16] == struct.pack("<IIQ", 1, 2, len(raw))
