"""Loading what pages and dialogs are made of before anybody opens them. On a worker: the window goes on meanwhile.

Modules load when they are first needed, so that the window is there at once. The first page opened would then be late.
"""

from __future__ import annotations

# ruff: noqa: F401, PLC0415 -- loading is all that is wanted, and not before it is asked for


def load_ahead() -> None:
    """Load every page and dialog, those first that are opened first."""
    import marble_console.pages.access.page
    import marble_console.pages.attestation.page
    import marble_console.pages.compare.page
    import marble_console.pages.connections.dialog
    import marble_console.pages.connections.views.form
    import marble_console.pages.coordinator.page
    import marble_console.pages.deploy.dialog
    import marble_console.pages.deploy.preparing
    import marble_console.pages.identities.dialog
    import marble_console.pages.identities.makedialog
    import marble_console.pages.manifest.page
    import marble_console.pages.overview.page
    import marble_console.pages.recover.dialog
    import marble_console.pages.recovery.page
    import marble_console.pages.roots.dialog
    import marble_console.pages.secrets.batchdialog
    import marble_console.pages.secrets.comparedialog
    import marble_console.pages.secrets.page
    import marble_console.pages.secrets.setdialog
    import marble_core.manifest.check
