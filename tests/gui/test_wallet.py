"""Who acts: saved identities, unlocked for as long as they are wanted, matched with the users of the manifest."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from keyring.errors import PasswordDeleteError

from marble_client.address import Address
from marble_client.answers import CoordinatorState, Status
from marble_console.coordinators.identities import IdentityKind, IdentityStore
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.coordinators.watch import Observation, WatchState
from marble_console.pages.identities.dialog import AddDialog, IdentitiesDialog, PassphraseDialog
from marble_console.pages.identities.makedialog import MakeDialog
from marble_console.pages.identities.making import MakePresenter
from marble_console.pages.identities.presenter import AddPresenter, IdentitiesPresenter
from marble_console.passphrases import KeyringUnusable, SystemKeyring
from marble_console.session import Session
from marble_console.tasks import InlineRunner
from marble_console.wallet import Wallet
from marble_console.widgets.button import Button
from marble_core.keypair import PassphraseNeeded, PassphraseWrong
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import Action
from marble_core.secretbytes import SecretBytes
from tests.fakes.tls_client import make_identity

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
WORD = "open sesame"


class Client:
    offers_v2 = False

    def __init__(self, address, trust, identity=None):
        self.address, self.trust, self.identity = address, trust, identity
        self.closed = False

    def status(self):
        return Status(CoordinatorState.WAITING_FOR_MANIFEST, "")

    def quote(self):
        return None

    def close(self):
        self.closed = True


@pytest.fixture(scope="module")
def mia():
    return make_identity(
        "mia", begins=NOON - dt.timedelta(days=9), ends=NOON + dt.timedelta(days=19, hours=2)
    )


@pytest.fixture
def files(tmp_path, mia):
    """Where mia's certificate lies, and her key: in the clear, encrypted, and both as PKCS#12."""
    paths = {name: tmp_path / name for name in ("mia.crt", "mia.key", "sealed.key", "mia.p12")}
    paths["mia.crt"].write_bytes(mia.pem)
    for name, protection in (
        ("mia.key", NoEncryption()),
        ("sealed.key", BestAvailableEncryption(WORD.encode())),
    ):
        paths[name].write_bytes(mia.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    paths["mia.p12"].write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"mia", mia.key, mia.certificate, None, BestAvailableEncryption(WORD.encode())
        )
    )
    return paths


class Keyring:
    """What a desktop's keyring does, in memory; `failure` is raised instead. There is none where tests run."""

    def __init__(self):
        self.kept, self.failure = {}, None

    def _look(self):
        if self.failure is not None:
            raise self.failure

    def get_password(self, service, name):
        self._look()
        return self.kept.get((service, name))

    def set_password(self, service, name, password):
        self._look()
        self.kept[service, name] = password

    def delete_password(self, service, name):
        self._look()
        if self.kept.pop((service, name), None) is None:
            raise PasswordDeleteError("no such password")


class Parts:
    def __init__(self, store):
        self.clients = []
        self.kept = IdentityStore(store.database)
        self.session = Session(
            InlineRunner(), store, schedule=lambda _: None, clock=lambda: NOON, connect=self.connect
        )
        self.keyring = Keyring()
        self.wallet = Wallet(self.session, self.kept, InlineRunner(), SystemKeyring(self.keyring))

    def connect(self, *arguments, **_link):
        self.clients.append(Client(*arguments))
        return self.clients[-1]

    def add(self, certificate, key=None, word=None):
        outcome = []
        secret = SecretBytes(word.encode()) if word else None
        self.wallet.add(certificate, key, secret, then=outcome.append, failed=outcome.append)
        return outcome[0]

    def see(self, manifest):
        """A poll sees this manifest in force."""
        decoded = decode_manifest(json.dumps(manifest).encode()).manifest
        seen = Observation(NOON, Status(CoordinatorState.RUNNING, ""), manifest=decoded)
        self.session._set(replace(self.session.state, watch=WatchState(seen)))


