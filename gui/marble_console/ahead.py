"""Loading what pages and dialogs are made of before anybody opens them.

Modules load when they are first needed, so that the window is there at once. The first page opened would then be late.
What knows no Qt loads on a worker while the window goes on. What draws loads on the window's thread, a module a turn: PySide
can crash where two threads load parts of it at once.
"""

from __future__ import annotations

from typing import Final

DRAWN: Final = (
    "marble_console.pages.overview.page",
    "marble_console.pages.manifest.page",
    "marble_console.pages.compare.page",
    "marble_console.pages.attestation.page",
    "marble_console.pages.secrets.page",
    "marble_console.pages.access.page",
    "marble_console.pages.recovery.page",
    "marble_console.pages.audit.page",
    "marble_console.pages.coordinator.page",
    "marble_console.pages.settings.page",
    "marble_console.pages.deploy.dialog",
    "marble_console.pages.connections.page",
    "marble_console.pages.connections.views.form",
    "marble_console.pages.help.dialog",
    "marble_console.pages.identities.dialog",
    "marble_console.pages.identities.makedialog",
    "marble_console.pages.recover.dialog",
    "marble_console.pages.roots.dialog",
    "marble_console.pages.secrets.setdialog",
    "marble_console.pages.secrets.comparedialog",
    "marble_console.pages.secrets.batchdialog",
)
"""Every page and dialog that loads in more than no time, those first that are opened first."""


def load_undrawn() -> None:
    """Load what the pages show and how they decide. Loads no Qt, so any thread will do."""
    # ruff: noqa: F401, PLC0415 -- loading is all that is wanted, and not before it is asked for
    import marble_console.pages.access.presenter
    import marble_console.pages.attestation.presenter
    import marble_console.pages.audit.actions.presenter
    import marble_console.pages.audit.presenter
    import marble_console.pages.compare.presenter
    import marble_console.pages.connections.form
    import marble_console.pages.connections.presenter
    import marble_console.pages.coordinator.presenter
    import marble_console.pages.deploy.preparing
    import marble_console.pages.deploy.presenter
    import marble_console.pages.help.presenter
    import marble_console.pages.identities.presenter
    import marble_console.pages.manifest.presenter
    import marble_console.pages.overview.presenter
    import marble_console.pages.recover.presenter
    import marble_console.pages.recovery.presenter
    import marble_console.pages.roots.presenter
    import marble_console.pages.secrets.presenter
    import marble_console.pages.secrets.setting
    import marble_console.pages.settings.presenter
    import marble_core.manifest.check
