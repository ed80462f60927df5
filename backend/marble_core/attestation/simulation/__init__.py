"""Simulated platforms: a PKI, collateral and quotes that walk the path of genuine ones under another root.

They prove nothing about hardware, and every part says so: names, user data and identifiers carry the word SIMULATED,
and a root that is not Intel's can never give the verdict *Verified*. For coordinators without SGX, and for tests
(spec: attestation.md, section 8). Pure functions: keys and times are arguments or are made by the caller's wish.
"""

from marble_core.attestation.simulation.collateral import (
    new_collateral,
    pcs_answers,
    qe_identity_record,
    revocation_list,
    sign_record,
    tcb_info_record,
)
from marble_core.attestation.simulation.pki import SimulatedPki, dump_pki, load_pki, new_pki
from marble_core.attestation.simulation.quotes import SimulatedEnclave, sgx_quote, td_quote

__all__ = [
    "SimulatedEnclave",
    "SimulatedPki",
    "dump_pki",
    "load_pki",
    "new_collateral",
    "new_pki",
    "pcs_answers",
    "qe_identity_record",
    "revocation_list",
    "sgx_quote",
    "sign_record",
    "tcb_info_record",
    "td_quote",
]
