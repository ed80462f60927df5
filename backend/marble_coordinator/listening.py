"""Sockets to listen on, bound before anything else happens: a taken port must not cost a state file."""

from __future__ import annotations

import os
import socket
import sys

from marble_coordinator.config import Address
from marble_coordinator.errors import StartFailed


def bind(address: Address, purpose: str) -> socket.socket:
    """A bound TCP socket that does not listen yet; connections are refused until it does. Raises StartFailed.

    Without a host it takes every interface, IPv4 and IPv6. A host name with several addresses gets one, IPv4 first.
    """
    try:
        return _bind(address)
    except OSError as error:
        raise _cannot_listen(address, purpose, error) from error


def claim(listener: socket.socket, purpose: str) -> None:
    """Make a bound socket listen; clients wait in the kernel's queue until somebody serves it. Raises StartFailed.

    Linux lets two processes bind one port while neither listens, and tells the later one only here.
    """
    try:
        listener.listen()
    except OSError as error:
        raise _cannot_listen(Address(*listener.getsockname()[:2]), purpose, error) from error


def _cannot_listen(address: Address, purpose: str, error: OSError) -> StartFailed:
    return StartFailed(
        f"Cannot listen on {address} for the {purpose}: {error.strerror or error}.",
        hint="Choose another address, or stop what is listening there.",
    )


def _bind(address: Address) -> socket.socket:
    family, sockaddr = _resolve(address)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix" and sys.platform != "cygwin":
            # Without it a restart waits for the kernel to forget connections of the former process.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if address.host == "" else 1)
        listener.bind(sockaddr)
    except OSError:
        listener.close()
        raise
    return listener


def _resolve(address: Address) -> tuple[socket.AddressFamily, tuple[str, int]]:
    if not address.host:
        if socket.has_dualstack_ipv6():
            return socket.AF_INET6, ("::", address.port)
        return socket.AF_INET, ("0.0.0.0", address.port)  # noqa: S104 # asked for by leaving the host out
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    family, _, _, _, sockaddr = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, sockaddr[:2]  # type: ignore[return-value]  # host and port in both families
