"""Build dist/marble-console with PyInstaller, lay out desktop integration beside it, and try both programs out.

    dist/marble-console/                       the programs; start marble-console in it
    dist/marble-console/share/applications     desktop entry
    dist/marble-console/share/metainfo         AppStream metadata
    dist/marble-console/share/icons/hicolor    icons, SVG and PNG

Copy `share` to ~/.local/share (or /usr/share) and link the programs into a folder on PATH to install it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import smoke

ROOT = Path(__file__).resolve().parent.parent
APP_ID = "org.marble_console.MarbleConsole"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
NOTICES = ("LICENSE", "NOTICE")


def build() -> Path:
    """The finished folder."""
    command = [
        sys.executable,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level=WARN",
        "packaging/marble-console.spec",
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    folder = ROOT / "dist" / "marble-console"
    for name in NOTICES:
        shutil.copy2(ROOT / name, folder)
    return folder


def lay_out(folder: Path) -> None:
    """Desktop entry, metadata and icons, where the desktop looks for them below a `share` folder."""
    share = folder / "share"
    for name, place in ((f"{APP_ID}.desktop", "applications"), (f"{APP_ID}.metainfo.xml", "metainfo")):
        (share / place).mkdir(parents=True)
        shutil.copy2(ROOT / "packaging" / name, share / place)
    icon = ROOT / "assets" / "icons" / "app.svg"
    scalable = share / "icons" / "hicolor" / "scalable" / "apps"
    scalable.mkdir(parents=True)
    shutil.copy2(icon, scalable / f"{APP_ID}.svg")
    for size in ICON_SIZES:
        target = share / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        target.mkdir(parents=True)
        draw(icon, size, target / f"{APP_ID}.png")


def draw(icon: Path, size: int, target: Path) -> None:
    from PySide6.QtCore import Qt  # noqa: PLC0415 -- after main has chosen to draw into memory
    from PySide6.QtGui import QImage, QPainter  # noqa: PLC0415 -- as above
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415 -- as above

    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(icon)).render(painter)
    painter.end()
    if not image.save(str(target)):
        raise OSError(f"cannot write {target}")


def size_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = build()
    lay_out(folder)
    smoke.check(folder / "marble-console", folder / "marble-coordinator")
    print(f"{folder.relative_to(ROOT)} is built and works; it takes {size_of(folder) / 1e6:.0f} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
