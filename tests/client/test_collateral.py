"""Collateral from a service on loopback, honest and not; and which one a quote asks for."""

import base64
import datetime as dt
import json
import time
from contextlib import suppress
from dataclasses import replace
from email.message import Message
from urllib.parse import quote as percent_encoded

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from marble_client.collateral import (
    CaKind,
    CollateralGone,
    CollateralService,
    CollateralUnavailable,
    CollateralWrong,
    Platform,
    PlatformUnknown,
    ServiceAddress,
    ServiceAddressInvalid,
    ServiceBusy,
    ServiceRefused,
    ServiceUnreachable,
    platform_of,
)
from marble_client.collateral.pieces import Piece
from marble_client.collateral.service import ANSWER_LIMIT
from marble_client.exchange import Answer
from marble_client.proxies import ProxyChoice, ProxyInvalid
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.quote import Tee, parse_quote
from marble_core.attestation.simulation import (
    SimulatedEnclave,
    new_collateral,
    new_pki,
    pcs_answers,
    sgx_quote,
    td_quote,
)
from marble_core.attestation.tcb import read_qe_identity, read_tcb_info
from tests.client.conftest import AMPLE, SHORT
from tests.fakes.pccs import LAYOUT, PCK_CRL, QE, ROOT_CRL, TCB, pccs
from tests.fakes.proxy import proxy
from tests.fakes.tls_server import Script, http, make_identity, running

NOW = dt.datetime.now(dt.UTC)
FMSPC = bytes.fromhex("51494d000001")
PLATFORM = Platform(FMSPC, CaKind.PLATFORM, Tee.SGX)
DIRECT = ProxyChoice(system=False)


@pytest.fixture(scope="module")
def pki():
    return new_pki(NOW)


@pytest.fixture(scope="module")
def collateral(pki):
    return new_collateral(pki, NOW)


@pytest.fixture
def service(collateral):
    with pccs(collateral) as service:
        yield service


@pytest.fixture
def fetch(service, pki):
    def fetch(platform=PLATFORM, **given):
        wanted = {"proxy": DIRECT, "limits": AMPLE} | given
        return CollateralService(service.address, **wanted).fetch(platform, pki.anchor)

    return fetch


# Which collateral


def test_a_quote_tells_its_platform(pki):
    enclave = SimulatedEnclave(bytes(32), bytes(32))
    assert platform_of(parse_quote(sgx_quote(pki, enclave, b""))) == PLATFORM
    assert platform_of(parse_quote(td_quote(pki))) == replace(PLATFORM, tee=Tee.TDX)
    assert str(PLATFORM) == "sgx-51494d000001-platform"


def test_genuine_quotes_tell_their_platforms(shared_dir):
    folder = shared_dir / "vectors" / "quotes"
    for vector in json.loads((folder / "index.json").read_text())["vectors"]:
        platform = platform_of(parse_quote((folder / vector["quote_file"]).read_bytes()))
        assert platform.fmspc.hex().upper() == vector["fmspc"].upper(), vector["id"]
        assert platform.tee.value == vector["tee"]
        assert platform.ca == vector["pck_ca"]


def test_a_quote_without_a_readable_certificate_asks_for_none(pki):
    whole = parse_quote(sgx_quote(pki, SimulatedEnclave(bytes(32), bytes(32)), b""))
    for bent in (
        replace(whole, certification_type=1),
        replace(whole, certification_data=b"no certificate"),
        replace(whole, certification_data=pki.root.pem.encode()),
        replace(whole, certification_data=(pki.authority.pem + pki.root.pem).encode()),
        replace(whole, certification_data=(pki.platform.pem + pki.root.pem).encode()),
    ):
        with pytest.raises(CollateralUnavailable, match="no collateral can be asked for"):
            platform_of(bent)


# Getting it


def test_everything_a_quote_is_judged_by_comes_exactly_as_signed(fetch, collateral, service):
    assert fetch() == collateral
    assert service.asked == [
        f"{TCB}?fmspc=51494D000001", QE, f"{PCK_CRL}?ca=platform&encoding=der", ROOT_CRL
    ]  # fmt: skip


def test_guests_and_their_collateral_have_paths_of_their_own(service, fetch, pki):
    answers = pcs_answers(new_collateral(pki, NOW, Tee.TDX))
    for target, answer in answers.items():
        service.answer(target.partition("?")[0].replace("/sgx/", "/tdx/", 1), answer.body, answer.headers)
    assert '"TDX"' in fetch(replace(PLATFORM, tee=Tee.TDX)).tcb_info
    assert [target.split("/")[1] for target in service.asked] == ["tdx", "tdx", "sgx", "sgx"]


