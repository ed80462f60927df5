"""A coordinator that answers what it likes: the window stays up, stays quick, and shows its texts as text."""

import datetime as dt
import json
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from marble_console.composition.settings import LAST_CONNECTION
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from tests.fakes.manifests import observatory
from tests.fakes.tls_server import Script, error, http, make_identity, running, served_manifest, success

pytestmark = pytest.mark.slow
MARKUP = '<h1>Verified</h1><img src="file:///etc/hostname"><a href="https://elsewhere.example">here</a>'
STATE_2 = {"StatusCode": 2, "StatusMessage": "waiting"}
STATE_3 = {"StatusCode": 3, "StatusMessage": "running"}


@pytest.fixture
def root():
    return make_identity()


@pytest.fixture
def script(root):
    """Honest answers of a coordinator in state 3, for a test to bend."""
    raw = json.dumps(observatory(), indent=2).encode()
    line = json.dumps({"time": "2031-05-06T14:03:22Z", "update": "initial manifest set"})
    return Script(
        {
            "GET /status": success(STATE_3),
            "GET /quote": success({"Cert": root.pem + root.pem, "Quote": None}),
            "GET /manifest": success(served_manifest(root, raw)),
            "GET /update": success(line + "\n"),
        }
    )


@pytest.fixture
def hostile(console, home, root, script, tmp_path):
    """The window on a connection to the scripted coordinator."""
    with running(root.write(tmp_path), script) as server:
        now = dt.datetime.now(dt.UTC)
        with ProfileStore(profiles_file()) as store:
            profile = store.add(Profile("hill", Kind.REMOTE, server.address, now, root_der=root.der))
            store.set_setting(LAST_CONNECTION, str(profile.id).encode())
        with console() as person:
            yield person


def deep(levels):
    return b'{"status":"success","data":' + b"[" * levels + b"]" * levels + b"}"


def cut_off(talk):
    """Fewer bytes than were announced, and then the end of the connection."""
    talk.send(http(200, b'{"status":"succ')[:-6])


SHAPES = {
    "nothing": http(200, b""),
    "null": success(None),
    "list": success([]),
    "text": success("<b>bold</b>"),
    "html": http(200, b"<!DOCTYPE html><h1>Router</h1>", "Content-Type: text/html"),
    "deep": http(200, deep(100_000)),
    "wrong types": success(
        {"StatusCode": True, "StatusMessage": {"a": 1}, "Cert": 5, "Manifest": [], "Quote": {}}
    ),
    "huge number": http(200, b'{"status":"success","data":{"StatusCode":1e999}}'),
    "long number": http(200, b'{"status":"success","data":{"StatusCode":' + b"9" * 100_000 + b"}}"),
    "not UTF-8": http(200, b'{"status":"success","data":{"StatusCode":3,"StatusMessage":"\xff\xfe"}}'),
    "two documents": http(500, b'{"status":"error","data":null,"message":"x"}{"status":"success"}'),
    "elsewhere": http(302, b"", "Location: https://elsewhere.example/"),
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "cut off": cut_off,
    "refusal": error(500, MARKUP),
    "unknown state": success({"StatusCode": 99, "StatusMessage": MARKUP}),
}


@pytest.mark.parametrize("path", ["status", "quote", "manifest", "update"])
def test_no_answer_of_a_wrong_shape_brings_the_window_down(hostile, script, path):
    person = hostile
    person.until_shown("State 3 · Running")
    honest = dict(script.answers)
    for name, answer in SHAPES.items():
        script.answers = {**honest, f"GET /{path}": answer}
        script.requests.clear()
        person.refresh()
        assert f"GET /{path}" in script.asked()
        assert all(banner.key != "defect" for banner in person.shell.state.banners), name
        script.answers = honest
        person.refresh()
        person.until_shown("State 3 · Running", "Refreshed")


