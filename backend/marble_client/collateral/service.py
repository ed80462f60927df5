"""Fetches collateral from Intel's service, or from a caching one with the same layout (Intel PCS API, version 4).

Nothing that arrives is trusted: it is signed, and the verification checks that. The service learns the FMSPC and the
kind of the authority, nothing else. Nobody else is asked, but for the one place that Intel's own root names for its list.
"""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from marble_client.collateral.address import INTEL_SERVICE, LAYOUT, ServiceAddress
from marble_client.collateral.errors import PlatformUnknown
from marble_client.collateral.failures import failure, refusal
from marble_client.collateral.pieces import Piece
from marble_client.collateral.platform import Platform
from marble_client.exchange import Server, get
from marble_client.limits import Limits
from marble_client.proxies import ProxyChoice
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.quote import Tee
from marble_core.attestation.tcb import read_qe_identity, read_tcb_info

LIMITS = Limits(connect=5, read=10, answer=30)  # for each of the four answers
ANSWER_LIMIT = 1 << 20  # bytes; genuine answers have some 10 KiB, a long revocation list some 100 KiB

_ISSUERS_OF_TCB_INFO = ("TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain")
_ISSUERS_OF_QE_IDENTITY = ("SGX-Enclave-Identity-Issuer-Chain", "SGX-QE-Identity-Issuer-Chain")
_ISSUERS_OF_PCK_CRL = ("SGX-PCK-CRL-Issuer-Chain", "PCK-CRL-Issuer-Chain")
_QE_IDENTITIES = {Tee.SGX: "QE", Tee.TDX: "TD_QE"}

# Where Intel's root certificate says that its list is: Intel's own service has no copy of it.
_INTEL_ROOT_LIST = ServiceAddress(
    "https", "certificates.trustedservices.intel.com", 443, "/IntelSGXRootCA.der"
)


@dataclass(frozen=True)
class CollateralService:
    """One service and the way to it.

    `authority_der` is the certificate (DER, readable) to trust for TLS in place of the web's authorities: caching
    services often have one of their own. It protects the way only; what the collateral is worth its signatures tell.
    """

    address: ServiceAddress = INTEL_SERVICE
    proxy: ProxyChoice = field(default_factory=ProxyChoice)
    authority_der: bytes = field(default=b"", repr=False)
    limits: Limits = LIMITS

    def fetch(self, platform: Platform, anchor: TrustAnchor) -> Collateral:
        """Ask for everything that a quote of this platform is judged by: four requests, one after the other.

        Blocks for as long as `limits` allow. Raises CollateralUnavailable and its kinds, and ProxyInvalid.
        """
        tee = f"/{platform.tee.value.lower()}/certification/v4"
        tcb = self._piece("TCB info", f"{tee}/tcb?fmspc={platform.fmspc.hex().upper()}")
        tcb_info, tcb_signature, levels = tcb.signed("tcbInfo", read_tcb_info)
        if levels.fmspc != platform.fmspc or levels.id != platform.tee.value:
            raise tcb.wrong("is for another platform than the one asked for")
        qe = self._piece("QE identity", f"{tee}/qe/identity")
        qe_identity, qe_signature, identity = qe.signed("enclaveIdentity", read_qe_identity)
        if identity.id != _QE_IDENTITIES[platform.tee]:
            raise qe.wrong("is that of another enclave")
        crl = self._piece("PCK revocation list", f"{LAYOUT}/pckcrl?ca={platform.ca}&encoding=der")
        return Collateral(
            pck_crl_issuer_chain=crl.issuers(_ISSUERS_OF_PCK_CRL),
            root_ca_crl=self._root_list(anchor).revocation_list(),
            pck_crl=crl.revocation_list(),
            tcb_info_issuer_chain=tcb.issuers(_ISSUERS_OF_TCB_INFO),
            tcb_info=tcb_info,
            tcb_info_signature=tcb_signature,
            qe_identity_issuer_chain=qe.issuers(_ISSUERS_OF_QE_IDENTITY),
            qe_identity=qe_identity,
            qe_identity_signature=qe_signature,
        )

    def _root_list(self, anchor: TrustAnchor) -> Piece:
        name = "root revocation list"
        if self.address != INTEL_SERVICE:
            try:
                return self._piece(name, f"{LAYOUT}/rootcacrl")
            except PlatformUnknown:
                if anchor.is_simulation:
                    raise
        return self._piece(name, "", at=_INTEL_ROOT_LIST)

    def _piece(self, name: str, target: str, *, at: ServiceAddress | None = None) -> Piece:
        address, authority = (at, b"") if at else (self.address, self.authority_der)
        server = Server(
            address.host,
            address.port,
            _context(authority) if address.scheme == "https" else None,
            proxy=self.proxy.proxy_for(address.scheme, address.host),
        )
        try:
            answer = get(server, address.path + target, limits=self.limits, limit=ANSWER_LIMIT)
        except (OSError, http.client.HTTPException) as error:
            raise failure(error, name, address) from error
        if answer.status != HTTPStatus.OK:
            raise refusal(answer, name, address)
        return Piece(name, answer)


@lru_cache(maxsize=4)  # reading the web's authorities takes longer than an answer from nearby
def _context(authority_der: bytes) -> ssl.SSLContext:
    if authority_der:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=authority_der)
        # A service's own certificate may be trusted without the one above it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    else:
        # The system's authorities know a proxy that looks into TLS; not every system has its list where we look.
        context = ssl.create_default_context()
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
