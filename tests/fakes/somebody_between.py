"""What somebody between the console and its coordinator does, and what he gets to know."""

import requests

from tests.fakes.patience import PATIENCE


def told(script) -> set[str]:
    """The paths somebody was asked for; fails if he was told anything else than a nonce."""
    for request in script.requests:
        assert (request.method, request.body) == ("GET", b"")
        path, _, query = request.target.partition("?")
        assert not query or (path == "/api/v2/quote" and query.startswith("nonce="))
    return {request.target.partition("?")[0] for request in script.requests}


def relay(attacker, honest):
    """Pass every question on to the honest coordinator, and its answers back."""

    def pass_on(talk):
        answer = requests.get(honest.address.url + talk.request.target, verify=False, timeout=PATIENCE)
        head = f"HTTP/1.1 {answer.status_code} X\r\nContent-Length: {len(answer.content)}\r\n\r\n"
        talk.send(head.encode() + answer.content)

    for path in ("/api/v2/status", "/api/v2/quote", "/quote", "/status", "/manifest"):
        attacker.script.answers[f"GET {path}"] = pass_on
