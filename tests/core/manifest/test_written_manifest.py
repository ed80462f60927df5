from dataclasses import replace

from marble_core.manifest.check import check_manifest
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import Marble, MarbleType, Parameters, ParameterValue
from marble_core.manifest.written import written_manifest
from tests.fakes.manifests import encoded, observatory


def test_what_is_written_is_the_manifest_that_was_meant():
    manifest = decode_manifest(encoded(observatory())).manifest
    secrets = {name: replace(secret, cert=None) for name, secret in manifest.secrets.items()}
    odd = Marble(
        parameters=Parameters(
            files={"/b": ParameterValue(b"\xff\x00"), "/n": ParameterValue(b"{{", no_templates=True)}
        )
    )
    marbles = {**manifest.marbles, MarbleType("odd"): odd}
    manifest = replace(manifest, secrets=secrets, marbles=marbles)
    assert decode_manifest(written_manifest(manifest)).manifest == manifest


def test_defaults_are_left_out():
    assert (
        written_manifest(check_manifest(b'{"Packages": {}}').manifest or decode_manifest(b"{}").manifest)
        == b"{}\n"
    )
