"""Which coordinator a command is about: an address, a kept connection by its name, or the local one."""

from __future__ import annotations

import argparse

from marble_client.address import Address
from marble_console.cli.output import UsageError
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Profile, ProfileStore
from marble_console.words import tr


def add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "address",
        nargs="?",
        metavar="ADDRESS",
        help=tr("host:port, or the name of a connection; without it the local coordinator"),
    )


def find(wanted: str | None) -> tuple[Address, Profile | None]:
    """The address that is meant, and the kept connection, if it is one. Raises UsageError and AddressInvalid."""
    kept = _kept(wanted)
    if kept is not None:
        return kept.address, kept
    if wanted is None:
        raise UsageError(
            tr("There is no local coordinator yet."),
            hint=tr("Start one with marble-console --local, or give an address."),
        )
    return Address.parse(wanted), None


def _kept(wanted: str | None) -> Profile | None:
    path = profiles_file()
    if not path.exists():
        return None
    with ProfileStore(path) as store:
        return store.local() if wanted is None else store.find(wanted)
