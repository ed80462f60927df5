"""The page of secrets: what the list says without a value, and how long a value is held once it is wanted."""

import base64
import datetime as dt
import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from marble_client.errors import (
    ConnectionLost,
    OutcomeUnknown,
    Refused,
    TimedOut,
    Unauthorized,
    UnexpectedAnswer,
)
from marble_console.coordinators.watch import WatchState
from marble_console.guardedclipboard import GuardedClipboard
from marble_console.pages.secrets.base import Means
from marble_console.pages.secrets.comparing import ComparePresenter
from marble_console.pages.secrets.listing import Basis, Filter, Status, listing
from marble_console.pages.secrets.making import Given, Way
from marble_console.pages.secrets.page import SecretsPage
from marble_console.pages.secrets.presenter import SecretsPresenter
from marble_console.pages.secrets.reading import Value, read_allowed
from marble_console.pages.secrets.setdialog import SetDialog
from marble_console.pages.secrets.setting import SetPresenter
from marble_console.pages.secrets.showing import Form
from marble_console.revealing import REVEAL_SECONDS
from marble_console.tasks import InlineRunner
from marble_core.manifest.model import SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret
from tests.fakes.accounts import Account
from tools import scenes, secret_scenes
from tools.identity_scenes import NOW, acting

LICENSE = "OBSERVATORY-2031-AB7F-99C2-WITH-A-LONG-TAIL"


class Client:
    """Answers as the scenes' coordinator; `failure` is raised instead, `refused` names refuse a whole request."""

    def __init__(self):
        self.failure = None
        self.refused = set()
        self.asked, self.written = [], []
        self.witness = Account()

    def read_secrets(self, names):
        self.asked.append(tuple(names))
        if self.failure:
            raise self.failure
        if self.refused & set(names):
            raise Refused(
                "No.",
                status=400,
                server_text=f"user mira is not allowed to read one or more secrets of: {names}",
            )
        return {name: secret_scenes._value(name) for name in names}

    def write_secrets(self, values):
        if self.failure:
            raise self.failure
        self.written.append(values)


class Elsewhere:
    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        return lambda *given: self.asked.append((name, *given))


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def session():
    return replace(scenes.seen(), watch=WatchState(secret_scenes.seen()))


@pytest.fixture
def copied():
    return []


@pytest.fixture
def presenter(client, clock, session, copied):
    presenter = SecretsPresenter(
        Elsewhere(),
        InlineRunner(),
        client=lambda: client,
        clipboard=lambda text: copied.append(text.reveal().decode()),
        now=lambda: clock[0],
    )
    presenter.set_session(session)
    presenter.set_wallet(secret_scenes.wallet(session))
    return presenter


# The list


def test_the_list_asks_for_no_value(presenter, client):
    assert [row.key for row in presenter.state.rows] == sorted(secret_scenes.manifest()["Secrets"])
    assert client.asked == []


def test_status_rights_and_who_set_it_come_from_manifest_and_log(presenter):
    items = {item.name: item for item in presenter.listing.items}
    assert {name: item.status for name, item in items.items() if item.status is not Status.SET} == {
        "archive_token": Status.NOT_SET,
        "mail_password": Status.NOT_SET,
        "dome_ca": Status.GENERATED,
        "session_key": Status.GENERATED,
        "plate_key": Status.PER_MARBLE,
    }
    assert (items["license"].may_read, items["license"].may_write, items["license"].set_by) == (
        True,
        True,
        "mira",
    )
    assert (items["wrap_key"].may_read, items["wrap_key"].may_write) == (False, False)
    assert (items["dome_ca"].may_read, items["dome_ca"].may_write) == (True, False)


@pytest.mark.parametrize(
    ("which", "text", "names"),
    [
        (Filter.NOT_SET, "", ["archive_token", "mail_password"]),
        (Filter.CERTIFICATES, "", ["dome_ca", "sky_tls"]),
        (Filter.READABLE, "KEY", ["session_key"]),
        (Filter.ALL, " sky ", ["sky_tls"]),
        (Filter.ALL, "nothing", []),
    ],
)
def test_filters_and_search_go_together(presenter, which, text, names):
    presenter.filter(which, text)
    assert [row.key for row in presenter.state.rows] == names


