"""Collateral that does not belong, has ended, is not genuine, or tells of a platform in need of an update."""

import dataclasses

from marble_core.attestation.reasons import Reason
from marble_core.attestation.simulation import (
    revocation_list,
    tcb_info_record,
    td_quote,
)
from marble_core.attestation.steps import Step
from tests.core.attestation.bends.making import (
    DAY,
    LEVEL_HARDENING,
    LEVEL_OUT_OF_DATE,
    TD_COLLATERAL,
    accepting,
    signed_identity,
    signed_level,
    with_collateral,
)
from tests.fakes.attested import (
    NOW,
    collateral,
    collateral_with,
    evidence_with,
    expectations,
    good_policy,
    pki,
)

COLLATERALS = {
    "no collateral": (evidence_with(collateral=None), None, Step.REVOCATION_LISTS, Reason.NO_COLLATERAL),
    "unreadable list": (with_collateral(pck_crl=b"x"), None, Step.REVOCATION_LISTS, Reason.CRL_UNREADABLE),
    "list of another authority": (
        with_collateral(pck_crl=collateral().root_ca_crl),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_ISSUER,
    ),
    "list signed by another key": (
        with_collateral(pck_crl=revocation_list(pki(1).authority, NOW)),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_SIGNATURE,
    ),
    "list that has ended": (
        with_collateral(pck_crl=revocation_list(pki().authority, NOW - 31 * DAY)),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_EXPIRED,
    ),
    "list that begins later": (
        with_collateral(pck_crl=revocation_list(pki().authority, NOW + DAY)),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_NOT_YET,
    ),
    "revoked platform": (
        with_collateral(pck_crl=revocation_list(pki().authority, NOW, [pki().platform.certificate])),
        None,
        Step.REVOCATION_LISTS,
        Reason.REVOKED,
    ),
    "revoked CA": (
        with_collateral(root_ca_crl=revocation_list(pki().root, NOW, [pki().authority.certificate])),
        None,
        Step.REVOCATION_LISTS,
        Reason.REVOKED,
    ),
    "revoked TCB signer": (
        with_collateral(root_ca_crl=revocation_list(pki().root, NOW, [pki().tcb_signing.certificate])),
        None,
        Step.REVOCATION_LISTS,
        Reason.REVOKED,
    ),
    "garbage beside the list": (
        with_collateral(pck_crl_issuer_chain="x"),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_CHAIN,
    ),
    "unreadable signer": (
        with_collateral(tcb_info_issuer_chain="x"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_CHAIN,
    ),
    "signer of another root": (
        with_collateral(qe_identity_issuer_chain=pki(1).tcb_signing.pem + pki(1).root.pem),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_CHAIN,
    ),
    "signed by the platform": (
        evidence_with(
            collateral=collateral_with(
                tcb_info=tcb_info_record(NOW),
                signer=pki().platform,
                tcb_info_issuer_chain=pki().platform_chain,
            )
        ),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_SIGNER,
    ),
    "signed by the CA": (
        evidence_with(
            collateral=collateral_with(
                tcb_info=tcb_info_record(NOW),
                signer=pki().authority,
                tcb_info_issuer_chain=pki().authority.pem + pki().root.pem,
            )
        ),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_SIGNER,
    ),
    "altered TCB info": (
        with_collateral(tcb_info=collateral().tcb_info.replace('"UpToDate"', '"UpToDate" ')),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_SIGNATURE,
    ),
    "unknown status": (
        signed_level(status="Splendid"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_UNREADABLE,
    ),
    "TCB info for TDX": (
        signed_level(id="TDX"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_KIND,
    ),
    "old TCB info version": (
        signed_level(version=2),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_KIND,
    ),
    "identity that has ended": (
        signed_identity(nextUpdate="2026-11-20T11:59:59Z"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_EXPIRED,
    ),
    "identity that begins later": (
        signed_identity(issueDate="2026-11-20T12:00:01Z"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_NOT_YET,
    ),
    "FMSPC": (signed_level(fmspc="000000000000"), None, Step.PLATFORM_TCB_LEVEL, Reason.OTHER_PLATFORM),
    "PCEID": (signed_level(pceId="0001"), None, Step.PLATFORM_TCB_LEVEL, Reason.OTHER_PCE),
    "no level": (
        signed_level(
            tcbLevels=[
                tcb_info_record(NOW)["tcbLevels"][0]
                | {"tcb": {"sgxtcbcomponents": [{"svn": 3}] * 16, "pcesvn": 13}}
            ]
        ),
        None,
        Step.PLATFORM_TCB_LEVEL,
        Reason.NO_LEVEL,
    ),
    "revoked level": (
        signed_level(status="Revoked"),
        expectations(policy=good_policy(accepted_statuses=("Revoked",))),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_REVOKED,
    ),
    "out of date": (LEVEL_OUT_OF_DATE, None, Step.PLATFORM_TCB_LEVEL, Reason.STATUS_REFUSED),
    "out of date, in the policy": (
        LEVEL_OUT_OF_DATE,
        expectations(policy=good_policy(accepted_statuses=("OutOfDate",))),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_ACCEPTED,
    ),
    "out of date, accepted": (
        LEVEL_OUT_OF_DATE,
        accepting("OutOfDate", until=NOW + DAY),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_ACCEPTED,
    ),
    "out of date, accepted till now": (
        LEVEL_OUT_OF_DATE,
        accepting("OutOfDate", until=NOW),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_ENDED,
    ),
    "hardening": (LEVEL_HARDENING, None, Step.PLATFORM_TCB_LEVEL, Reason.QUALIFIED_LEVEL),
    "hardening not in the policy": (
        LEVEL_HARDENING,
        expectations(policy=good_policy(accepted_statuses=())),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_REFUSED,
    ),
    "advisory": (LEVEL_HARDENING, None, Step.ADVISORIES, Reason.ADVISORIES),
    "advisory not in the policy": (
        LEVEL_HARDENING,
        expectations(policy=good_policy(accepted_advisories=("INTEL-SA-11111",))),
        Step.ADVISORIES,
        Reason.ADVISORY_REFUSED,
    ),
    "advisory accepted": (
        LEVEL_HARDENING,
        dataclasses.replace(
            accepting("intel-sa-00000"), policy=good_policy(accepted_advisories=("INTEL-SA-11111",))
        ),
        Step.ADVISORIES,
        Reason.ADVISORIES,
    ),
    "advisory accepted till yesterday": (
        LEVEL_HARDENING,
        accepting("INTEL-SA-00000", until=NOW - DAY),
        Step.ADVISORIES,
        Reason.ADVISORY_ENDED,
    ),
    "unknown TDX module": (
        evidence_with(quote=td_quote(pki(), mr_signer_seam=b"\1"), collateral=TD_COLLATERAL),
        None,
        Step.PLATFORM_TCB_LEVEL,
        Reason.TDX_MODULE,
    ),
}
