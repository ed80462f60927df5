"""What each field of a manifest means, in a sentence: for hovering, for completion, and beside the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marble_core.gojson import Path
from marble_core.gojson.shapes import Built, Either, ListOf, MapOf, Maybe, Required, Shape, Struct
from marble_core.manifest.schema import MANIFEST

_DESCRIBED: Mapping[str, str] = {
    "Packages": "The enclaves that may run, each by its code or by its signer.",
    "Packages.*.Debug": "True lets in a debug enclave, whose memory the host can read.",
    "Packages.*.UniqueID": "MRENCLAVE in hex: lets in exactly this code. Goes without SignerID, ProductID and SecurityVersion.",
    "Packages.*.SignerID": "MRSIGNER in hex: who signed the enclave.",
    "Packages.*.ProductID": "The product number that the signer gave the enclave; compared exactly.",
    "Packages.*.SecurityVersion": "The smallest security version that is let in. It can be raised later.",
    "Packages.*.AcceptedTCBStatuses": "Platform states that are accepted besides UpToDate.",
    "Packages.*.AcceptedAdvisories": "Intel advisories that are tolerated with SWHardeningNeeded; empty means all.",
    "Marbles": "The services, each with the package that may run as it and its parameters.",
    "Marbles.*.Package": "The package whose enclave may run as this marble.",
    "Marbles.*.MaxActivations": "How many times it may be started; 0 is unlimited.",
    "Marbles.*.Parameters": "Files, environment and arguments that the marble is started with.",
    "Marbles.*.Parameters.Files": "Files by their path. Templates may name secrets.",
    "Marbles.*.Parameters.Env": "Environment variables. Templates may name secrets.",
    "Marbles.*.Parameters.Argv": "Arguments, the name of the program first; passed on as they are.",
    "Marbles.*.Parameters.*.*.Data": "The content, in the given encoding.",
    "Marbles.*.Parameters.*.*.Encoding": "How Data is written: string, base64 or hex.",
    "Marbles.*.Parameters.*.*.NoTemplates": "True takes the content as it is, without templates.",
    "Marbles.*.TLS": "The TLS tags whose connections are protected for this marble.",
    "Marbles.*.DisableSecretBinding": "True does not bind the marble's own secrets to its package.",
    "Infrastructures": "Platform properties; kept, and hardly used by coordinators.",
    "Infrastructures.*.CPUSVN": "Security version of the processor, in base64.",
    "Infrastructures.*.QESVN": "Security version of the quoting enclave.",
    "Infrastructures.*.PCESVN": "Security version of the provisioning certification enclave.",
    "Infrastructures.*.RootCA": "Root certificate of the platform, in base64.",
    "Secrets": "Keys, certificates and texts that are made by the coordinator or set by users.",
    "Secrets.*.Type": "symmetric-key, cert-rsa, cert-ecdsa, cert-ed25519 or plain.",
    "Secrets.*.Size": "Bits: of the key, the RSA modulus, or the curve. Ed25519 and plain have none.",
    "Secrets.*.Shared": "True: one value for all marbles. False: each marble gets its own.",
    "Secrets.*.UserDefined": "True: never generated, set by a user with the right to write it.",
    "Secrets.*.ValidFor": "Days that a generated certificate is valid; 0 means 365.",
    "Secrets.*.Cert": "What a generated certificate says: names, usage, validity.",
    "Secrets.*.Cert.Subject": "The distinguished name.",
    "Secrets.*.Cert.Subject.CommonName": "The common name.",
    "Secrets.*.Cert.DNSNames": "Host names; without them localhost, with an empty list none.",
    "Secrets.*.Cert.IPAddresses": "Addresses; without them those of the loopback, with an empty list none.",
    "Secrets.*.Cert.NotAfter": "End of validity as in 2030-01-31T00:00:00Z; not together with ValidFor.",
    "Secrets.*.Cert.IsCA": "True makes a certificate that may sign others.",
    "Secrets.*.Cert.KeyUsage": "Sum of 1 digitalSignature, 4 keyEncipherment, 32 certSign and others; 0 is 33.",
    "Secrets.*.Cert.ExtKeyUsage": "1 server and 2 client authentication; without it both.",
    "Secrets.*.Private": "First value of a user-defined secret. Everybody can read the manifest.",
    "Secrets.*.Public": "First value of a user-defined secret. Everybody can read the manifest.",
    "TLS": "Tags for connections that are wrapped in TLS.",
    "TLS.*.Incoming": "Ports that the marble serves.",
    "TLS.*.Outgoing": "Addresses that the marble connects to.",
    "TLS.*.*.Port": "Port number, as text.",
    "TLS.*.Outgoing.*.Addr": "Host name or address.",
    "TLS.*.Incoming.*.Cert": "The secret that is presented instead of the marble's certificate; needs DisableClientAuth.",
    "TLS.*.Incoming.*.DisableClientAuth": "True lets in clients without a certificate; needs Cert.",
    "Users": "Who may do something at the coordinator, each known by a certificate.",
    "Users.*.Certificate": "The user's certificate as PEM text.",
    "Users.*.Roles": "What the user may do is the sum of these roles.",
    "Roles": "Rights over packages, secrets or the manifest.",
    "Roles.*.ResourceType": "Packages, Secrets or Manifest.",
    "Roles.*.ResourceNames": "The packages or secrets that the role is about; none for Manifest.",
    "Roles.*.Actions": "UpdateSecurityVersion; ReadSecret, WriteSecret; or UpdateManifest.",
    "RecoveryKeys": "RSA public keys as PEM text, to whose holders the recovery secrets are encrypted.",
    "Config": "Settings of newer coordinators; older ones ignore them.",
    "Config.SealMode": "ProductKey, UniqueKey, or Disabled, which writes nothing to disk.",
    "Config.FeatureGates": "SignQuoteEndpoint, MonotonicCounter, AzureHSMSealing.",
    "Config.UpdateThreshold": "How many entitled users must agree to an update; 0 is all of them.",
    "Config.RecoveryThreshold": "How many recovery keys are needed; 0 is all of them, 1 is not possible.",
    "Config.RotateRootSecret": "True makes a new root secret when a whole update is applied.",
}  # fmt: skip


def description(path: Path) -> str:
    """What the field at a path is for; empty where it has no description, or is a name."""
    patterns: list[tuple[str | int, ...]] = [()]
    for step in path:
        patterns = [(*pattern, part) for pattern in patterns for part in ("*", step)]
    for pattern in sorted(patterns, key=lambda it: it.count("*")):
        if text := _DESCRIBED.get(".".join(map(str, pattern))):
            return text
    return ""


def shape_at(path: Path) -> Shape[Any] | None:
    """What the schema wants at a path, wrappers taken off; None where it has nothing."""
    shape: Shape[Any] | None = MANIFEST
    for step in path:
        match bare(shape):
            case Struct() as struct:
                name = struct.name_of(step) if isinstance(step, str) else None
                shape = struct.fields[name].shape if name is not None else None
            case MapOf() | ListOf() as many:
                shape = many.item
            case _:
                return None
    return bare(shape)


def bare(shape: Shape[Any] | None) -> Shape[Any] | None:
    """A shape without what is around it: absence, another way to write it, a conversion."""
    while True:
        match shape:
            case Maybe() | Required():
                shape = shape.shape
            case Either():
                shape = shape.other
            case Built():
                shape = shape.given
            case _:
                return shape