def test_older_spellings_of_the_headers_are_read(service, fetch, collateral):
    older = {
        TCB: "SGX-TCB-Info-Issuer-Chain",
        QE: "sgx-qe-identity-issuer-chain",
        PCK_CRL: "PCK-CRL-Issuer-Chain",
    }
    for target, answer in pcs_answers(collateral).items():
        path = target.partition("?")[0]
        if path in older:
            service.answer(path, answer.body, {older[path]: next(iter(answer.headers.values()))})
    assert fetch() == collateral


@pytest.mark.parametrize("form", ["hex", "der", "pem"])
def test_revocation_lists_come_in_any_form(service, fetch, collateral, form):
    def written(der: bytes) -> bytes:
        pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
        return {"hex": der.hex().upper().encode() + b"\n", "der": der, "pem": pem}[form]

    chain = {"SGX-PCK-CRL-Issuer-Chain": percent_encoded(collateral.pck_crl_issuer_chain)}
    service.answer(PCK_CRL, written(collateral.pck_crl), chain)
    service.answer(ROOT_CRL, written(collateral.root_ca_crl), {})
    assert fetch() == collateral


def test_a_service_below_a_path_is_asked_there(service, pki, collateral):
    service.serve(collateral, "/cache")
    address = ServiceAddress.parse(f"{service.address}/cache{LAYOUT}/")
    assert CollateralService(address, DIRECT).fetch(PLATFORM, pki.anchor) == collateral


def test_a_service_with_tls_is_trusted_by_its_own_authority(collateral, pki, tmp_path):
    own, other = make_identity("A service"), make_identity("Another")
    with pccs(collateral, own.write(tmp_path)) as service:
        trusted = CollateralService(service.address, DIRECT, own.der)
        assert trusted.fetch(PLATFORM, pki.anchor) == collateral
        for authority in (other.der, b""):
            with pytest.raises(ServiceUnreachable, match="certificate that cannot be accepted"):
                CollateralService(service.address, DIRECT, authority).fetch(PLATFORM, pki.anchor)
    assert len(service.asked) == 4


# What a service can answer instead


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, PlatformUnknown), (410, CollateralGone), (429, ServiceBusy), (503, ServiceBusy), (401, ServiceRefused),
     (500, ServiceRefused), (206, ServiceRefused), (301, ServiceRefused), (307, ServiceRefused)],
)  # fmt: skip
@pytest.mark.parametrize("path", [TCB, QE, PCK_CRL, ROOT_CRL])
def test_a_refusal_is_told_by_its_status_and_ends_it(service, fetch, path, status, kind):
    service.bend(path, http(status, b"<b>canary</b>", "Location: http://127.0.0.1:1/elsewhere"))
    with pytest.raises(kind) as caught:
        fetch()
    assert type(caught.value) is kind
    assert caught.value.hint
    assert "canary" not in caught.value.sentence + caught.value.hint
    assert path in service.asked[-1]


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("999999999999", 86400), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("²", None)]
)  # fmt: skip
def test_a_busy_service_may_say_when_to_ask_again(service, fetch, header, seconds):
    service.bend(TCB, http(429, b"", f"Retry-After: {header}"))
    with pytest.raises(ServiceBusy) as caught:
        fetch()
    assert caught.value.retry_after == seconds


def of_another_platform(pki, answers):
    return answers[TCB].body.replace(b"51494D000001", b"00906EA10000")


def of_another_technology(pki, answers):
    return pcs_answers(new_collateral(pki, NOW, Tee.TDX))[f"{TCB}?fmspc=51494D000001"].body


def of_version_2(pki, answers):
    return answers[TCB].body.replace(b'"version":3', b'"version":"2"')


def truncated(pki, answers):
    return answers[TCB].body[:-40]


def a_page(pki, answers):
    return b"<!DOCTYPE html><title>Welcome</title>"


def without_signature(pki, answers):
    return answers[TCB].body.replace(b'"signature"', b'"sign"')


def nothing(pki, answers):
    return b""


def deep(pki, answers):
    return b"[" * 100_000


@pytest.mark.parametrize(
    "bend",
    [
        of_another_platform,
        of_another_technology,
        of_version_2,
        truncated,
        a_page,
        without_signature,
        nothing,
        deep,
    ],
    ids=lambda bend: bend.__name__,
)
def test_tcb_info_that_is_something_else_is_refused(service, fetch, pki, collateral, bend):
    answers = {target.partition("?")[0]: answer for target, answer in pcs_answers(collateral).items()}
    service.answer(TCB, bend(pki, answers), answers[TCB].headers)
    with pytest.raises(CollateralWrong, match="TCB info"):
        fetch()


def test_the_identity_of_another_enclave_is_refused(service, fetch, pki):
    answers = pcs_answers(new_collateral(pki, NOW, Tee.TDX))
    service.answer(QE, answers[QE].body, answers[QE].headers)
    with pytest.raises(CollateralWrong, match="QE identity"):
        fetch()


