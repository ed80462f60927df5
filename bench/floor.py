"""A server with nothing behind it: the same few bytes over TLS to whatever it is asked, by the loop the coordinator uses.

What it costs is this machine's price for one answer, mostly waking up and system calls. Run as a file, with the PEM file
of a certificate and its key; it listens where a coordinator would.
"""

import asyncio
import os
import ssl
import sys
from typing import cast

BODY = b'{"status":"success","data":null}\n'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(BODY),
    BODY,
)


class Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, _data: bytes) -> None:
        self._transport.write(ANSWER)


async def serve(pem: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    host, _, port = os.environ["EDG_COORDINATOR_CLIENT_ADDR"].rpartition(":")
    server = await asyncio.get_running_loop().create_server(Answering, host, int(port), ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.platform == "win32":
        asyncio.run(serve(sys.argv[1]))
    else:
        import uvloop  # there is none for Windows

        uvloop.run(serve(sys.argv[1]))
