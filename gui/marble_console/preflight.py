"""Can a window open here? Asked before Qt is loaded, because Qt aborts the process where something is missing.

Plain standard library. Each library that Qt needs from the system is loaded as Qt would load it, and the display
server is called once; the answer is a sentence that names what to do. Elsewhere than on Linux PySide6 brings all it needs.
"""

import ctypes
import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple


class Library(NamedTuple):
    soname: str
    debian: str  # the package that has it on Debian and Ubuntu
    fedora: str  # and on Fedora and its relatives


# Whatever the platform plugin, also for drawing into memory (`offscreen`).
BASE = (
    Library("libEGL.so.1", "libegl1", "libglvnd-egl"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx"),
    Library("libX11.so.6", "libx11-6", "libX11"),
    Library("libbrotlidec.so.1", "libbrotli1", "libbrotli"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Library("libfreetype.so.6", "libfreetype6", "freetype"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    Library("libgssapi_krb5.so.2", "libgssapi-krb5-2", "krb5-libs"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Library("libz.so.1", "zlib1g", "zlib"),
    Library("libzstd.so.1", "libzstd1", "libzstd"),
)
XCB = (
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    Library("libxcb.so.1", "libxcb1", "libxcb"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    Library("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    Library("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    Library("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
)
WAYLAND = (
    Library("libwayland-client.so.0", "libwayland-client0", "libwayland-client"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor"),
)
BY_PLATFORM: Mapping[str, tuple[Library, ...]] = {"xcb": XCB, "wayland": WAYLAND}
# Where each finds its display; the better one first.
VARIABLES = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
_PLUGIN_PATHS = frozenset({"QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"})

NO_DISPLAY = (
    "There is no display to open a window on. Start the coordinator alone with 'marble-coordinator' "
    "(in a clone: 'make coordinator'), or set QT_QPA_PLATFORM=offscreen to run the console without showing it."
)


def missing_libraries(platforms: Iterable[str]) -> tuple[Library, ...]:
    """What Qt needs and the system lacks for these platform plugins; the plugins that draw into memory need the base alone."""
    if not sys.platform.startswith("linux"):
        return ()
    wanted = dict.fromkeys(BASE)
    for platform in platforms:
        wanted |= dict.fromkeys(BY_PLATFORM.get(platform, ()))
    return tuple(library for library in wanted if _load(library.soname) is None)


def packages(libraries: Iterable[Library], *, fedora: bool = False) -> tuple[str, ...]:
    return tuple(sorted({library.fedora if fedora else library.debian for library in libraries}))


def libraries_sentence(libraries: Iterable[Library], os_release: str | None = None) -> str:
    """One sentence: what is missing and the command that installs it on this system."""
    libraries = tuple(libraries)
    apt = f"sudo apt-get install {' '.join(packages(libraries))}"
    dnf = f"sudo dnf install {' '.join(packages(libraries, fedora=True))}"
    family = _family(_os_release() if os_release is None else os_release)
    advice = {"debian": f"'{apt}'", "fedora": f"'{dnf}'"}.get(
        family, f"'{apt}' (Debian, Ubuntu) or '{dnf}' (Fedora)"
    )
    names = ", ".join(library.soname for library in libraries)
    return f"Qt needs system libraries that are not installed ({names}): run {advice}."


def wanted_platforms(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The platform plugins that Qt would try, best first; none without a display."""
    if chosen := environ.get("QT_QPA_PLATFORM"):
        return tuple(entry.partition(":")[0].partition("-")[0] for entry in chosen.split(";"))
    return tuple(platform for platform, variable in VARIABLES.items() if environ.get(variable))


def missing_for_display(environ: Mapping[str, str] = os.environ) -> tuple[Library, ...]:
    """What is missing for the display of this session: nothing, as soon as one of its plugins is complete."""
    lacking = [missing_libraries([platform]) for platform in wanted_platforms(environ)]
    return lacking[-1] if lacking and all(lacking) else ()


def obstacle(environ: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can open here, in a sentence, or None. Looks at the real display of this process."""
    if not sys.platform.startswith("linux"):
        return None
    platforms = wanted_platforms(environ)
    if not platforms:
        return NO_DISPLAY
    if not any(_is_known(platform, environ) for platform in platforms):
        return (
            f"Qt knows no platform '{environ['QT_QPA_PLATFORM']}' (QT_QPA_PLATFORM). "
            "Unset it, or set it to xcb, wayland or offscreen."
        )
    if missing := missing_for_display(environ):
        return libraries_sentence(missing)
    if not any(_answers(platform) for platform in platforms if not missing_libraries([platform])):
        return f"The display does not answer ({_displays(environ, platforms)}). {NO_DISPLAY}"
    return None


def _load(soname: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(soname)
    except OSError:
        return None


def _answers(platform: str) -> bool:
    """Whether the display server behind a plugin takes a connection; true for plugins that need none."""
    if platform == "xcb" and (xcb := _load("libxcb.so.1")):
        xcb.xcb_connect.restype = ctypes.c_void_p
        connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
        refused = bool(xcb.xcb_connection_has_error(connection))
        xcb.xcb_disconnect(connection)
        return not refused
    if platform == "wayland" and (wayland := _load("libwayland-client.so.0")):
        wayland.wl_display_connect.restype = ctypes.c_void_p
        display = ctypes.c_void_p(wayland.wl_display_connect(None))
        if display.value is None:
            return False
        wayland.wl_display_disconnect(display)
    return True


def _is_known(platform: str, environ: Mapping[str, str]) -> bool:
    """Whether PySide6 brings the plugin; true where others may bring it, or where PySide6 keeps them elsewhere."""
    qt = importlib.util.find_spec("PySide6")
    if qt is None or qt.origin is None or not environ.keys().isdisjoint(_PLUGIN_PATHS):
        return True
    folder = Path(qt.origin).parent / "Qt" / "plugins" / "platforms"
    return not folder.is_dir() or (folder / f"libq{platform}.so").exists()


def _displays(environ: Mapping[str, str], platforms: Iterable[str]) -> str:
    asked = [VARIABLES[platform] for platform in platforms if platform in VARIABLES]
    named = [f"{name}={environ[name]}" for name in asked if environ.get(name)]
    return ", ".join(named) or f"{' and '.join(asked)} not set"


def _os_release() -> str:
    try:
        return Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return ""


def _family(os_release: str) -> str:
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    words = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    return next((word for word in words if word in {"debian", "fedora"}), "")