def test_what_cannot_be_read_or_set_says_why_and_who_could(presenter):
    why = {}
    for name in ("wrap_key", "plate_key", "dome_ca"):
        presenter.choose(name)
        why[name] = presenter.state.detail
    assert why["wrap_key"].why_not == "mira has no right ReadSecret on it. ivo could."
    assert "Nobody can read it" in why["plate_key"].why_not
    assert "The coordinator generates it" in why["dome_ca"].set_action.reason
    assert not why["wrap_key"].can_read


def test_without_an_identity_the_rows_stay_and_the_way_is_shown(presenter, session, clock):
    nobody = replace(session, acting=None)
    presenter.set_wallet(secret_scenes.wallet(nobody))
    assert len(presenter.state.rows) == 9
    assert "Choose an identity" in presenter.state.hint
    presenter.set_wallet(secret_scenes.wallet(replace(session, acting=acting(locked=True))))
    assert (presenter.state.hint, presenter.state.hint_action.key) == ("mira is locked.", "unlock")


def test_ten_thousand_secrets_are_listed_and_filtered_from_rows_made_once(session):
    content = secret_scenes.manifest()
    content["Secrets"] = {f"secret-{n:05}": {"Type": "plain", "UserDefined": True} for n in range(10_000)}
    from marble_core.manifest.decode import decode_manifest  # noqa: PLC0415

    seen = replace(secret_scenes.seen(), manifest=decode_manifest(json.dumps(content).encode()).manifest)
    found = listing(Basis.of(seen, secret_scenes.wallet(session)), NOW)
    assert len(found.shown(Filter.ALL, "")) == 10_000
    assert found.shown(Filter.ALL, "0999")[0] is found.rows["secret-00999"]


# One of them


def test_a_revealed_value_is_hidden_and_wiped_after_its_time(presenter, clock):
    presenter.choose("license")
    presenter.reveal()
    value = presenter._held.value
    assert presenter.state.detail.text == LICENSE
    clock[0] = NOW + dt.timedelta(seconds=REVEAL_SECONDS - 1)
    presenter.tick()
    assert (presenter.state.detail.seconds, presenter.state.detail.is_revealed) == (1, True)
    clock[0] = NOW + dt.timedelta(seconds=REVEAL_SECONDS)
    presenter.tick()
    assert (presenter.state.detail.text, presenter.state.detail.is_revealed) == ("", False)
    assert set(value.secret.reveal()) == {0}


def test_a_value_is_shown_as_long_as_is_chosen(presenter, clock):
    presenter.choose("license")
    presenter.reveal_seconds = 10
    presenter.reveal()
    presenter.reveal_seconds = 60  # of the next one
    clock[0] = NOW + dt.timedelta(seconds=9)
    presenter.tick()
    assert (presenter.state.detail.seconds, presenter.state.detail.of_seconds) == (1, 10)
    clock[0] = NOW + dt.timedelta(seconds=10)
    presenter.tick()
    assert not presenter.state.detail.is_revealed
    assert "60 s" in presenter.state.detail.remark


@pytest.mark.parametrize("end", ["hide", "purge", "other", "lock", "again"])
def test_what_else_ends_showing_a_value(presenter, session, end):
    presenter.choose("license")
    presenter.reveal()
    value = presenter._held.value
    {
        "hide": presenter.hide,
        "purge": presenter.purge,
        "other": lambda: presenter.choose("sky_tls"),
        "lock": lambda: presenter.set_wallet(
            secret_scenes.wallet(replace(session, acting=acting(locked=True)))
        ),
        "again": presenter.reveal,
    }[end]()
    assert presenter._held.value is None
    assert set(value.secret.reveal()) == {0}
    assert LICENSE not in repr(presenter.state)


def test_no_state_shows_a_value_in_its_repr(presenter):
    presenter.choose("license")
    presenter.reveal()
    assert LICENSE in presenter.state.detail.text
    assert LICENSE not in repr(presenter.state) + repr(presenter._held)


def test_copying_reveals_nothing_and_holds_nothing(presenter, copied):
    presenter.choose("license")
    presenter.copy()
    assert copied == [LICENSE]
    assert (presenter._held.value, presenter.state.detail.text) == (None, "")


def test_copying_what_is_revealed_keeps_it_revealed_in_the_chosen_form(presenter, copied, client):
    presenter.choose("license")
    presenter.reveal()
    presenter.choose_form(Form.HEX)
    presenter.copy()
    assert copied == [LICENSE.encode().hex()]
    assert presenter.state.detail.is_revealed
    assert len(client.asked) == 1


