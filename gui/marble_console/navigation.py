"""The pages that there are, in the order of the navigation. No Qt."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marble_console.parts import Tone
from marble_console.shell_state import RailItem
from marble_console.words import tr

DIGITS: Final = 10  # pages that Ctrl and a digit lead to: 1 to 9, then 0


class Place(StrEnum):
    """The key of a page."""

    WELCOME = "welcome"
    CONNECTIONS = "connections"
    OVERVIEW = "overview"
    MANIFEST = "manifest"
    COMPARE = "compare"
    ATTESTATION = "attestation"
    SECRETS = "secrets"
    ACCESS = "access"
    RECOVERY = "recovery"
    AUDIT = "audit"
    COORDINATOR = "coordinator"
    SETTINGS = "settings"


def page_keys(at: int) -> str:
    """The shortcut of the page at this place of the navigation, from 0; empty beyond the ten that digits reach."""
    return f"Ctrl+{(at + 1) % DIGITS}" if at < DIGITS else ""


def rail(
    *,
    local: bool,
    problems: int = 0,
    coordinator_failed: bool = False,
    attestation_failed: bool = False,
    not_set: int = 0,
    recovery_due: bool = False,
) -> tuple[RailItem, ...]:
    """The navigation. The coordinator's page belongs to the local one; `problems` counts the errors of the manifest,
    `not_set` the secrets without a value.
    """
    badge = str(problems) if problems else ""
    items = [
        RailItem(Place.OVERVIEW, tr("Overview"), "layout-dashboard", 0),
        RailItem(Place.MANIFEST, tr("Manifest"), "file-code-2", 1, badge, Tone.FAILED),
        RailItem(Place.COMPARE, tr("Compare"), "git-compare", 1),
        RailItem(
            Place.ATTESTATION,
            tr("Attestation"),
            "shield-check",
            2,
            "!" if attestation_failed else "",
            Tone.FAILED,
        ),
        RailItem(Place.SECRETS, tr("Secrets"), "key-round", 2, str(not_set) if not_set else ""),
        RailItem(Place.ACCESS, tr("Access"), "users", 2),
        RailItem(Place.RECOVERY, tr("Recovery"), "life-buoy", 3, "!" if recovery_due else "", Tone.FAILED),
        RailItem(Place.AUDIT, tr("Audit log"), "scroll-text", 3),
    ]
    if local:
        badge = "!" if coordinator_failed else ""
        items.append(RailItem(Place.COORDINATOR, tr("Coordinator"), "hard-drive", 3, badge, Tone.FAILED))
    items.append(RailItem(Place.SETTINGS, tr("Settings"), "settings", 4))
    return tuple(items)
