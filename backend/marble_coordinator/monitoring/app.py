"""The two paths of the monitoring port, over plain HTTP (spec: state-and-sealing.md, section 8)."""

from __future__ import annotations

from marble_coordinator.monitoring.metrics import CONTENT_TYPE, App, Metrics, Receive, Scope, Send


def monitoring_app(metrics: Metrics) -> App:
    """An ASGI application that serves /metrics and /events, and 404 elsewhere."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        match scope["path"]:
            case "/metrics":
                status, content_type, body = 200, CONTENT_TYPE, metrics.render()
            case "/events":
                status, content_type, body = 200, "application/json", metrics.marbles.events.render()
            case _:
                status, content_type, body = 404, "text/plain; charset=utf-8", b"404 page not found\n"
        headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
