"""A ship whose marbles are given everything that a marble may be given, and how to activate them."""

import datetime as dt

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_coordinator.services.activation import ActivationService
from tests.fakes.api_driver import ferry

NAME = "5b1ac14d-8b0f-4a6d-9b5c-0d7a3c5f7a11"
NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)


def service_of(driver, *, on_sgx=False, watchers=()):
    return ActivationService(driver.lifecycle, lambda: NOW, on_sgx=on_sgx, watchers=watchers)


def spki(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def tls_manifest():
    """The ferry with everything that a marble may be given; its pump may run three times."""
    manifest = ferry()
    manifest["Secrets"] |= {
        "own": {"Type": "symmetric-key", "Size": 256},
        "cabin": {"Type": "cert-ecdsa", "Size": 256},
        "door": {"Type": "plain", "UserDefined": True},
    }
    manifest["TLS"] = {
        "web": {
            "Incoming": [
                {"Port": "443", "Cert": "horn", "DisableClientAuth": True},
                {"Port": "8443"},
            ],
            "Outgoing": [{"Addr": "shore.example", "Port": "53"}],
        },
        "late": {"Incoming": [{"Port": "443"}], "Outgoing": []},
    }
    manifest["Marbles"]["deck"] = {
        "Package": "bridge",
        "TLS": ["web"],
        "Parameters": {
            "Argv": ["deck", "--watch"],
            "Files": {
                "/plain": "as it is",
                "/binary": {"Data": "AAEC", "Encoding": "base64"},
                "/literal": {"Data": "{{ not a template }}", "NoTemplates": True},
                "/shared": "{{ raw .Secrets.valve }}",
                "/own": "{{ raw .Secrets.own }}",
                "/previous": "{{ raw .Previous.Secrets.own }}",
                "/cabin.crt": "{{ pem .Secrets.cabin.Cert }}",
                "/cabin.key": "{{ pem .Secrets.cabin.Private }}",
            },
            "Env": {
                "ROOT": "{{ pem .MarbleRun.RootCA.Cert }}",
                "COORDINATOR": "{{ pem .MarbleRun.CoordinatorRoot.Cert }}",
                "MINE": "{{ pem .MarbleRun.MarbleCert.Cert }}{{ pem .MarbleRun.MarbleCert.Private }}",
                "MARBLE_PREDEFINED_ROOT_CA": "overridden",
            },
        },
    }
    manifest["Marbles"]["hull"] = {
        "Package": "bridge",
        "DisableSecretBinding": True,
        "Parameters": {"Files": {"/own": "{{ raw .Secrets.own }}"}},
        "TLS": ["web", "late"],
    }
    manifest["Marbles"]["mast"] = {
        "Package": "bridge",
        "Parameters": {"Files": {"/own": "{{ raw .Secrets.own }}"}},
    }
    return manifest
