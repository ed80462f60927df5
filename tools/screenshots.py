"""Draw every scene into docs/images: light and dark, and where asked at 200 % text, small, and at two device pixels.

Runs without a display. `python tools/screenshots.py [--all] [--only SCENE] [FOLDER]`; without `--all` only the pictures
that the documentation shows are drawn.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

ROOT = Path(__file__).resolve().parent.parent
SETTLE_SECONDS = 0.35  # skeletons appear after 200 ms


@dataclass(frozen=True)
class Look:
    suffix: str
    mode: str
    width: int = 1280
    height: int = 800
    pixels: int = 13
    ratio: int = 1


DOCUMENTED = (Look("light", "light"), Look("dark", "dark"))
FURTHER = (
    Look("font200-light", "light", pixels=26),
    Look("font200-dark", "dark", pixels=26),
    Look("small-dark", "dark", 1024, 640),
    Look("small-light", "light", 1024, 640),
    Look("2x-light", "light", ratio=2),
    Look("2x-dark", "dark", ratio=2),
)


def main() -> int:
    options = _options()
    looks = DOCUMENTED + (FURTHER if options.all else ())
    if options.ratio:
        return _draw(options.folder, [look for look in looks if look.ratio == options.ratio], options.only)
    # The device ratio holds for a whole process.
    for ratio in sorted({look.ratio for look in looks}):
        environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(ratio), "TZ": "UTC"}
        environ |= {"QT_LOGGING_RULES": "qt.qpa.*=false", "LC_ALL": "C.UTF-8"}
        again = [sys.executable, __file__, *sys.argv[1:], f"--ratio={ratio}"]
        if code := subprocess.run(again, env=environ, check=False).returncode:  # this very program
            return code
    return 0


def _draw(folder: Path, looks: list[Look], only: str) -> int:
    sys.path.insert(0, str(ROOT))
    from PySide6.QtGui import QFont  # noqa: PLC0415 # after the environment of this process is set
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415 # as above

    from marble_console.theme import Mode, install  # noqa: PLC0415 # as above
    from tools import scenes  # noqa: PLC0415 # as above

    app = QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for look in looks:
        theme = install(app, Mode(look.mode), bundled_fonts=True)
        font = QFont("Inter")
        font.setPixelSize(look.pixels)
        theme.set_base_font(font)
        for name in _wanted(list(scenes.SCENES), only):
            with scenes.shown(name, look.width, look.height) as window:
                _settle(app)
                path = folder / f"{name}-{look.suffix}.png"
                if not _save(window.grab().toImage(), path):
                    sys.stderr.write(f"{path} cannot be written\n")
                    return 1
            _settle(app, 0.0)
        theme.deleteLater()
    return 0


def _wanted(names: list[str], only: str) -> Iterator[str]:
    return (name for name in names if name.startswith(only))


def _settle(app: object, seconds: float = SETTLE_SECONDS) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent  # noqa: PLC0415 # as above

    del app
    end = time.monotonic() + seconds
    while True:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if time.monotonic() >= end:
            return
        time.sleep(0.01)


def _save(picture: QImage, path: Path) -> bool:
    """Write the picture with a table of its 256 most frequent colours: a third of the size, and nobody sees a difference."""
    from PySide6.QtGui import QImage  # noqa: PLC0415 # as above

    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    counts = Counter(memoryview(plain.constBits()).cast("I"))
    table = [colour for colour, _ in counts.most_common(256)]
    few: QImage = plain.convertToFormat(QImage.Format.Format_Indexed8, table)
    return few.save(str(path), "PNG", 0)  # type: ignore[call-overload, no-any-return]  # Qt takes the format's name


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument(
        "--all", action="store_true", help="also at 200 %% text, small, and at two device pixels"
    )
    parser.add_argument("--only", default="", help="scenes whose name begins with this")
    parser.add_argument("--ratio", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
