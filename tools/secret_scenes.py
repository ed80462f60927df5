"""The page of secrets and its dialogs in each of their states, with invented values."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from PySide6.QtWidgets import QWidget

from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.client import CoordinatorClient
from marble_client.errors import Refused
from marble_client.witness import NOBODY
from marble_console.coordinators.watch import Observation, WatchState
from marble_console.navigation import Place
from marble_console.page import Page
from marble_console.pages.access.page import AccessPage
from marble_console.pages.access.presenter import AccessPresenter
from marble_console.pages.access.state import Tab
from marble_console.pages.secrets.base import Means
from marble_console.pages.secrets.batchdialog import BatchDialog, ExportDialog
from marble_console.pages.secrets.batching import BatchPresenter
from marble_console.pages.secrets.comparedialog import CompareDialog
from marble_console.pages.secrets.comparing import ComparePresenter
from marble_console.pages.secrets.exporting import ExportPresenter
from marble_console.pages.secrets.listing import Listing
from marble_console.pages.secrets.making import Given, Way
from marble_console.pages.secrets.page import SecretsPage
from marble_console.pages.secrets.presenter import SecretsPresenter
from marble_console.pages.secrets.setdialog import SetDialog
from marble_console.pages.secrets.setting import SetPresenter
from marble_console.pages.secrets.showing import pem
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_console.wallet import Known, WalletState
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import SecretName, SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret
from marble_core.updatelog import format_line, parse_log
from marble_core.usersecrets import UserSecret
from tools.identity_scenes import BAND, NOW, saved

_LICENSE = b"OBSERVATORY-2031-AB7F-99C2-WITH-A-LONG-TAIL"
InWindow = Callable[[Place, Page, SessionState], QWidget]


def manifest() -> dict[str, Any]:
    """Every kind of secret, and every kind of right."""
    own = {"Type": "symmetric-key", "Size": 256}
    users = saved()
    return {
        "Packages": {
            "dome": {"SignerID": "a7" * 32, "ProductID": 3, "SecurityVersion": 5},
            "camera": {"UniqueID": "0d" * 32},
        },
        "Marbles": {
            "shutter": {
                "Package": "dome",
                "Parameters": {
                    "Files": {"/etc/sky.pem": "{{ pem .Secrets.sky_tls.Cert }}"},
                    "Env": {
                        "LICENSE": "{{ string .Secrets.license }}",
                        "OWN": "{{ hex .Secrets.plate_key }}",
                    },
                },
            },
            "plate": {
                "Package": "camera",
                "Parameters": {
                    "Env": {
                        "SKY": "{{ pem .Secrets.sky_tls.Private }}",
                        "HMAC": "{{ hex .Secrets.log_hmac }}",
                    }
                },
            },
        },
        "Secrets": {
            "archive_token": {"Type": "plain", "UserDefined": True},
            "dome_ca": {"Type": "cert-ecdsa", "Size": 384, "Shared": True},
            "license": {"Type": "plain", "UserDefined": True},
            "log_hmac": own | {"UserDefined": True},
            "mail_password": {"Type": "plain", "UserDefined": True},
            "plate_key": own,
            "session_key": {"Type": "symmetric-key", "Size": 128, "Shared": True},
            "sky_tls": {"Type": "cert-ecdsa", "Size": 256, "UserDefined": True},
            "wrap_key": {"Type": "symmetric-key", "Size": 128, "UserDefined": True},
        },
        "Users": {
            "mira": {"Certificate": _pem(users[0].certificate), "Roles": ["keeper", "reader", "raiser"]},
            "ivo": {"Certificate": _pem(users[2].certificate), "Roles": ["wrapper", "raiser", "editor"]},
        },
        "Roles": {
            "keeper": {
                "ResourceType": "Secrets",
                "ResourceNames": ["archive_token", "license", "mail_password", "sky_tls"],
                "Actions": ["ReadSecret", "WriteSecret"],
            },
            "reader": {
                "ResourceType": "Secrets",
                "ResourceNames": ["dome_ca", "session_key"],
                "Actions": ["ReadSecret"],
            },
            "wrapper": {
                "ResourceType": "Secrets",
                "ResourceNames": ["wrap_key", "log_hmac"],
                "Actions": ["ReadSecret", "WriteSecret"],
            },
            "raiser": {
                "ResourceType": "Packages",
                "ResourceNames": ["dome"],
                "Actions": ["UpdateSecurityVersion"],
            },
            "editor": {"ResourceType": "Manifest", "Actions": ["UpdateManifest"]},
        },
    }


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


@cache
def seen() -> Observation:
    day = dt.timedelta(days=1)
    lines = [format_line(NOW - 40 * day, "initial manifest set")]
    for days, user, name, kind in (
        (33, "mira", "license", "plain"),
        (28, "ivo", "wrap_key", "symmetric-key"),
        (14, "ivo", "log_hmac", "symmetric-key"),
        (4, "mira", "sky_tls", "cert-ecdsa"),
    ):
        lines.append(format_line(NOW - days * day, "secret set", user=user, secret=name, type=kind))
    raw = json.dumps(manifest(), indent=2).encode()
    text = "".join(lines)
    served = ServedManifest(raw, hashlib.sha256(raw).hexdigest(), b"")
    content = decode_manifest(raw).manifest
    return Observation(
        NOW, Status(CoordinatorState.RUNNING, ""), None, served, content, text, parse_log(text)
    )


@cache
def sky(
    names: tuple[str, ...] = ("sky.observatory.example", "mirror.observatory.example"),
) -> tuple[bytes, bytes]:
    """A certificate and its key, DER and PKCS#8."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    ends = NOW + dt.timedelta(days=300)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 5, NOW - dt.timedelta(days=4), ends)
    san = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    certificate = builder.add_extension(san, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.DER), private


