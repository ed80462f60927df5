"""The page of secrets against coordinators that are slow, rude or broken: a sentence each, nothing lost, nothing leaked."""

import json
import socket
from dataclasses import replace

import pytest

from marble_client.client import CoordinatorClient
from marble_client.transport import Limits, Transport
from marble_client.trust import Trust
from marble_console.coordinators.watch import WatchState
from marble_console.pages.secrets.base import Means
from marble_console.pages.secrets.batching import BatchPresenter
from marble_console.pages.secrets.comparing import ComparePresenter
from marble_console.pages.secrets.exporting import ExportPresenter
from marble_console.pages.secrets.making import Given, Way
from marble_console.pages.secrets.presenter import SecretsPresenter
from marble_console.pages.secrets.setting import SetPresenter
from marble_console.parts import Tone
from marble_console.tasks import InlineRunner
from marble_core.secretbytes import SecretBytes
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_server import Script, error, http, make_identity, running, success
from tools import scenes, secret_scenes
from tools.identity_scenes import NOW

AMPLE = Limits(connect=30, read=30, answer=30)  # for an answer that comes, however busy the machine
SHORT = Limits(connect=30, read=1, answer=1)  # to wait for one that never comes
VALUE = "a value that nobody else may see"


def silence(talk):
    talk.stopped.wait(PATIENCE)


def drop(talk):
    talk._connection.shutdown(socket.SHUT_RDWR)


SHAPES = {
    "a list": success([VALUE]),
    "no object": success({"license": VALUE}),
    "no base64": success({"license": {"Type": "plain", "Private": VALUE, "UserDefined": True}}),
    "another type": success({"license": {"Type": VALUE, "Private": None}}),
    "without the name": success({}),
    "no JSON": http(200, VALUE.encode()),
    "not even HTTP": lambda talk: talk.send(VALUE.encode() + b"\r\n\r\n"),
}
ANSWERS = {
    "slow": silence,
    "401": error(401, "unauthorized user"),
    "400": error(400, "user mira is not allowed to read one or more secrets of: [license]"),
    "500": error(500, "server is not in expected state"),
    "dropped": drop,
    **SHAPES,
}


@pytest.fixture(scope="module")
def root():
    return make_identity()


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def client(root, script, tmp_path, request):
    limits = SHORT if request.node.callspec.params["answer"] == "slow" else AMPLE
    with running(root.write(tmp_path), script) as server:
        transport = Transport(server.address, Trust(root.der), reading=limits, changing=limits)
        with CoordinatorClient(transport) as client:
            yield client


@pytest.fixture
def presenter(client):
    presenter = SecretsPresenter(
        scenes.Nowhere(), InlineRunner(), client=lambda: client, clipboard=lambda _: None, now=lambda: NOW
    )
    session = replace(scenes.seen(), watch=WatchState(secret_scenes.seen()))
    presenter.set_session(session)
    presenter.set_wallet(secret_scenes.wallet(session))
    presenter.choose("license")
    return presenter


def said(problem):
    return f"{problem.title} {problem.why}"


@pytest.mark.parametrize("answer", ANSWERS)
def test_revealing_ends_in_a_sentence_and_the_list_stays(presenter, script, answer, caplog):
    script.answers["GET /secrets"] = ANSWERS[answer]
    presenter.reveal()
    detail = presenter.state.detail
    assert detail.problem.title.endswith(".")
    assert (detail.is_revealed, detail.busy, detail.can_read) == (False, False, True)
    assert len(presenter.state.rows) == 9
    assert VALUE not in said(detail.problem) + repr(presenter.state) + caplog.text
    script.answers["GET /secrets"] = success(
        {"license": {"Type": "plain", "UserDefined": True, "Private": "b2s=", "Public": "b2s="}}
    )
    presenter.reveal()
    assert presenter.state.detail.text == "ok"