@pytest.fixture
def store(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield store


@pytest.fixture
def orders(store):
    return store.add(Profile("orders", Kind.REMOTE, Address("orders.example"), NOON, root_der=b"root"))


@pytest.fixture
def parts(store, orders):
    parts = Parts(store)
    parts.session.open(orders)
    return parts


def test_without_identities_nobody_acts_and_the_client_is_the_one_that_watches(parts):
    assert parts.session.state.acting is None
    assert [client.identity for client in parts.clients] == [None]


def test_an_identity_that_is_added_acts_at_once_on_a_connection_of_its_own(parts, files, mia):
    saved = parts.add(files["mia.crt"], files["mia.key"])
    assert (saved.kind, saved.encrypted) == (IdentityKind.PEM, False)
    assert parts.session.client.identity.der == mia.der
    assert [client.identity is None for client in parts.clients] == [True, False]
    assert not parts.clients[0].closed
    assert parts.session.state.acting.words == "acting as mia"


def test_only_places_and_the_public_certificate_are_kept(parts, files, mia, store):
    parts.add(files["mia.crt"], files["sealed.key"], WORD)
    parts.add(files["mia.p12"], None, WORD)
    kept = b"".join(path.read_bytes() for path in store.path.parent.glob("console.sqlite3*"))
    assert WORD.encode() not in kept
    assert b"PRIVATE KEY" not in kept
    assert mia.key.private_numbers().private_value.to_bytes(32, "big") not in kept
    assert [each.kind for each in parts.kept.of(parts.wallet.state.profile.id)] == [IdentityKind.PKCS12]


@pytest.mark.parametrize(("key", "word"), [("mia.key", None), ("sealed.key", WORD)])
def test_after_a_restart_the_one_that_acted_acts_again_or_waits_for_its_passphrase(
    store, orders, parts, files, key, word
):
    parts.add(files["mia.crt"], files[key], word)
    parts.session.leave()
    again = Parts(store)
    again.session.open(orders)
    assert again.session.state.acting.is_locked == bool(word)
    assert again.wallet.state.wants_passphrase == bool(word)
    if word:
        again.wallet.unlock(SecretBytes(word.encode()))
    assert again.session.client.identity is not None


def test_a_wrong_passphrase_is_told_and_the_right_one_is_wiped_after_use(parts, files):
    parts.add(files["mia.crt"], files["sealed.key"], WORD)
    parts.wallet.lock()
    assert parts.session.client.identity is None
    told, right = [], SecretBytes(WORD.encode())
    parts.wallet.unlock(SecretBytes(b"guess"), failed=told.append)
    assert isinstance(told[0], PassphraseWrong)
    assert parts.session.state.acting.is_locked
    parts.wallet.unlock(right)
    assert right.reveal() == bytes(len(WORD))
    assert not parts.session.state.acting.is_locked


def test_locking_and_leaving_make_the_key_useless(parts, files):
    parts.add(files["mia.crt"], files["mia.key"])
    for let_go in (parts.wallet.lock, parts.session.leave):
        identity = parts.session.client.identity
        let_go()
        assert set(identity._passphrase.reveal()) == {0}
        parts.wallet.unlock(None)


def test_acting_as_nobody_again_is_kept_too(parts, files):
    saved = parts.add(files["mia.crt"], files["mia.key"])
    parts.wallet.choose(None)
    assert (parts.session.state.acting, parts.session.client.identity) == (None, None)
    assert [each.acts for each in parts.kept.of(saved.connection)] == [False]
    parts.wallet.choose(saved.id)
    assert parts.session.state.acting.name == "mia"


def test_a_forgotten_identity_acts_no_more_and_its_files_stay(parts, files):
    saved = parts.add(files["mia.crt"], files["mia.key"])
    parts.wallet.remove(saved.id)
    assert (parts.wallet.state.saved, parts.session.state.acting) == ((), None)
    assert files["mia.key"].exists()


def test_the_user_of_the_manifest_is_found_by_the_fingerprint(parts, files, mia):
    parts.add(files["mia.crt"], files["mia.key"])
    parts.see({
        "Users": {"ops-mia": {"Certificate": mia.pem.decode(), "Roles": ["r"]}},
        "Roles": {"r": {"ResourceType": "Secrets", "ResourceNames": ["a"], "Actions": ["readsecret"]}},
    })  # fmt: skip
    assert parts.session.state.acting.words == "acting as ops-mia"
    assert parts.wallet.state.permissions == {Action.READ_SECRET: {"a"}}
    parts.wallet.lock()
    assert parts.wallet.state.permissions == {}


def test_a_certificate_that_ends_within_30_days_is_warned_of_and_used_all_the_same(parts, files):
    parts.add(files["mia.crt"], files["mia.key"])
    acting = parts.session.state.acting
    assert acting.is_ending(NOON)
    assert "expires in 19 days" in acting.explain(NOON)
    assert not acting.is_ending(NOON - dt.timedelta(days=20))
    assert "expired" in acting.explain(NOON + dt.timedelta(days=20))


def test_a_file_that_is_gone_or_holds_another_certificate_is_named(parts, files):
    parts.add(files["mia.crt"], files["mia.key"])
    parts.wallet.lock()
    other = make_identity("eve")
    files["mia.crt"].write_bytes(other.pem)
    files["mia.key"].write_bytes(other.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    parts.wallet.unlock(None)
    assert "another certificate" in parts.wallet.state.problem.sentence
    files["mia.key"].unlink()
    parts.wallet.unlock(None)
    assert "mia.key cannot be read" in parts.wallet.state.problem.sentence


# The dialogs


def test_adding_asks_for_what_the_files_need(theme, qtbot, parts, files):
    presenter = AddPresenter(parts.wallet, InlineRunner())
    dialog = AddDialog(presenter, None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog._save.isEnabled()
    presenter.choose_certificate(files["mia.crt"])
    assert "private key" in presenter.state.gate.text
    presenter.choose_key(files["sealed.key"])
    assert presenter.state.wants_passphrase
    dialog._passphrase.setText("guess")
    dialog._save.click()
    assert "does not open" in presenter.state.wrong["passphrase"]
    assert dialog._passphrase.text() == ""
    dialog._passphrase.setText(WORD)
    dialog._save.click()
    assert not dialog.isVisible()
    assert parts.session.state.acting.name == "mia"


def test_a_passphrase_is_asked_for_until_it_fits(theme, qtbot, parts, files):
    parts.add(files["mia.p12"], None, WORD)
    parts.wallet.lock()
    dialog = PassphraseDialog(parts.wallet, None)
    qtbot.addWidget(dialog)
    dialog.show()
    for word, shown in (("guess", True), (WORD, False)):
        dialog._passphrase.setText(word)
        dialog._unlock.click()
        assert dialog.isVisible() == shown
    assert dialog._passphrase.text() == ""


def test_the_list_tells_who_acts_and_lets_another_act(theme, qtbot, parts, files):
    parts.add(files["mia.crt"], files["mia.key"])
    asked = []
    presenter = IdentitiesPresenter(parts.wallet, unlock=lambda: asked.append(1), now=lambda: NOON)
    dialog = IdentitiesDialog(presenter, None, add=lambda _: None, new=lambda _: None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert presenter.state.rows[0].cells[4].chip.text == "acting"
    presenter.act()
    assert presenter.state.act.text == "Act as mia"
    presenter.act()
    assert parts.session.state.acting.name == "mia"
    dialog.reject()
    listeners = len(parts.wallet._listeners)
    assert listeners == 0


# Making a certificate


@pytest.fixture
def making(parts):
    return MakePresenter(parts.wallet, InlineRunner(), now=lambda: NOON)


def filled_in(making, folder):
    making.change("name", name="ops/mia")
    making.change("folder", folder=folder)
    making.change("again", passphrase_length=len(WORD), passphrases_agree=True)


def test_a_new_certificate_is_saved_encrypted_for_its_owner_only_and_acts(parts, making, tmp_path):
    filled_in(making, tmp_path)
    secret = SecretBytes(WORD.encode())
    making.make(secret)
    made = making.state.made
    assert (made.certificate_file.name, made.key_file.name) == ("ops-mia.crt", "ops-mia.key")
    assert made.key_file.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in made.key_file.read_bytes()
    assert '"ops/mia": {' in made.entry
    assert parts.session.state.acting.fingerprint == made.fingerprint
    assert set(secret.reveal()) == {0}


def test_files_that_are_there_are_not_overwritten_and_nothing_is_left_half_done(making, tmp_path):
    (tmp_path / "ops-mia.crt").write_text("mine")
    filled_in(making, tmp_path)
    making.make(SecretBytes(WORD.encode()))
    assert "is there already" in making.state.problem
    assert making.state.made is None
    assert (tmp_path / "ops-mia.crt").read_text() == "mine"
    assert not (tmp_path / "ops-mia.key").exists()


def test_what_is_missing_is_said_one_after_the_other(making, tmp_path):
    said = [making.state.gate.text]
    making.change("name", name="mia")
    said.append(making.state.gate.text)
    making.change("folder", folder=tmp_path)
    said.append(making.state.gate.text)
    making.change("passphrase", passphrase_length=9)
    said.append(making.state.gate.text)
    making.change("encrypted", encrypted=False)
    assert [text.split()[-1] for text in said] == ["name.", "files.", "characters.", "twice."]
    assert making.state.gate.is_open


def test_the_dialog_makes_one_from_what_is_typed(theme, qtbot, parts, making, tmp_path):
    dialog = MakeDialog(making, None)
    qtbot.addWidget(dialog)
    dialog.show()
    making.change("folder", folder=tmp_path)
    qtbot.keyClicks(dialog._name, "mia")
    for line in (dialog._passphrase, dialog._again):
        qtbot.keyClicks(line, WORD)
    dialog._make.click()
    assert '"mia": {' in dialog._result._text.toPlainText()
    assert (dialog._passphrase.text(), dialog._again.text()) == ("", "")
    assert parts.session.state.acting.name == "mia"


# The keyring


@pytest.fixture
def sealed(parts, files):
    """An identity whose key is encrypted, locked."""
    parts.add(files["mia.crt"], files["sealed.key"], WORD)
    parts.wallet.lock()
    return parts


def test_nothing_comes_into_the_keyring_unless_it_is_wanted(sealed):
    sealed.wallet.unlock(SecretBytes(WORD.encode()))
    assert sealed.keyring.kept == {}
    assert not sealed.wallet.state.chosen.in_keyring


def test_a_kept_passphrase_unlocks_until_it_is_forgotten(sealed, store, orders, mia):
    sealed.wallet.unlock(SecretBytes(WORD.encode()), keep=True)
    name = sealed.wallet.state.chosen.fingerprint
    assert sealed.keyring.kept == {("marble-console", name): WORD}
    assert WORD.encode() not in b"".join(
        each.read_bytes() for each in store.path.parent.glob("console.sqlite3*")
    )
    sealed.wallet.lock()
    assert sealed.session.state.acting.is_locked
    sealed.wallet.unlock(None)
    assert sealed.session.client.identity.der == mia.der

    later = Parts(store)
    later.keyring.kept = sealed.keyring.kept
    later.session.open(orders)
    assert not later.session.state.acting.is_locked
    later.wallet.forget_passphrase(later.wallet.state.chosen, failed=pytest.fail)
    assert (later.keyring.kept, later.wallet.state.chosen.in_keyring) == ({}, False)
    later.wallet.lock()
    assert later.wallet.state.wants_passphrase


def test_a_passphrase_that_fits_no_more_is_asked_for(sealed):
    sealed.wallet.unlock(SecretBytes(WORD.encode()), keep=True)
    sealed.wallet.lock()
    for name in sealed.keyring.kept:
        sealed.keyring.kept[name] = "another"
    said = []
    sealed.wallet.unlock(None, failed=said.append)
    assert isinstance(said[0], PassphraseWrong)
    sealed.keyring.kept.clear()
    sealed.wallet.unlock(None, failed=said.append)
    assert isinstance(said[1], PassphraseNeeded)


def test_a_keyring_that_fails_keeps_nothing_says_so_and_the_key_is_unlocked(sealed):
    sealed.keyring.failure = RuntimeError(f"the word {WORD} was refused")
    sealed.wallet.unlock(SecretBytes(WORD.encode()), keep=True)
    assert not sealed.session.state.acting.is_locked
    assert isinstance(sealed.wallet.state.problem, KeyringUnusable)
    assert WORD not in f"{sealed.wallet.state.problem}{sealed.wallet.state.problem.hint}"
    assert not sealed.wallet.state.chosen.in_keyring


def test_unlocking_without_the_wish_takes_it_out_again(sealed):
    sealed.wallet.unlock(SecretBytes(WORD.encode()), keep=True)
    sealed.wallet.lock()
    sealed.wallet.unlock(SecretBytes(WORD.encode()))
    assert (sealed.keyring.kept, sealed.wallet.state.chosen.in_keyring) == ({}, False)


def test_an_identity_that_is_forgotten_takes_its_passphrase_along(sealed):
    sealed.wallet.unlock(SecretBytes(WORD.encode()), keep=True)
    sealed.wallet.remove(sealed.wallet.state.chosen.id)
    assert sealed.keyring.kept == {}


def test_without_a_keyring_on_the_desktop_that_is_what_is_said(monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(KeyringUnusable) as told:
        SystemKeyring().get("3b" * 32)
    assert told.value.hint


def test_the_dialogs_offer_to_keep_and_to_forget(theme, qtbot, sealed):
    dialog = PassphraseDialog(sealed.wallet, None)
    qtbot.addWidget(dialog)
    assert not dialog._keep.isChecked()
    dialog._passphrase.setText(WORD)
    dialog._keep.click()
    dialog._unlock.click()
    assert sealed.wallet.state.chosen.in_keyring

    presenter = IdentitiesPresenter(sealed.wallet, unlock=lambda: None, now=lambda: NOON)
    listed = IdentitiesDialog(presenter, None, add=None, new=None)
    qtbot.addWidget(listed)
    listed.show()
    assert ("Passphrase", "in the keyring of the system") in [(f.key, f.value) for f in presenter.state.facts]
    listed._forget_passphrase.click()
    assert sealed.keyring.kept == {}
    assert not listed._forget_passphrase.isVisible()
    listed.close()


def test_a_key_on_a_token_is_told_to_be_no_identity_and_what_it_is_for(theme, parts, qtbot, monkeypatch):
    told = []
    monkeypatch.setattr(
        "marble_console.pages.identities.dialog.tell", lambda _, *words, title: told.append((title, *words))
    )
    presenter = IdentitiesPresenter(parts.wallet, unlock=lambda: None, now=lambda: NOON)
    dialog = IdentitiesDialog(presenter, None, add=None, new=None)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.findChild(Button, "identities:token").click()
    ((title, sentence, hint),) = told
    assert (title, sentence) == ("Token (PKCS #11)", "A key on a token cannot be an identity.")
    assert "decrypts recovery secrets and signs them" in hint
    dialog.reject()
