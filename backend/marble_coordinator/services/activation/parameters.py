"""What a marble is started with: files, environment, arguments (spec: marble-api.md, section 7)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from marble_coordinator.errors import CannotActivate
from marble_coordinator.pki.authority import Authority
from marble_coordinator.pki.marble import MarbleCertificate
from marble_core.manifest.model import Marble, MarbleType, ParameterValue, SecretName, TlsTag, TlsTagName
from marble_core.pem import pem_text
from marble_core.secrets import Secret
from marble_core.templates import Budget, MarbleRunValues, Target, TemplateError, TemplateValues, render

_ROOT_CA = "MARBLE_PREDEFINED_ROOT_CA"
_CHAIN = "MARBLE_PREDEFINED_MARBLE_CERTIFICATE_CHAIN"
_PRIVATE_KEY = "MARBLE_PREDEFINED_PRIVATE_KEY"
_COORDINATOR_ROOT = "MARBLE_PREDEFINED_COORDINATOR_ROOT_CA"
_TTLS = "MARBLE_TTLS_CONFIG"


@dataclass(frozen=True, slots=True)
class MarbleParameters:
    """Files by path, variables by name, and the whole argument vector, program name first; it may be empty."""

    files: Mapping[str, bytes] = field(repr=False)
    env: Mapping[str, bytes] = field(repr=False)
    argv: tuple[str, ...]


def template_values(
    authority: Authority,
    certificate: MarbleCertificate,
    secrets: Mapping[SecretName, Secret],
    previous: Mapping[SecretName, Secret],
) -> TemplateValues:
    marblerun = MarbleRunValues(
        root_ca=authority.marble_root.der,
        marble_cert=certificate.der,
        marble_public=certificate.public,
        marble_private=certificate.private,
        coordinator_root=authority.root.der,
        coordinator_intermediate=authority.intermediate.der,
    )
    return TemplateValues(secrets, marblerun, previous)


def parameters_for(
    marble_type: MarbleType,
    marble: Marble,
    tags: Mapping[TlsTagName, TlsTag],
    authority: Authority,
    values: TemplateValues,
) -> MarbleParameters:
    """The parameters of one marble. Raises CannotActivate for what a template cannot show, and CannotGenerate."""
    rendering = _Rendering(marble_type, values)
    files = rendering.all_of(Target.FILE, marble.parameters.files)
    env = rendering.all_of(Target.ENV, marble.parameters.env)
    # They override the manifest's.
    env |= _predefined(authority, values.marblerun)
    if marble.tls:
        env[_TTLS] = _ttls(map(tags.__getitem__, marble.tls), values)
    return MarbleParameters(files, env, marble.parameters.argv)


class _Rendering:
    """The templates of one marble on one budget of work. As in a dry run, a text that stands twice is run once."""

    def __init__(self, marble_type: MarbleType, values: TemplateValues) -> None:
        self._marble_type = marble_type
        self._values = values
        self._budget = Budget.of_a_manifest()
        self._known: dict[tuple[Target, bytes], bytes] = {}

    def all_of(self, target: Target, entries: Mapping[str, ParameterValue]) -> dict[str, bytes]:
        return {name: self._one(target, name, entries[name]) for name in entries}

    def _one(self, target: Target, name: str, value: ParameterValue) -> bytes:
        if value.no_templates:
            return value.data
        template = target, value.data
        if template not in self._known:
            try:
                self._known[template] = render(value.data, target, self._values, budget=self._budget)
            except TemplateError as error:
                raise CannotActivate(
                    f"in Marble {self._marble_type}: {target.value} {name}: {error.message}"
                ) from error
        return self._known[template]


def _predefined(authority: Authority, own: MarbleRunValues) -> dict[str, bytes]:
    certificate, key = _key_pair(own)
    return {
        _ROOT_CA: authority.marble_root.pem.encode("ascii"),
        _CHAIN: (certificate + authority.intermediate.pem).encode("ascii"),
        _PRIVATE_KEY: key.encode("ascii"),
        _COORDINATOR_ROOT: authority.root.pem.encode("ascii"),
    }


def _key_pair(own: MarbleRunValues) -> tuple[str, str]:
    return pem_text("CERTIFICATE", own.marble_cert), pem_text("PRIVATE KEY", own.marble_private)


def _ttls(tags: Iterable[TlsTag], values: TemplateValues) -> bytes:
    """The configuration of transparent TLS. Entries of later tags replace earlier ones with the same key."""
    root = pem_text("CERTIFICATE", values.marblerun.root_ca)
    certificate, key = _key_pair(values.marblerun)
    own = {"cacrt": root, "clicrt": certificate, "clikey": key}
    incoming: dict[str, object] = {}
    outgoing: dict[str, object] = {}
    for tag in tags:
        for entry in tag.outgoing:
            outgoing[f"{entry.addr}:{entry.port}"] = own
        for entry in tag.incoming:
            shown = own
            if entry.cert:
                certificate_of_entry, key_of_entry = _shown(values.secrets[entry.cert])
                shown = {"cacrt": root, "clicrt": certificate_of_entry, "clikey": key_of_entry}
            incoming[f"*:{entry.port}"] = {
                **shown,
                "clientAuth": not (entry.cert and entry.disable_client_auth),
            }
    config = {"tls": {"Incoming": incoming, "Outgoing": outgoing}}
    return json.dumps(config, separators=(",", ":")).encode("ascii")


def _shown(secret: Secret) -> tuple[str, str]:
    if not secret.cert or not secret.private:
        raise CannotActivate(f"TLS secret {secret.name} has no certificate with a private key")
    return pem_text("CERTIFICATE", secret.cert), pem_text("PRIVATE KEY", secret.private)
