"""What a verification trusts to begin with: a root certificate that the operator chose, never one from a quote."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

from marble_core.attestation.certificates import Certificate, read_certificate

# https://certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.cer, valid to the end of 2049.
_INTEL_SGX_ROOT: Final = """
MIICjzCCAjSgAwIBAgIUImUM1lqdNInzg7SVUr9QGzknBqwwCgYIKoZIzj0EAwIwaDEaMBgGA1UEAwwRSW50ZWwgU0dYIFJvb3QgQ0ExGjAYBgNVBAoM
EUludGVsIENvcnBvcmF0aW9uMRQwEgYDVQQHDAtTYW50YSBDbGFyYTELMAkGA1UECAwCQ0ExCzAJBgNVBAYTAlVTMB4XDTE4MDUyMTEwNDUxMFoXDTQ5
MTIzMTIzNTk1OVowaDEaMBgGA1UEAwwRSW50ZWwgU0dYIFJvb3QgQ0ExGjAYBgNVBAoMEUludGVsIENvcnBvcmF0aW9uMRQwEgYDVQQHDAtTYW50YSBD
bGFyYTELMAkGA1UECAwCQ0ExCzAJBgNVBAYTAlVTMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC6nEwMDIYZOj/iPWsCzaEKi71OiOSLRFhWGjbnBV
JfVnkY4u3IjkDYYL0MxO4mqsyYjlBalTVYxFP2sJBK5zlKOBuzCBuDAfBgNVHSMEGDAWgBQiZQzWWp00ifODtJVSv1AbOScGrDBSBgNVHR8ESzBJMEeg
RaBDhkFodHRwczovL2NlcnRpZmljYXRlcy50cnVzdGVkc2VydmljZXMuaW50ZWwuY29tL0ludGVsU0dYUm9vdENBLmRlcjAdBgNVHQ4EFgQUImUM1lqd
NInzg7SVUr9QGzknBqwwDgYDVR0PAQH/BAQDAgEGMBIGA1UdEwEB/wQIMAYBAf8CAQEwCgYIKoZIzj0EAwIDSQAwRgIhAOW/5QkR+S9CiSDcNoowLuPR
LsWGf/Yi7GSX94BgwTwgAiEA4J0lrHoMs+Xo5o/sX6O9QWxHRAvZUGOdRQ7cvqRXaqI=
"""


@dataclass(frozen=True)
class TrustAnchor:
    """A root. Only Intel's vouches for hardware: every other one is a simulation root, whatever it calls itself."""

    certificate: Certificate

    @classmethod
    def from_der(cls, der: bytes) -> TrustAnchor:
        """Raises CertificateUnreadable."""
        return cls(read_certificate(der))

    @cached_property
    def is_simulation(self) -> bool:
        return self.certificate.der != INTEL.certificate.der

    @property
    def name(self) -> str:
        return self.certificate.name

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the DER, lower-case hex."""
        return sha256(self.certificate.der).hexdigest()


INTEL: Final = TrustAnchor.from_der(base64.b64decode(_INTEL_SGX_ROOT))
