"""The coordinator of this project as one of before version 2 of the Client API: it does not know those paths."""

import json
import sys

from marble_coordinator.api.app import ClientApi
from marble_coordinator.api.reads import READS
from marble_coordinator.main import main

_serve = ClientApi.__call__


async def _without_v2(self, scope, receive, send) -> None:
    if scope["type"] != "http" or not scope["path"].startswith("/api/v2"):
        await _serve(self, scope, receive, send)
        return
    body = json.dumps({"status": "error", "data": None}).encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 405, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    for path in [path for path in READS if path.startswith("/api/v2")]:
        del READS[path]
    ClientApi.__call__ = _without_v2
    sys.exit(main())
