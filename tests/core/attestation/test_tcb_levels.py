"""The level of a platform: ours and dcap-qvl's judgement are the same on whatever Intel might say."""

import dataclasses
import random

import pytest

from marble_core.attestation import second_opinion
from marble_core.attestation.certificates import read_chain
from marble_core.attestation.checks.identity import debug_attribute
from marble_core.attestation.errors import CollateralUnreadable
from marble_core.attestation.platform import ModuleUnknown, judge, reached_level
from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import Tee, parse_quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.simulation import (
    new_collateral,
    qe_identity_record,
    sgx_quote,
    tcb_info_record,
    td_quote,
)
from marble_core.attestation.simulation.collateral import sign_record
from marble_core.attestation.tcb import TcbStatus, read_qe_identity, read_tcb_info
from tests.fakes.attested import ENCLAVE, NOW, pki

DATE = "2026-01-01T00:00:00Z"
PLATFORM = [status.value for status in TcbStatus if "Relaunch" not in status.value]
MODULE = ["UpToDate", "OutOfDate", "Revoked"]
QUOTING = ["UpToDate", "ConfigurationNeeded", "OutOfDate", "OutOfDateConfigurationNeeded", "Revoked"]
COLLATERAL = {tee: new_collateral(pki(), NOW, tee) for tee in Tee}
SGX = sgx_quote(pki(), ENCLAVE, b"")
[LEAF, *_] = read_chain(pki().platform_chain.encode())


def components(chance, choices):
    return [{"svn": chance.choice(choices) if index < 4 else 0} for index in range(16)]


def level(chance, number):
    tcb = {
        "sgxtcbcomponents": components(chance, [0, 1, 2, 2, 2, 2, 3]),
        "pcesvn": chance.choice([12, 13, 13, 13, 14]),
        "tdxtcbcomponents": components(chance, [0, 0, 1, 2]),
    }
    status = chance.choice([*PLATFORM, "UpToDate", "OutOfDate"])
    return {"tcb": tcb, "tcbDate": DATE, "tcbStatus": status, "advisoryIDs": [f"level {number}"]}


def enclave_level(chance, svn, statuses, advisory):
    status = chance.choice([*statuses, "UpToDate"])
    return {"tcb": {"isvsvn": svn}, "tcbDate": DATE, "tcbStatus": status, "advisoryIDs": [advisory]}


def module(chance, version):
    svns = sorted(chance.sample(range(6), 2), reverse=True)
    levels = [enclave_level(chance, svn, MODULE, f"module {version}.{svn}") for svn in svns]
    identity = {"id": f"TDX_{version:02X}", "mrsigner": "00" * 48, "attributes": "00" * 8}
    return identity | {"attributesMask": "FF" * 8, "tcbLevels": levels}


def module_numbers(chance):
    return bytes(
        [chance.choice(range(5)), chance.choice([0, 0, 1, 2, 3]), chance.choice([1, 2, 3]), 2]
    ) + bytes(12)


def scene(chance):
    """A quote, TCB info and QE identity that belong to the simulated platform and hold what chance gives."""
    tee = chance.choice([Tee.SGX, Tee.TDX, Tee.TDX])
    info, identity = tcb_info_record(NOW, tee), qe_identity_record(NOW, tee)
    info["tcbLevels"] = [level(chance, number) for number in range(chance.randint(1, 4))]
    svns = sorted(chance.sample(range(6, 11), 2), reverse=True)
    identity["tcbLevels"] = [enclave_level(chance, svn, QUOTING, "quoting enclave") for svn in svns]
    if tee is Tee.SGX:
        for one in info["tcbLevels"]:
            del one["tcb"]["tdxtcbcomponents"]
        return tee, SGX, info, identity
    info["tdxModuleIdentities"] = [module(chance, version) for version in chance.sample(range(4), 3)]
    body_type, numbers = chance.choice([None, 3, 3, 4]), module_numbers(chance)
    fields = {"tee_tcb_svn": numbers}
    if body_type:
        fields["tee_tcb_svn2"] = chance.choice([numbers, module_numbers(chance)])
    return tee, td_quote(pki(), body_type=body_type, **fields), info, identity


