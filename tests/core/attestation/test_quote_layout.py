"""Quotes in their fields: nothing is lost, nothing overlaps, and no bytes whatever do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.attestation.errors import QuoteMalformed
from marble_core.attestation.quote import Form, Tee, parse_quote, unwrap, wrap
from marble_core.attestation.quote.layout import HEADER, TD_REPORTS
from marble_core.attestation.simulation import sgx_quote, td_quote
from tests.fakes.attested import ENCLAVE, pki

# Offsets of the specification (attestation.md, section 3), which count from the first byte of the quote.
SGX_OFFSETS = {
    "version": 0,
    "attestation_key_type": 2,
    "tee_type": 4,
    "qe_svn": 8,
    "pce_svn": 10,
    "qe_vendor_id": 12,
    "user_data": 28,
    "cpu_svn": 48,
    "misc_select": 64,
    "attributes": 96,
    "mr_enclave": 112,
    "mr_signer": 176,
    "config_id": 240,
    "isv_prod_id": 304,
    "isv_svn": 306,
    "config_svn": 308,
    "report_data": 368,
    "signature_length": 432,
    "signature": 436,
    "attestation_key": 500,
    "qe_report_signature": 948,
    "auth_data_length": 1012,
    "auth_data": 1014,
    "certification_type": 1046,
    "certification_length": 1048,
    "certification_data": 1052,
}
TDX_OFFSETS = {
    "tee_tcb_svn": 48,
    "mr_seam": 64,
    "mr_signer_seam": 112,
    "seam_attributes": 160,
    "td_attributes": 168,
    "xfam": 176,
    "mr_td": 184,
    "mr_config_id": 232,
    "mr_owner": 280,
    "mr_owner_config": 328,
    "rtmr0": 376,
    "rtmr1": 424,
    "rtmr2": 472,
    "rtmr3": 520,
    "report_data": 568,
    "signature_length": 632,
    "signature": 636,
    "attestation_key": 700,
    "outer_type": 764,
    "qe_report_signature": 1154,
    "auth_data_length": 1218,
    "certification_type": 1252,
}


def sgx():
    return sgx_quote(pki(), ENCLAVE, b"report data")


QUOTES = {
    "SGX v3": sgx,
    "TDX v4": lambda: td_quote(pki()),
    "TDX v5, TD 1.0": lambda: td_quote(pki(), body_type=2),
    "TDX v5, TD 1.5": lambda: td_quote(pki(), body_type=3),
    "TDX v5, extended": lambda: td_quote(pki(), body_type=4),
}


def offsets(quote):
    # Enclave and quoting enclave have reports of the same form; the enclave's comes first.
    found = {}
    for field in quote.fields:
        found.setdefault(field.name, field.offset)
    return found


@pytest.mark.parametrize("make", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("padding", [0, 1, 3000])
def test_the_fields_cover_every_byte_once_and_in_order(make, padding):
    raw = make() + bytes(padding)
    quote = parse_quote(raw)
    assert b"".join(field.data for field in quote.fields) == raw
    at = 0
    for field in quote.fields:
        assert field.offset == at
        at += field.size
    assert quote.data + quote.padding == raw


@pytest.mark.parametrize(("make", "wanted"), [(sgx, SGX_OFFSETS), (lambda: td_quote(pki()), TDX_OFFSETS)])
def test_fields_stand_where_the_specification_puts_them(make, wanted):
    found = offsets(parse_quote(make()))
    assert {name: found[name] for name in wanted} == wanted


def test_the_bodies_of_version_5_have_the_sizes_of_their_types():
    assert {kind: layout.size for kind, layout in TD_REPORTS.items()} == {2: 584, 3: 648, 4: 885}


def test_values_read_as_people_want_them():
    by_section = {(field.section, field.name): field for field in parse_quote(sgx()).fields}
    assert by_section["Enclave report", "mr_enclave"].text == ENCLAVE.unique_id.hex()
    assert by_section["Enclave report", "isv_svn"].text == "3"
    chain = by_section["Certification", "certification_data"]
    assert chain.form is Form.TEXT
    assert chain.text.startswith("-----BEGIN CERTIFICATE-----")


def test_an_envelope_comes_off_and_goes_on():
    raw = sgx()
    assert unwrap(wrap(raw)) == (raw, True)
    assert unwrap(raw) == (raw, False)
    assert parse_quote(wrap(raw)).wrapped
    assert parse_quote(wrap(raw)).data == raw


def test_a_guest_is_no_enclave():
    quote = parse_quote(td_quote(pki(), body_type=4))
    assert quote.tee is Tee.TDX
    assert quote.report.current_tee_tcb_svn is not None
    assert parse_quote(td_quote(pki())).report.current_tee_tcb_svn is None


def test_a_field_that_is_too_long_is_not_packed():
    with pytest.raises(ValueError, match="user_data has 20 bytes"):
        HEADER.pack(user_data=bytes(21))


@pytest.mark.parametrize("make", QUOTES.values(), ids=QUOTES)
@given(data=st.data())
def test_a_quote_cut_anywhere_is_malformed(make, data):
    raw = make()
    with pytest.raises(QuoteMalformed) as caught:
        parse_quote(raw[: data.draw(st.integers(0, len(raw) - 1))])
    assert caught.value.sentence.endswith(".")
    assert caught.value.hint


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_quote_or_malformed(raw):
    try:
        quote = parse_quote(raw)
    except QuoteMalformed:
        return
    assert quote.data + quote.padding in {raw, raw[16:]}