def test_markup_is_shown_as_text(hostile, script, root):
    person = hostile
    content = observatory()
    content["Packages"][MARKUP] = content["Packages"]["camera"]
    raw = json.dumps(content, indent=2).encode()
    line = {"time": "2031-05-06T14:03:22Z", "update": MARKUP, "user": MARKUP, "package": MARKUP}
    script.answers |= {
        "GET /status": success({"StatusCode": 3, "StatusMessage": MARKUP}),
        "GET /manifest": success(served_manifest(root, raw)),
        "GET /update": success(json.dumps(line) + "\n" + MARKUP + "\n"),
    }
    person.until_shown("State 3 · Running")
    person.press("F5")
    person.until_shown(MARKUP)
    for label in person.shell.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or "<" not in label.text()


def test_huge_answers_do_not_hold_up_the_window(hostile, script, root, turns):
    person = hostile
    person.until_shown("State 3 · Running")
    content = observatory()
    plate = content["Marbles"]["plate"]
    content["Marbles"] |= {f"plate-{number}": plate for number in range(20_000)}
    raw = json.dumps(content, indent=2).encode()
    entry = '{"time":"2031-05-06T14:03:%02dZ","update":"SecurityVersion increased","user":"u%d","package":"dome","new version":5}\n'
    log = "".join(entry % (number % 60, number % 500) for number in range(100_000))
    with turns.not_ours():
        script.answers |= {
            "GET /status": success({"StatusCode": 3, "StatusMessage": "x" * 900_000}),
            "GET /manifest": success(served_manifest(root, raw)),
            "GET /update": success(log),
        }
    turns.start()
    person.press("F5")
    person.until_shown("20002 marbles")
    turns.stop()
    turns.judge()


def test_a_server_that_never_answers_holds_up_neither_the_window_nor_its_end(hostile, script, turns):
    person = hostile
    person.until_shown("State 3 · Running")
    asked = threading.Event()
    script.answers["GET /status"] = lambda talk: (asked.set(), talk.stopped.wait())
    turns.start()
    person.press("F5")
    person.until(asked.is_set)
    for page in ("Manifest", "Compare", "Overview"):
        person.go_to(page)
    person.until_shown("State 3 · Running")
    turns.stop()
    turns.judge()
    person.press("Ctrl+Q")
    person.until(lambda: not person.shell.isVisible())


@pytest.fixture
def confirming(hostile, script, tmp_path):
    """The wizard on its first page, before a coordinator in state 2."""
    person = hostile
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(observatory()))
    script.answers |= {"GET /status": success(STATE_2), "GET /manifest": success({"Manifest": None})}
    person.refresh()
    person.until_shown("State 2")
    person.will_choose(path)
    person.press("Ctrl+O")
    person.until_shown("No errors")
    person.press("Ctrl+Shift+D")
    person.until(lambda: person.wizard)
    person.walk_to("Confirm what is sent")
    return person


def test_a_refusal_shows_the_servers_words_below_ours_and_keeps_everything(confirming, script):
    person = confirming
    script.answers["POST /manifest"] = error(400, f"checking manifest: {MARKUP}")
    person.push("wizard:forward")
    shown = person.until_shown("Not in force", "Your document is unchanged.", MARKUP, within=person.wizard)
    assert shown.index("Your document is unchanged.") < shown.index(MARKUP)
    person.push("wizard:back")
    person.until_shown("Nothing was sent yet.", within=person.wizard)
    person.press("Escape")
    person.until(lambda: person.wizard is None)
    person.until_shown("observatory.json", "No errors")


def test_a_lost_answer_is_no_success(confirming, script):
    person = confirming

    def take_it(_talk):
        """Take it, close without a word, and say nothing from then on."""
        script.answers["GET /status"] = lambda _talk: None

    script.answers["POST /manifest"] = take_it
    person.push("wizard:forward")
    person.until_shown("Outcome unknown: the answer was lost", within=person.wizard)
    assert not person.wizard.primary.isEnabled()
    person.push("wizard:leave")
    person.until(lambda: person.wizard is None)
    assert script.asked().count("POST /manifest") == 1
