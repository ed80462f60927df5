"""The TLS socket that all of ours are made of."""

from __future__ import annotations

import errno
import ssl

# After these Python takes the socket for one that is still to be connected, and goes on with it.
_NOT_YET = {errno.ENOTCONN, errno.EINVAL}


class TlsSocket(ssl.SSLSocket):
    """Closes itself where Python leaves it open: the peer has gone between the connection and the handshake."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Asked for a byte while the socket is made, if it has no peer any more. Answers are read by `recv_into`."""
        try:
            return super().recv(buflen, flags)
        except OSError as error:
            if error.errno not in _NOT_YET:
                self.close()
            raise
