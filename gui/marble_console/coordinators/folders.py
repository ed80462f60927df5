"""Where the console keeps what outlives it. `MARBLE_CONSOLE_HOME` moves everything, for tests and portable use."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "MARBLE_CONSOLE_HOME"


def data_folder() -> Path:
    """The folder of this user; made by whoever writes into it."""
    if home := os.environ.get(HOME_VARIABLE):
        return Path(home)
    return platformdirs.user_data_path("marble-console", appauthor=False)


def profiles_file(data: Path | None = None) -> Path:
    """The database of connections and window settings."""
    return (data or data_folder()) / "console.sqlite3"


def local_state_folder(data: Path | None = None) -> Path:
    """The sealed state of the bundled coordinator."""
    return (data or data_folder()) / "coordinator"


def collateral_folder(data: Path | None = None) -> Path:
    """Collateral that was seen to hold."""
    return (data or data_folder()) / "collateral"


def drafts_folder(data: Path | None = None) -> Path:
    """Edits of manifests that were not saved."""
    return (data or data_folder()) / "drafts"


def rehearsals_folder(data: Path | None = None) -> Path:
    """Copies of sealed states for as long as a rehearsal lasts."""
    return (data or data_folder()) / "rehearsals"