def test_forms_of_each_type(presenter):
    forms = {}
    for name in ("license", "session_key", "sky_tls"):
        presenter.choose(name)
        presenter.read_facts()
        forms[name] = presenter.state.detail.forms
    assert forms == {
        "license": (Form.TEXT, Form.HEX, Form.BASE64),
        "session_key": (Form.HEX, Form.BASE64),
        "sky_tls": (Form.PEM, Form.HEX, Form.BASE64),
    }


def test_a_certificate_is_told_in_facts_and_its_key_let_go(presenter):
    presenter.choose("sky_tls")
    presenter.read_facts()
    facts = {fact.key: fact.value for fact in presenter.state.detail.facts}
    assert facts["Names"] == "sky.observatory.example, mirror.observatory.example"
    assert facts["Key"] == "ECDSA P-256 · matches the certificate"
    assert facts["Chain"] == "self-signed"
    assert presenter._held.value is None


def test_certificate_and_key_are_saved_the_key_for_its_owner_only(presenter, tmp_path):
    presenter.choose("sky_tls")
    presenter.read_facts()
    der, private = secret_scenes.sky()
    for what in ("pem", "der", "key"):
        presenter.save(tmp_path / what, what)
    assert (tmp_path / "der").read_bytes() == der
    assert (tmp_path / "pem").read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
    assert base64.b64encode(private)[:40] in (tmp_path / "key").read_bytes().replace(b"\n", b"")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_fingerprint_of_a_short_plain_value_is_not_shown():
    short = Value.of(Secret("pin", SecretType.PLAIN, private=b"1234"))
    key = Value.of(Secret("key", SecretType.SYMMETRIC_KEY, private=b"1234"))
    assert (short.fingerprint, len(key.fingerprint)) == ("", 64)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Unauthorized("x", status=401, server_text="unauthorized user"), "It was that of mira"),
        (
            Refused("x", status=400, server_text="user mira is not allowed to read"),
            "lacks the right ReadSecret",
        ),
        (
            TimedOut("The coordinator did not answer in time.", hint="Test the connection."),
            "Test the connection",
        ),
        (ConnectionLost("The connection was closed.", hint="Try again."), "Try again"),
        (UnexpectedAnswer("The answer has another shape.", hint="Newer?"), "Newer?"),
    ],
)
def test_a_coordinator_that_refuses_or_fails_is_explained_beside_the_secret(presenter, client, failure, said):
    presenter.choose("license")
    client.failure = failure
    presenter.reveal()
    problem = presenter.state.detail.problem
    assert said in problem.why
    assert not presenter.state.detail.busy
    client.failure = None
    presenter.reveal()
    assert presenter.state.detail.problem is None


def test_one_refused_name_never_hides_the_others(client):
    names = [f"n{n:03}" for n in range(150)]
    client.refused = {"n007", "n120"}
    reading = read_allowed(client, names)
    assert set(reading.refused) == {"n007", "n120"}
    assert set(reading.values) == set(names) - {"n007", "n120"}
    assert len(client.asked) < 40


def test_two_values_are_compared_blind(presenter, client, tmp_path):
    presenter.choose("session_key")
    comparing = ComparePresenter(
        presenter.item,
        presenter.listing,
        Means(InlineRunner(), client=lambda: client, acting="mira", now=lambda: NOW),
    )
    comparing.with_secret("license")
    assert "differ" in comparing.state.verdict
    file = tmp_path / "key.hex"
    file.write_text(secret_scenes._value("session_key").private.hex())
    comparing.with_file(file)
    assert "have the same value" in comparing.state.verdict


# Setting


def setting(presenter, client, name, clock=None):
    presenter.choose(name)
    done = []
    setting = SetPresenter(
        presenter.item,
        presenter.listing.manifest,
        Means(
            InlineRunner(),
            client=lambda: client,
            acting="mira",
            lane="test",
            done=lambda: done.append(1),
            now=lambda: NOW,
        ),
    )
    setting.done_calls = done
    return setting


def text(value):
    return SecretBytes(value.encode())