def _as_pem(der: bytes, private: bytes) -> str:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode() + pem(
        "PRIVATE KEY", private
    )


class FakeClient:
    """Answers with invented values; writing ends in `refusal` if there is one."""

    witness = NOBODY

    def __init__(self, refusal: Refused | None = None) -> None:
        self._refusal = refusal

    def read_secrets(self, names: Sequence[SecretName]) -> dict[SecretName, Secret]:
        return {name: _value(name) for name in names}

    def write_secrets(self, values: dict[SecretName, UserSecret]) -> None:
        del values
        if self._refusal is not None:
            raise self._refusal


def _value(name: SecretName) -> Secret:
    if name == "sky_tls":
        der, private = sky()
        return Secret(
            name, SecretType.CERT_ECDSA, 256, user_defined=True, cert=der, private=private, public=b"p"
        )
    if name == "license":
        return Secret(name, SecretType.PLAIN, user_defined=True, private=_LICENSE, public=_LICENSE)
    key = hashlib.sha256(name.encode()).digest()[:16]
    return Secret(name, SecretType.SYMMETRIC_KEY, 128, shared=True, private=key, public=key)


def client(refusal: Refused | None = None) -> CoordinatorClient:
    return cast("CoordinatorClient", FakeClient(refusal))


class Nowhere:
    """The rest of the console."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_more: None


def wallet(session: SessionState) -> WalletState:
    content = seen().manifest
    known = Known.of(content) if content is not None else Known()
    return WalletState(session.profile, saved(), saved()[0], session.acting, known)


class Scenes:
    """All of them; `session` is one in which somebody acts."""

    def __init__(self, in_window: InWindow, session: Callable[[], SessionState]) -> None:
        self._in_window = in_window
        self._session = session

    def all(self) -> dict[str, Callable[[], QWidget]]:
        return {
            "secrets": lambda: self.page("sky_tls", read=True),
            "secrets-list": lambda: self.page(""),
            "secrets-revealed": lambda: self.page("license", reveal=True),
            "secrets-refused": lambda: self.page("wrap_key"),
            "secrets-nobody": lambda: self.page("", nobody=True),
            "set-certificate": self.set_certificate,
            "set-key": lambda: self.set_plain("log_hmac", Way.PASTE, b"7c" * 20),
            "set-generated": lambda: self.set_plain("wrap_key", Way.GENERATE),
            "set-text": lambda: self.set_plain("mail_password", Way.TEXT, b"correct horse battery staple"),
            "set-secret-refused": lambda: self.set_plain(
                "license", Way.TEXT, b"a value with reasons", sent=True
            ),
            "set-result": lambda: self.set_plain("license", Way.TEXT, _LICENSE, sent=True, refused=False),
            "secret-compare": self.compare,
            "secrets-batch": self.batch,
            "secrets-export": self.export,
            "access": lambda: self.access(Tab.MATRIX),
            "access-users": lambda: self.access(Tab.USERS),
            "access-roles": lambda: self.access(Tab.ROLES),
            "access-questions": lambda: self.access(Tab.QUESTIONS),
        }

    def _seen(self, *, nobody: bool = False) -> SessionState:
        session = replace(self._session(), watch=WatchState(seen()))
        return replace(session, acting=None) if nobody else session

    def _presenter(self, session: SessionState) -> SecretsPresenter:
        presenter = SecretsPresenter(
            Nowhere(), InlineRunner(), client=client, clipboard=lambda _: None, now=lambda: NOW
        )
        presenter.set_session(session)
        presenter.set_wallet(wallet(session))
        return presenter

    def page(self, name: str, *, reveal: bool = False, read: bool = False, nobody: bool = False) -> QWidget:
        session = self._seen(nobody=nobody)
        presenter = self._presenter(session)
        page = SecretsPage(presenter)
        window = self._in_window(Place.SECRETS, page, session)
        presenter.choose(name)
        if read:
            presenter.read_facts()
        if reveal:
            presenter.reveal()
        return window

    def _setting(self, name: str, refusal: Refused | None = None) -> SetPresenter:
        presenter = self._presenter(self._seen())
        presenter.choose(name)
        item, listing = presenter.item, presenter.listing
        assert item is not None  # noqa: S101  scenes are no product
        assert listing is not None  # noqa: S101
        return SetPresenter(
            item,
            listing.manifest,
            Means(
                InlineRunner(),
                client=lambda: client(refusal),
                acting="mira",
                lane="scene",
                done=lambda: None,
                now=lambda: NOW,
            ),
        )

    def set_plain(
        self, name: str, way: Way, text: bytes = b"", *, sent: bool = False, refused: bool = True
    ) -> QWidget:
        refusal = Refused(
            "The coordinator refused the request. Nothing changed.",
            status=400,
            server_text="running manifest template dry run: in Marble shutter: env variable: LICENSE: content contains null bytes",
        )
        presenter = self._setting(name, refusal if refused else None)
        dialog = SetDialog(presenter, BAND)
        presenter.choose_way(way)
        if text:
            dialog.fill(text.decode())
        presenter.give(Given(way, SecretBytes(text) if text else None))
        if sent:
            presenter.tick(ticked=True)
            presenter.send()
        return dialog

    def set_certificate(self) -> QWidget:
        presenter = self._setting("sky_tls")
        dialog = SetDialog(presenter, BAND)
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder) / "sky-2032.crt", Path(folder) / "sky-2032.key"
            der, private = sky(("sky.observatory.example",))
            certificate.write_bytes(der)
            key.write_bytes(private)
            dialog.choose_file("file", certificate)
            dialog.choose_file("key", key)
        return dialog

    def _listing(self) -> Listing:
        listing = self._presenter(self._seen()).listing
        assert listing is not None  # noqa: S101
        return listing

    def batch(self) -> QWidget:
        der, private = sky()
        entries = {
            "archive_token": {"Text": "a token"},
            "mail_password": {"Generate": True},
            "license": "OBSERVATORY-2032",
            "sky_tls": {"Pem": _as_pem(der, private)},
            "log_hmac": "00" * 32,
            "session_key": "00" * 16,
            "sky_key": "a misspelt name",
        }
        presenter = BatchPresenter(
            self._listing(),
            Means(
                InlineRunner(), client=client, acting="mira", lane="scene", done=lambda: None, now=lambda: NOW
            ),
        )
        dialog = BatchDialog(presenter, BAND)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "observatory-secrets.json"
            path.write_text(json.dumps(entries))
            presenter.load(path)
        return dialog

    def export(self) -> QWidget:
        presenter = ExportPresenter(
            self._listing(),
            Means(InlineRunner(), client=client, acting="mira", lane="scene", now=lambda: NOW),
        )
        presenter.choose("license", chosen=True)
        presenter.choose("sky_tls", chosen=True)
        return ExportDialog(presenter, BAND)

    def access(self, tab: Tab) -> QWidget:
        session = self._seen()
        presenter = AccessPresenter(Nowhere(), InlineRunner(), now=lambda: NOW)
        presenter.set_session(session)
        presenter.choose_tab(tab)
        presenter.choose_user("mira")
        presenter.ask("write", "sky_tls")
        return self._in_window(Place.ACCESS, AccessPage(presenter), session)

    def compare(self) -> QWidget:
        presenter = self._presenter(self._seen())
        presenter.choose("session_key")
        item, listing = presenter.item, presenter.listing
        assert item is not None  # noqa: S101
        assert listing is not None  # noqa: S101
        comparing = ComparePresenter(
            item, listing, Means(InlineRunner(), client=client, acting="mira", now=lambda: NOW)
        )
        dialog = CompareDialog(comparing, BAND)
        comparing.with_secret("license")
        return dialog
