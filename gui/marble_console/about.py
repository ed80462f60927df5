"""What this program is, and whose work it stands on."""

from __future__ import annotations

import importlib.metadata

from PySide6.QtWidgets import QWidget

from marble_console.dialogs import tell
from marble_console.words import tr


def show_about(parent: QWidget) -> None:
    tell(
        parent,
        tr("Marble Console {version}", version=importlib.metadata.version("marble-console")),
        tr(
            "An admin console for MarbleRun coordinators, under the Apache License 2.0. It asks for no updates and "
            "reports nothing to anybody.\n\nQt and PySide6 (LGPL-3.0), icons from Lucide (ISC) and Feather (MIT), fonts "
            "Inter and JetBrains Mono (OFL-1.1)."
        ),
        title=tr("About Marble Console"),
    )