REFUSALS = {"401", "400", "500"}
# What may come of a change. A success carries no data, so there is no shape of it to be wrong.
CHANGES = [*sorted(REFUSALS), "slow", "dropped", "no JSON", "not even HTTP"]


@pytest.mark.parametrize("answer", CHANGES)
def test_setting_ends_in_a_sentence_and_what_was_entered_can_be_sent_again(
    presenter, client, script, answer, caplog
):
    script.answers["GET /secrets"] = error(401, "unauthorized user")
    script.answers["POST /secrets"] = ANSWERS[answer]
    setting = SetPresenter(
        presenter.item,
        presenter.listing.manifest,
        Means(
            InlineRunner(),
            client=lambda: client,
            acting="mira",
            lane="test",
            done=lambda: None,
            now=lambda: NOW,
        ),
    )
    setting.give(Given(Way.TEXT, SecretBytes(VALUE.encode())))
    setting.tick(ticked=True)
    setting.send()
    problem = setting.state.problem
    assert problem.title.endswith(".")
    assert setting.state.can_send
    assert ("Outcome unknown" in problem.title) == (answer not in REFUSALS)
    assert VALUE not in said(problem) + repr(setting.state) + caplog.text
    script.answers["POST /secrets"] = success(None)
    setting.send()
    sent = [json.loads(each.body) for each in script.requests if each.method == "POST"]
    assert len(sent) == 2
    assert sent[0] == sent[1]


@pytest.mark.parametrize("answer", CHANGES)
def test_a_batch_says_what_became_of_each_and_can_be_sent_again(
    presenter, client, script, answer, caplog, tmp_path
):
    script.answers["POST /secrets"] = ANSWERS[answer]
    path = tmp_path / "batch.json"
    path.write_text(json.dumps({"license": VALUE, "mail_password": {"Text": VALUE}}))
    batch = BatchPresenter(
        presenter.listing,
        Means(
            InlineRunner(),
            client=lambda: client,
            acting="mira",
            lane="test",
            done=lambda: None,
            now=lambda: NOW,
        ),
    )
    batch.load(path)
    batch.tick(ticked=True)
    batch.send()
    outcomes = [row.cells[4].text for row in batch.state.rows]
    assert len(outcomes) == 2
    for outcome in outcomes:
        assert ("Outcome unknown" in outcome) == (answer not in REFUSALS)
    assert not batch.state.is_sending
    assert VALUE not in repr(batch.state) + caplog.text
    script.answers["POST /secrets"] = success(None)
    batch.load(path)
    batch.tick(ticked=True)
    batch.send()
    assert [row.cells[4].text for row in batch.state.rows] == ["set", "set"]
    batch.close()


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_export_that_fails_says_why_and_writes_nothing(
    presenter, client, script, answer, caplog, tmp_path
):
    script.answers["GET /secrets"] = ANSWERS[answer]
    export = ExportPresenter(
        presenter.listing,
        Means(InlineRunner(), client=lambda: client, acting="mira", lane="x", now=lambda: NOW),
    )
    export.choose("license", chosen=True)
    export.typed(20, agree=True)
    path = tmp_path / "export.json"
    export.save(path, SecretBytes(b"a password of twenty"))
    assert export.state.tone is Tone.FAILED
    assert export.state.outcome.rstrip("”").endswith(".")
    assert export.state.gate.is_open  # nothing has to be chosen again
    assert [each.name for each in tmp_path.glob("*export*")] == []
    assert VALUE not in repr(export.state) + caplog.text


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_comparison_that_fails_says_why(presenter, client, script, answer, caplog):
    script.answers["GET /secrets"] = ANSWERS[answer]
    comparing = ComparePresenter(
        presenter.item,
        presenter.listing,
        Means(InlineRunner(), client=lambda: client, acting="mira", now=lambda: NOW),
    )
    comparing.with_secret("session_key")
    assert comparing.state.verdict.endswith(".")
    assert comparing.state.tone is Tone.FAILED
    assert not comparing.state.busy
    assert VALUE not in repr(comparing.state) + caplog.text
