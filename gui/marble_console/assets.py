"""Where icons, fonts, examples and the guide lie: beside the packages in a checkout, inside the package when installed or bundled."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def assets_folder() -> Path:
    """The folder of all assets; raises FileNotFoundError if this installation lost it."""
    package = Path(__file__).resolve().parent
    # The wheel and the PyInstaller bundle carry the folder in the package, a checkout two levels above it.
    for folder in (package / "assets", package.parents[1] / "assets"):
        if (folder / "icons" / "app.svg").is_file():
            return folder
    raise FileNotFoundError(f"the assets of Marble Console are missing; looked beside {package}")


def asset(relative: str) -> Path:
    """The path of one asset, such as `icons/app.svg`."""
    return assets_folder() / relative


@cache
def guide_folder() -> Path:
    """The folder of the user guide; raises FileNotFoundError if this installation lost it."""
    package = Path(__file__).resolve().parent
    for folder in (package / "guide", package.parents[1] / "docs" / "guide"):
        if (folder / "README.md").is_file():
            return folder
    raise FileNotFoundError(f"the guide of Marble Console is missing; looked beside {package}")