@pytest.mark.parametrize(
    "given", ["00" * 32, "AA" * 31 + "AA\n", base64.b64encode(bytes(32)).decode(), " 0a:" * 32]
)
def test_a_key_of_the_exact_length_may_be_pasted_as_hex_or_base64(presenter, client, given):
    it = setting(presenter, client, "log_hmac")
    it.give(Given(Way.PASTE, text(given)))
    assert it.state.new
    assert it.state.made_length == "32 bytes"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("00" * 31, "248 bits, and 256 are needed"),
        ("zz zz!", "neither hex nor base64"),
        ("", "Paste the value."),
    ],
)
def test_other_keys_are_refused_while_they_are_typed(presenter, client, given, said):
    it = setting(presenter, client, "log_hmac")
    it.give(Given(Way.PASTE, text(given)))
    assert said in it.state.wrong + it.state.needs
    assert not it.state.can_send


def test_replacing_wants_a_tick_and_setting_does_not(presenter, client):
    replacing, first = setting(presenter, client, "license"), setting(presenter, client, "mail_password")
    for it in (replacing, first):
        it.give(Given(Way.TEXT, text("a new value that is long enough")))
    assert (replacing.state.can_send, first.state.can_send) == (False, True)
    assert (replacing.state.verb, first.state.verb) == ("Replace license", "Set mail_password")
    replacing.tick(True)
    replacing.send()
    assert client.written[0]["license"].key == b"a new value that is long enough"
    assert replacing.done_calls == [1]


def test_a_value_that_a_template_cannot_take_is_not_sent(presenter, client):
    it = setting(presenter, client, "license")
    it.give(Given(Way.TEXT, text("with a \0 null")))
    assert [remark.grade.value for remark in it.state.remarks] == ["error"]
    it.tick(True)
    assert not it.state.can_send


def test_what_was_judged_cannot_be_sent_once_it_is_changed(presenter, client):
    it = setting(presenter, client, "mail_password")
    it.give(Given(Way.TEXT, text("first")))
    it.changing()
    assert not it.state.can_send
    it.send()
    assert client.written == []


def test_a_certificate_that_loses_a_name_has_to_be_ticked(presenter, client, tmp_path):
    it = setting(presenter, client, "sky_tls")
    it.attach(Elsewhere())
    der, private = secret_scenes.sky(("sky.observatory.example",))
    (tmp_path / "c").write_bytes(der)
    (tmp_path / "k").write_bytes(private)
    it.give(Given(Way.PEM, file=tmp_path / "c", key_file=tmp_path / "k"))
    assert any("mirror.observatory.example is missing" in remark.sentence for remark in it.state.remarks)
    assert (it.state.tick, it.state.can_send) == ("I checked the warnings", False)
    assert it.state.current != it.state.new


def test_a_key_of_another_certificate_is_refused(presenter, client, tmp_path):
    it = setting(presenter, client, "sky_tls")
    (tmp_path / "c").write_bytes(secret_scenes.sky()[0])
    (tmp_path / "k").write_bytes(secret_scenes.sky(("other.example",))[1])
    it.give(Given(Way.PEM, file=tmp_path / "c", key_file=tmp_path / "k"))
    assert "does not belong" in it.state.wrong


def test_generated_values_differ_and_fit(presenter, client):
    it = setting(presenter, client, "log_hmac")
    seen = set()
    for _ in range(3):
        it.give(Given(Way.GENERATE))
        seen.add(it.state.new)
        assert it.state.made_length == "32 bytes"
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Unauthorized("x", status=401, server_text="unauthorized user"), "It was that of mira"),
        (
            Refused("x", status=400, server_text="running manifest template dry run: in Marble shutter: ..."),
            "A template of a marble cannot take this value",
        ),
        (ConnectionLost("Closed.", hint="Test the connection."), "Test the connection"),
    ],
)
def test_a_refusal_is_explained_and_what_was_entered_stays(theme, qtbot, presenter, client, failure, said):
    it = setting(presenter, client, "mail_password")
    dialog = SetDialog(it, None)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.fill("a value")
    client.failure = failure
    dialog._send.click()
    assert said in it.state.problem.why
    assert dialog.isVisible()
    assert it.state.can_send
    client.failure = None
    dialog._send.click()
    assert client.written[0]["mail_password"].key == b"a value"
    assert dialog._text.secret() is None


