"""How a coordinator is reached: by way of a proxy, with more patience, and for looking only."""

from contextlib import contextmanager

import pytest

from marble_client import proxies
from marble_client.client import CoordinatorClient
from marble_client.errors import NotACoordinator, RootChanged, Unreachable
from marble_client.first_contact import fetch_quote
from marble_client.limits import CHANGING, READING, Limits
from marble_client.link import Link, ReadOnly
from marble_client.proxies import ProxyChoice
from marble_client.trust import Trust
from marble_core.secretbytes import SecretBytes
from marble_core.usersecrets import UserSecret
from tests.fakes.proxy import proxy
from tests.fakes.tls_server import success

STATUS = success({"StatusCode": 3, "StatusMessage": "As told."})


@pytest.fixture
def reach(server, script, root):
    """Makes a client of the fake coordinator over a link."""
    script.answers["GET /status"] = lambda talk: talk.send(STATUS)
    return lambda link, pinned=root: CoordinatorClient.connect(server.address, Trust(pinned.der), link=link)


@pytest.fixture
def tunnelling(server):
    """A proxy. The coordinator ends what is left of its connections first: a tunnel lasts as long as either side."""

    @contextmanager
    def tunnelling():
        with proxy() as log:
            try:
                yield log
            finally:
                server.hang_up()

    return tunnelling


@pytest.fixture
def elsewhere(monkeypatch):
    """The fake coordinator counts as another computer, so that a proxy is wanted."""
    monkeypatch.setattr(proxies, "is_loopback", lambda _: False)


def through(log):
    return Link(ProxyChoice.parse(log.url))


def test_a_proxy_tunnels_and_the_root_is_checked_beyond_it(elsewhere, tunnelling, reach, other_root):
    with tunnelling() as log:
        with reach(through(log)) as client:
            assert client.status().state == 3
        with reach(through(log), other_root) as stranger, pytest.raises(RootChanged):
            stranger.status()
        assert {line.split()[0] for line in log.lines} == {"CONNECT"}


def test_the_first_words_go_through_the_proxy_too(elsewhere, tunnelling, server, script):
    with tunnelling() as log:
        with pytest.raises(NotACoordinator):  # it has no answer for that
            fetch_quote(server.address, clock=lambda: None, link=through(log))
        assert set(log.lines) == {f"CONNECT {server.address} HTTP/1.0"}
    assert [request.target for request in script.requests] == ["/api/v2/status", "/quote"]


def test_a_proxy_that_lets_nobody_through_is_the_one_that_is_named(
    elsewhere, tunnelling, reach, server, script
):
    with tunnelling() as log:
        log.refuse = True
        named = f"proxy 127.0.0.1:{log.port} gives no connection"
        with reach(through(log)) as client, pytest.raises(Unreachable, match=named):
            client.status()
        with pytest.raises(Unreachable, match=named):
            fetch_quote(server.address, clock=lambda: None, link=through(log))
    assert script.requests == []


def test_a_password_of_the_systems_proxy_is_told_to_the_proxy_alone(
    elsewhere, tunnelling, reach, monkeypatch
):
    with tunnelling() as log:
        monkeypatch.setenv("https_proxy", log.url.replace("//", "//me:canary@"))
        with reach(Link(ProxyChoice())) as client:
            assert client.status().state == 3
        assert any(header.startswith("Proxy-Authorization: Basic ") for header in log.headers)
        log.refuse = True
        with reach(Link(ProxyChoice())) as client, pytest.raises(Unreachable) as caught:
            client.status()
    assert "canary" not in f"{caught.value} {caught.value.__cause__!r}"


def test_over_a_read_only_connection_nothing_is_changed(reach, script):
    with reach(Link(read_only=True)) as client:
        assert client.status().state == 3
        for change in (
            lambda: client.set_manifest(b"{}"),
            lambda: client.recover(SecretBytes(b"s" * 32)),
            lambda: client.write_secrets({"token": UserSecret(key=b"canary")}),
            lambda: client.update_packages({"dome": 4}),
        ):
            with pytest.raises(ReadOnly, match="nothing was sent"):
                change()
    assert {request.method for request in script.requests} == {"GET"}


def test_more_patience_never_shortens_another_limit():
    assert Link().within(READING) == READING
    assert Link(seconds=30).within(READING) == Limits(30, 30, 60)
    assert Link(seconds=2).within(CHANGING) == Limits(2, 300, 300)
