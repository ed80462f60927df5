"""How a valid example is bent."""

import dataclasses
import datetime as dt

from marble_core.attestation.checks.coordinator import binding
from marble_core.attestation.policy import Acceptance
from marble_core.attestation.quote import Tee, parse_quote, wrap
from marble_core.attestation.simulation import (
    new_collateral,
    qe_identity_record,
    sgx_quote,
    tcb_info_record,
    td_quote,
)
from marble_core.attestation.simulation.pki import raw_signature
from tests.fakes.attested import (
    ENCLAVE,
    NONCE,
    NOW,
    collateral,
    collateral_with,
    coordinator,
    evidence_with,
    expectations,
    pki,
)

DAY = dt.timedelta(days=1)


def patched(raw, offset, data):
    return raw[:offset] + data + raw[offset + len(data) :]


def bare():
    return sgx_quote(pki(), ENCLAVE, binding(coordinator().root, NONCE))


def with_qe_report(raw, **changes):
    """A quote whose quoting enclave has other fields, signed anew by the platform."""
    layout = parse_quote(raw).qe_report.section.layout
    report = bytearray(raw[564:948])
    for name, value in changes.items():
        place = layout.places[name]
        report[place] = (
            value if isinstance(value, bytes) else value.to_bytes(place.stop - place.start, "little")
        )
    return patched(raw, 564, bytes(report) + raw_signature(pki().platform.key, bytes(report)))


def with_chain(raw, chain):
    at = 1014 + 32
    data = raw[436:at] + (5).to_bytes(2, "little") + len(chain).to_bytes(4, "little") + chain
    return raw[:432] + len(data).to_bytes(4, "little") + data


def signed_level(*, status="UpToDate", advisories=(), **changes):
    record = tcb_info_record(NOW) | changes
    record["tcbLevels"][0] |= {"tcbStatus": status, "advisoryIDs": list(advisories)}
    return evidence_with(collateral=collateral_with(tcb_info=record))


def signed_identity(**changes):
    return evidence_with(collateral=collateral_with(qe_identity=qe_identity_record(NOW) | changes))


def with_quote(raw):
    return evidence_with(quote=wrap(raw))


def with_collateral(**changes):
    return evidence_with(collateral=dataclasses.replace(collateral(), **changes))


def accepting(subject, *, until=None):
    return expectations(acceptances=(Acceptance(subject, "maintenance is planned", until),))


LEVEL_OUT_OF_DATE = signed_level(status="OutOfDate", advisories=["INTEL-SA-00000"])
LEVEL_HARDENING = signed_level(status="SWHardeningNeeded", advisories=["INTEL-SA-00000"])
OLDER = dataclasses.replace(ENCLAVE, security_version=2)
DEBUG = dataclasses.replace(ENCLAVE, is_debug=True)
TD = wrap(td_quote(pki()))
TD_COLLATERAL = new_collateral(pki(), NOW, Tee.TDX)
