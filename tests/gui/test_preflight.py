"""What Qt needs from the system, and the sentence that says so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

from marble_console import preflight
from marble_console.preflight import BASE, NO_DISPLAY, WAYLAND, XCB, Library

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="PySide6 brings all it needs elsewhere"
)

ABSENT = Library("libmarble-absent.so.9", "libmarble-absent9", "marble-absent")
MODULES = ["QtCore", "QtGui", "QtWidgets", "QtSvg", "QtNetwork", "QtDBus", "QtTest"]
FROM_THE_SYSTEM = re.compile(r"^\t(?P<soname>\S+) (?:=> (?P<path>/\S+|not found)|\()", re.MULTILINE)
# Parts of glibc and of the compiler, which Python itself cannot do without or which wheels may count on (PEP 600).
GIVEN = re.compile(
    r"^(ld-linux.*|linux-vdso|lib(c|dl|m|pthread|resolv|rt|util|gcc_s|stdc\+\+|atomic))\.so|^/lib.*/ld-linux"
)


def direct_needs(files):
    """Sonames that Qt's own files ask the system for, without what those libraries ask for in turn."""
    for file in files:
        dump = subprocess.run(["readelf", "-d", file], capture_output=True, text=True, check=True).stdout
        yield from re.findall(r"\(NEEDED\).*\[(.+)\]", dump)


@pytest.mark.parametrize("platform", ["offscreen", "xcb", "wayland"])
def test_every_library_that_qt_asks_for_has_a_package_to_name(platform):
    qt = Path(PySide6.__file__).parent
    if subprocess.run(["sh", "-c", "command -v readelf"], capture_output=True, check=False).returncode:
        pytest.skip("readelf of binutils is not installed")
    own = {path.name: path for path in [*qt.glob("Qt/lib/*.so*"), *qt.glob("*.so*")]}
    todo = [own[f"{module}.abi3.so"] for module in MODULES] + [qt / f"Qt/plugins/platforms/libq{platform}.so"]
    seen, outside = set(), set()
    while todo:
        file = todo.pop()
        for soname in set(direct_needs([file])) - seen:
            seen.add(soname)
            if soname in own:
                todo.append(own[soname])
            elif not GIVEN.match(soname) and not soname.startswith("libshiboken6"):
                outside.add(soname)
    # These two come in the packages of libraries that are on the list.
    outside -= {"libgthread-2.0.so.0", "libbrotlicommon.so.1"}
    known = {library.soname for library in (*BASE, *preflight.BY_PLATFORM.get(platform, ()))}
    assert outside <= known


def test_no_library_is_listed_twice():
    listed = [library.soname for library in (*BASE, *XCB, *WAYLAND)]
    assert len(listed) == len(set(listed))


def test_a_library_that_cannot_be_loaded_is_missing(monkeypatch):
    monkeypatch.setattr(preflight, "BASE", (Library("libc.so.6", "libc6", "glibc"), ABSENT))
    assert preflight.missing_libraries(["offscreen"]) == (ABSENT,)


@pytest.mark.parametrize(
    ("os_release", "command"),
    [
        ("ID=debian\n", "run 'sudo apt-get install libmarble-absent9'."),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "run 'sudo apt-get install libmarble-absent9'."),
        ("ID=fedora\n", "run 'sudo dnf install marble-absent'."),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "run 'sudo dnf install marble-absent'."),
        (
            "ID=arch\n",
            "'sudo apt-get install libmarble-absent9' (Debian, Ubuntu) or 'sudo dnf install marble-absent'",
        ),
        ("", "'sudo apt-get install libmarble-absent9' (Debian, Ubuntu) or 'sudo dnf install marble-absent'"),
    ],
)
def test_the_sentence_names_the_package_of_this_system(os_release, command):
    sentence = preflight.libraries_sentence([ABSENT], os_release)
    assert command in sentence
    assert "libmarble-absent.so.9" in sentence


@pytest.mark.parametrize(
    ("environ", "platforms"),
    [
        ({}, ()),
        ({"DISPLAY": ""}, ()),
        ({"DISPLAY": ":0"}, ("xcb",)),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ("wayland", "xcb")),
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, ("offscreen",)),
        ({"QT_QPA_PLATFORM": "wayland-egl;xcb:arg=1"}, ("wayland", "xcb")),
    ],
)
def test_the_plugins_are_those_that_qt_would_try(environ, platforms):
    assert preflight.wanted_platforms(environ) == platforms


def test_without_a_display_the_sentence_names_two_ways_on():
    assert preflight.obstacle({}) == NO_DISPLAY
    assert "marble-coordinator" in NO_DISPLAY
    assert "QT_QPA_PLATFORM=offscreen" in NO_DISPLAY


@pytest.mark.parametrize("chosen", ["xbc", "cocoa;windows"])
def test_a_platform_that_qt_does_not_have_is_named_before_qt_aborts(chosen):
    sentence = preflight.obstacle({"QT_QPA_PLATFORM": chosen, "DISPLAY": ":0"})
    assert sentence.startswith(f"Qt knows no platform '{chosen}'")


def test_one_platform_of_several_is_enough():
    assert preflight.obstacle({"QT_QPA_PLATFORM": "cocoa;offscreen"}) is None


def test_plugins_from_elsewhere_are_left_to_qt():
    assert preflight.obstacle({"QT_QPA_PLATFORM": "ours", "QT_PLUGIN_PATH": "/opt/plugins"}) is None


def test_only_the_display_that_was_asked_is_blamed(monkeypatch):
    monkeypatch.setattr(preflight, "BY_PLATFORM", {})
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    sentence = preflight.obstacle({"QT_QPA_PLATFORM": "wayland", "DISPLAY": ":0"})
    assert sentence.startswith("The display does not answer (WAYLAND_DISPLAY not set).")


def test_drawing_into_memory_needs_no_display():
    assert preflight.obstacle({"QT_QPA_PLATFORM": "offscreen"}) is None


def test_missing_libraries_come_before_the_display(monkeypatch):
    monkeypatch.setattr(preflight, "BASE", (ABSENT,))
    assert "libmarble-absent.so.9" in preflight.obstacle({"DISPLAY": ":0"})


def test_a_display_with_one_complete_plugin_lacks_nothing(monkeypatch):
    monkeypatch.setattr(preflight, "BASE", ())
    monkeypatch.setattr(preflight, "BY_PLATFORM", {"wayland": (ABSENT,), "xcb": ()})
    assert preflight.missing_for_display({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}) == ()
    assert preflight.missing_for_display({"WAYLAND_DISPLAY": "wayland-0"}) == (ABSENT,)


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_display_nobody_serves_is_named_before_qt_aborts(monkeypatch, tmp_path, variable):
    monkeypatch.setattr(preflight, "BASE", ())
    monkeypatch.setattr(preflight, "BY_PLATFORM", {})
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    # 6 characters: a display number far above what servers use.
    monkeypatch.setenv(variable, ":64321" if variable == "DISPLAY" else str(tmp_path / "no-socket"))
    sentence = preflight.obstacle(os.environ)
    assert sentence.startswith("The display does not answer")
    assert variable in sentence