@pytest.mark.parametrize(
    "body", [b"", b"zz", b"00", b"-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n", b"\xff" * 99]
)
@pytest.mark.parametrize("path", [PCK_CRL, ROOT_CRL])
def test_a_revocation_list_that_is_none_is_refused(service, fetch, collateral, path, body):
    service.answer(path, body, {"SGX-PCK-CRL-Issuer-Chain": percent_encoded(collateral.pck_crl_issuer_chain)})
    with pytest.raises(CollateralWrong, match="revocation list"):
        fetch()


@pytest.mark.parametrize(
    "headers", [{}, {"TCB-Info-Issuer-Chain": "canary"}, {"TCB-Info-Issuer-Chain": "%00%ff"}]
)
def test_issuers_that_cannot_be_read_are_refused(service, fetch, collateral, headers):
    service.answer(TCB, pcs_answers(collateral)[f"{TCB}?fmspc=51494D000001"].body, headers)
    with pytest.raises(CollateralWrong) as caught:
        fetch()
    assert "canary" not in caught.value.sentence


def huge(talk):
    talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(ANSWER_LIMIT // (1 << 16) + 20):
        talk.send(b" " * (1 << 16))


def huge_headers(talk):
    talk.send(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 70_000 + b"\r\n\r\n")


def many_headers(talk):
    talk.send(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 5000 + b"\r\n")


def compressed(talk):
    talk.send(http(200, b"zz", "Content-Encoding: br"))


def breaking_off(talk):
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")


def silent(talk):
    talk.stopped.wait(60)


def dripping(talk):
    talk.send(b"HTTP/1.1 200 OK\r\n")
    while not talk.stopped.wait(0.05):
        talk.send(b"X: x\r\n")


def no_http(talk):
    talk.send(b"SSH-2.0-OpenSSH_9.6\r\n")


def hanging_up(talk):
    """Say nothing and end."""


@pytest.mark.parametrize(
    "answer",
    [huge, huge_headers, many_headers, compressed, breaking_off, silent, dripping, no_http, hanging_up],
    ids=lambda answer: answer.__name__,
)
def test_an_answer_that_is_none_ends_soon(service, fetch, answer):
    service.bend(QE, answer)
    began = time.monotonic()
    with pytest.raises((CollateralWrong, ServiceUnreachable)):
        fetch(limits=SHORT)
    assert time.monotonic() - began < 30


def test_a_service_that_is_not_there_is_unreachable(pki):
    for text in ("http://127.0.0.1:1", "http://no-such-host.invalid"):
        with pytest.raises(ServiceUnreachable, match="cannot be reached"):
            CollateralService(ServiceAddress.parse(text), DIRECT).fetch(PLATFORM, pki.anchor)


def test_plain_http_where_tls_is_wanted_is_told(pki):
    with running(None, Script()) as server:
        address = ServiceAddress("https", "127.0.0.1", server.address.port)
        with pytest.raises(ServiceUnreachable, match="TLS"):
            CollateralService(address, DIRECT).fetch(PLATFORM, pki.anchor)


def test_intels_own_place_for_the_root_list_is_asked_where_the_service_has_none(
    service, collateral, monkeypatch
):
    service.bend(ROOT_CRL, http(404, b""))
    service.answer("/IntelSGXRootCA.der", collateral.root_ca_crl, {})
    place = replace(service.address, path="/IntelSGXRootCA.der")
    monkeypatch.setattr("marble_client.collateral.service._INTEL_ROOT_LIST", place)
    assert CollateralService(service.address, DIRECT).fetch(PLATFORM, INTEL) == collateral


def test_intels_own_place_for_the_root_list_is_never_asked_for_a_simulated_root(service, fetch):
    service.bend(ROOT_CRL, http(404, b""))
    with pytest.raises(PlatformUnknown, match="root revocation list"):
        fetch()


# Proxies


@pytest.fixture
def elsewhere(service, monkeypatch):
    """The service by an address that is not taken for this computer."""
    monkeypatch.setattr("marble_client.proxies.is_loopback", lambda _: False)
    return service


def test_a_proxy_of_choice_is_used_for_plain_http(elsewhere, fetch, collateral):
    with proxy() as log:
        assert fetch(proxy=ProxyChoice.parse(log.url)) == collateral
    assert log.lines[0] == f"GET {elsewhere.address}{TCB}?fmspc=51494D000001 HTTP/1.1"
    assert len(log.lines) == 4


def test_a_proxy_of_choice_tunnels_tls_and_sees_nothing_of_it(collateral, pki, tmp_path, monkeypatch):
    monkeypatch.setattr("marble_client.proxies.is_loopback", lambda _: False)
    own = make_identity("A service")
    with pccs(collateral, own.write(tmp_path)) as service, proxy() as log:
        through = CollateralService(service.address, ProxyChoice.parse(log.url), own.der)
        assert through.fetch(PLATFORM, pki.anchor) == collateral
        log.refuse = True
        with pytest.raises(ServiceUnreachable, match="proxy refused"):
            through.fetch(PLATFORM, pki.anchor)
    assert set(log.lines) == {f"CONNECT 127.0.0.1:{service.address.port} HTTP/1.0"}


def test_the_systems_proxy_is_used_with_its_credentials_and_exceptions(
    elsewhere, fetch, collateral, monkeypatch
):
    with proxy() as log:
        monkeypatch.setenv("http_proxy", log.url.replace("//", "//me:p%40ss@"))
        assert fetch(proxy=ProxyChoice()) == collateral
        assert f"Proxy-Authorization: Basic {base64.b64encode(b'me:p@ss').decode()}" in log.headers
        asked = len(log.lines)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert fetch(proxy=ProxyChoice()) == collateral
        assert fetch(proxy=DIRECT) == collateral
        assert len(log.lines) == asked


def test_this_computer_is_always_asked_directly(fetch, collateral, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert fetch(proxy=ProxyChoice()) == collateral
    assert fetch(proxy=ProxyChoice.parse("http://127.0.0.1:1")) == collateral


@pytest.mark.parametrize(
    "text", ["socks5://proxy.example:1080", "http://", "http://proxy.example:0x", "https://p.example"]
)
def test_what_is_no_http_proxy_is_refused_before_it_is_used(elsewhere, fetch, text):
    with pytest.raises(ProxyInvalid):
        fetch(proxy=ProxyChoice(text, system=False))
    assert elsewhere.asked == []


def test_a_proxy_is_written_as_it_is_read():
    for text in ("system", "none", "http://proxy.example:3128"):
        assert str(ProxyChoice.parse(text)) == text


def test_a_password_for_a_proxy_is_not_taken_and_not_repeated():
    with pytest.raises(ProxyInvalid) as caught:
        ProxyChoice.parse("http://me:canary@proxy.example")
    assert "canary" not in caught.value.sentence + caught.value.hint


# Addresses


@pytest.mark.parametrize(
    ("text", "written"),
    [("https://pccs.example", "https://pccs.example"), (" http://[::1]:8081/ ", "http://[::1]:8081"),
     ("https://cache.example:443/sgx/certification/v4/", "https://cache.example"),
     ("HTTPS://Cache.example:8081/a/b/", "https://cache.example:8081/a/b")],
)  # fmt: skip
def test_the_address_of_a_service_is_read(text, written):
    address = ServiceAddress.parse(text)
    assert str(address) == written
    assert ServiceAddress.parse(written) == address


@pytest.mark.parametrize(
    "text",
    ["", "pccs.example", "ftp://pccs.example", "https://", "https://me:canary@pccs.example", "https://p.example?x=1",
     "https://p.example/#x", "https://" + "a" * 70, "https://[p]", "https://a..b", "https://p:0x50", "https://p.example:99999", "https://p.example/a b", "https://pccs\x7f.example", "https://ä.example"],
)  # fmt: skip
def test_what_is_no_address_of_a_service_is_refused(text):
    with pytest.raises(ServiceAddressInvalid) as caught:
        ServiceAddress.parse(text)
    assert "canary" not in caught.value.sentence


# Whatever comes


@pytest.fixture(scope="module")
def answers(collateral):
    return list(pcs_answers(collateral).values())


@given(st.data())
def test_bytes_of_any_kind_are_collateral_or_refused(answers, data):
    """Real answers with pieces cut out, put in or changed: what is not refused is text and bytes as they came."""
    good = data.draw(st.sampled_from(answers))
    at, length = data.draw(st.integers(0, len(good.body))), data.draw(st.integers(0, 40))
    body = good.body[:at] + data.draw(st.binary(max_size=40)) + good.body[at + length :]
    piece = Piece("answer", Answer(200, Message(), body, b""))
    for read in (
        lambda: piece.signed("tcbInfo", read_tcb_info),
        lambda: piece.signed("enclaveIdentity", read_qe_identity),
        piece.revocation_list,
    ):
        with suppress(CollateralWrong):
            read()


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_issuers_of_any_kind_are_certificates_or_refused(text):
    headers = Message()
    headers["TCB-Info-Issuer-Chain"] = text.replace("\r", "").replace("\n", "")
    with suppress(CollateralWrong):
        Piece("answer", Answer(200, headers, b"", b"")).issuers(["TCB-Info-Issuer-Chain"])