def test_after_setting_the_value_is_verified_and_the_marbles_to_restart_are_named(presenter, client):
    it = setting(presenter, client, "license")
    for value, grade in ((LICENSE, "passed"), ("something else than what is read back", "warning")):
        it.give(Given(Way.TEXT, text(value)))
        it.tick(ticked=True)
        it.send()
        assert [remark.grade.value for remark in it.state.result] == [grade, "warning"]
        assert it.state.restart == ("shutter",)
        it.state = replace(it.state, result=(), restart=())


def test_rotating_generates_a_value_at_once(theme, qtbot, presenter, client):
    presenter.choose("log_hmac")
    assert not presenter.state.detail.can_rotate  # no right
    presenter.choose("license")
    assert presenter.state.detail.can_rotate
    it = setting(presenter, client, "license")
    dialog = SetDialog(it, None)
    qtbot.addWidget(dialog)
    dialog.generate()
    assert (it.state.way, bool(it.state.new)) == (Way.GENERATE, True)
    dialog.reject()


def test_a_lost_answer_is_settled_by_reading_the_secret_back(presenter, client):
    it = setting(presenter, client, "license")
    it.give(Given(Way.TEXT, text(LICENSE)))
    it.tick(True)
    client.failure = OutcomeUnknown("Outcome unknown.", hint="Ask.")
    it.send()
    assert it.state.can_check
    client.failure = None
    it.check()
    assert it.done_calls == [1]


def test_the_dialog_lets_go_of_everything_when_it_is_left(theme, qtbot, presenter, client):
    it = setting(presenter, client, "mail_password")
    dialog = SetDialog(it, None)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.fill("a value that goes")
    made = it._made
    dialog.reject()
    assert set(made.secret.reveal()) == {0}
    assert dialog._text.secret() is None
    assert not it._given.text or set(it._given.text.reveal()) == {0}


def test_lines_can_be_pasted_into_a_hidden_entry_and_stay_lines(theme, qtbot, presenter, client):
    dialog = SetDialog(setting(presenter, client, "mail_password"), None)
    qtbot.addWidget(dialog)
    dialog.show()
    entry = dialog._text
    QGuiApplication.clipboard().setText("one\ntwo")
    entry._line.paste()
    assert entry.secret().reveal() == b"one\ntwo"
    entry._eye.click()
    assert entry._lines.toPlainText() == "one\ntwo"
    entry._eye.click()
    assert entry.secret().reveal() == b"one\ntwo"
    assert entry._line.echoMode() is QLineEdit.EchoMode.Password
    QGuiApplication.clipboard().clear()


# The page


def test_the_page_shows_dots_and_the_value_only_while_it_is_revealed(theme, qtbot, presenter):
    page = SecretsPage(presenter)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    presenter.choose("license")
    value = page._detail._value
    assert not value.is_revealed
    page._detail._reveal.click()
    assert value.text() == LICENSE
    page.changeEvent(QEvent(QEvent.Type.ActivationChange))
    assert value.text() == LICENSE or not page.isActiveWindow()
    page.deactivated()
    assert (value.is_revealed, value.text()) == (False, "")
    assert not page._detail._second.isActive()


# The clipboard


def test_the_clipboard_is_cleared_after_its_time_if_it_still_holds_our_value(qapp):
    guarded = GuardedClipboard(seconds=3)
    guarded.put(SecretBytes(b"for a while"))
    clipboard = QGuiApplication.clipboard()
    assert clipboard.text() == "for a while"
    assert bytes(clipboard.mimeData().data("x-kde-passwordManagerHint")) == b"secret"
    for left in (2, 1, 0):
        guarded.tick()
        assert guarded.seconds_left == left
    assert clipboard.text() == ""


def test_what_somebody_else_copied_meanwhile_stays(qapp):
    guarded = GuardedClipboard(seconds=20)
    guarded.put(SecretBytes(b"for a while"))
    QGuiApplication.clipboard().setText("somebody's notes")
    guarded.clear()
    assert QGuiApplication.clipboard().text() == "somebody's notes"
    QGuiApplication.clipboard().clear()


def test_a_second_copy_begins_the_time_anew(qapp):
    guarded = GuardedClipboard(seconds=2)
    guarded.put(SecretBytes(b"one"))
    guarded.tick()
    guarded.put(SecretBytes(b"two"))
    assert guarded.seconds_left == 2
    guarded.clear()
    assert QGuiApplication.clipboard().text() == ""
