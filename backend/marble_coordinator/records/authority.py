"""The records of the coordinator's own keys and certificates."""

from __future__ import annotations

from collections.abc import Iterable

from marble_coordinator.pki.authority import Authority, CertifiedKey, alternative_names
from marble_coordinator.records.fields import explaining
from marble_coordinator.records.map import RecordMap, required

_ROOT_CERT = "certificate:coordinatorRootCert"
_ROOT_KEY = "privateKey:coordinatorRootKey"
_INTERMEDIATE_CERT = "certificate:coordinatorIntermediateCert"
_INTERMEDIATE_KEY = "privateKey:coordinatorIntermediateKey"
_MARBLE_ROOT_CERT = "certificate:marbleRootCert"


def write_authority(authority: Authority) -> dict[str, bytes]:
    """Certificates as DER, private keys as SEC 1 DER. Marble root and intermediate share one key."""
    return {
        _ROOT_CERT: authority.root.der,
        _ROOT_KEY: authority.root.key_der,
        _INTERMEDIATE_CERT: authority.intermediate.der,
        _INTERMEDIATE_KEY: authority.intermediate.key_der,
        _MARBLE_ROOT_CERT: authority.marble_root.der,
    }


def read_authority(records: RecordMap, names: Iterable[str]) -> Authority:
    """The authority as sealed. `names` are today's comma parts of `EDG_COORDINATOR_DNS_NAMES`, for renewed certificates.

    Raises MalformedStateError.
    """

    def pair(key: str, certificate: str) -> CertifiedKey:
        with explaining(f"The records {key!r} and {certificate!r} of the sealed state cannot be used"):
            return CertifiedKey.from_der(required(records, key), required(records, certificate))

    return Authority(
        root=pair(_ROOT_KEY, _ROOT_CERT),
        intermediate=pair(_INTERMEDIATE_KEY, _INTERMEDIATE_CERT),
        marble_root=pair(_INTERMEDIATE_KEY, _MARBLE_ROOT_CERT),
        names=alternative_names(names),
    )