def ours(quote, info, identity):
    """Status and advisories, or None where the platform is refused whatever a policy says."""
    found = parse_quote(quote)
    quoting = reached_level(read_qe_identity(identity).levels, found.qe_report.security_version)
    if quoting is None:
        return None
    try:
        judgement = judge(read_tcb_info(info), LEAF.platform, found.report, quoting.judgement)
    except ModuleUnknown:
        return None
    if judgement is None or judgement.status is TcbStatus.REVOKED:
        return None
    return judgement.status.value, set(judgement.advisories)


def theirs(tee, quote, info, identity, signatures):
    given = dataclasses.replace(
        COLLATERAL[tee],
        tcb_info=info,
        tcb_info_signature=signatures[0],
        qe_identity=identity,
        qe_identity_signature=signatures[1],
    )
    opinion = second_opinion.ask(quote, given, pki().anchor, NOW)
    return (opinion.status, set(opinion.advisories)) if opinion.is_accepted else None


def test_both_verifiers_judge_a_platform_alike(proving):
    chance = random.Random(20261120)
    seen = set()
    for _ in range(40_000 if proving else 600):
        tee, quote, info, identity = scene(chance)
        info_text, info_signature = sign_record(pki().tcb_signing.key, info)
        identity_text, identity_signature = sign_record(pki().tcb_signing.key, identity)
        signatures = (info_signature, identity_signature)
        expected = theirs(tee, quote, info_text, identity_text, signatures)
        assert ours(quote, info_text, identity_text) == expected, (tee, info, identity)
        seen.add(expected and expected[0])
    assert len(seen) > 5  # chance must not have been too kind or too cruel


@pytest.mark.parametrize("bit", range(64))
def test_both_verifiers_judge_the_attributes_of_a_guest_alike(bit):
    quote = td_quote(pki(), td_attributes=((1 << 28) ^ (1 << bit)).to_bytes(8, "little"))
    opinion = second_opinion.ask(quote, COLLATERAL[Tee.TDX], pki().anchor, NOW)
    assert debug_attribute(parse_quote(quote), Policy()).outcome.holds == opinion.is_accepted


def test_a_guest_with_a_service_guest_is_refused_by_both():
    quote = td_quote(pki(), body_type=3, mr_service_td=b"\1")
    assert not second_opinion.ask(quote, COLLATERAL[Tee.TDX], pki().anchor, NOW).is_accepted
    assert debug_attribute(parse_quote(quote), Policy()).reason is Reason.TD_ATTRIBUTES


@pytest.mark.parametrize("status", ["Splendid", "uptodate", "TDRelaunchAdvised", 5, None])
def test_a_status_that_no_level_has_is_refused(status):
    record = tcb_info_record(NOW)
    record["tcbLevels"][0]["tcbStatus"] = status
    with pytest.raises(CollateralUnreadable):
        read_tcb_info(sign_record(pki().tcb_signing.key, record)[0])


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"id":', "[" * 100_000, '{"id":"SGX","version":"3"}']
)
def test_a_text_that_is_no_tcb_info_is_refused(text):
    with pytest.raises(CollateralUnreadable, match="TCB info"):
        read_tcb_info(text)
    with pytest.raises(CollateralUnreadable, match="QE identity"):
        read_qe_identity(text)


@pytest.mark.parametrize("member", list(qe_identity_record(NOW)))
def test_a_qe_identity_without_a_member_is_refused(member):
    record = qe_identity_record(NOW)
    del record[member]
    with pytest.raises(CollateralUnreadable):
        read_qe_identity(sign_record(pki().tcb_signing.key, record)[0])
