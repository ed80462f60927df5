"""What tests of manifest updates do and look at, beyond what `crew` sends."""

import base64
import copy
import json

from cryptography import x509

from tests.fakes.api_driver import ApiDriver, public_pem
from tests.fakes.crew import crewed, holder, holder_key


def deploy(driver, manifest):
    driver.recovery_secrets = driver.set_manifest(manifest)
    return driver


def renamed(manifest):
    """The manifest with a marble more: another one, byte for byte."""
    changed = copy.deepcopy(manifest)
    changed["Marbles"]["crane"] = {"Package": "galley"}
    return changed


def encoded(manifest):
    return json.dumps(manifest).encode()


def in_force(driver):
    return base64.b64decode(driver.call("GET", "/api/v2/manifest").data["manifest"])


def log_of(driver):
    return [json.loads(line) for line in driver.call("GET", "/api/v2/update").data["updateLog"]]


def secret(driver, name, who="mate"):
    return driver.call("GET", f"/api/v2/secrets?s={name}", as_user=who).data["secrets"][name]


def certificate(value):
    return x509.load_der_x509_certificate(base64.b64decode(value["Cert"]))


def restarted(driver):
    driver.vault.close()
    return ApiDriver(driver.directory)


def crew_of(*numbers, threshold=0):
    manifest = crewed()
    manifest["RecoveryKeys"] = {holder(number): public_pem(holder_key(number)) for number in numbers}
    manifest["Config"]["RecoveryThreshold"] = threshold
    return manifest
