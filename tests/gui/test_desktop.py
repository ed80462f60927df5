"""What the desktop tells the console: its lock and the sleep of the computer; and what it is asked to keep out of recordings.

The signals of Linux come over buses of dbus-daemon, made for the test. Of Windows and macOS only what needs neither is tried.
"""

import shutil
import subprocess

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from marble_console.desktop.buses import BusSignals, _label
from marble_console.desktop.capture import CAPTURE, Capture
from marble_console.desktop.lock import DesktopLock
from marble_console.desktop.windows import WindowMessages, locks
from marble_console.widgets.secrettext import SecretText
from marble_console.widgets.secretvalue import SecretValue

SESSION = "/org/freedesktop/login1/session/_32"


@pytest.fixture(scope="module")
def address():
    """Of a bus with nobody else on it."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon on this computer")
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        yield daemon.stdout.readline().strip()
        daemon.terminate()


@pytest.fixture
def bus(address, qapp):
    """Two ends of it: the console's and the desktop's."""
    names = ("the console", "the desktop")
    ends = [QDBusConnection.connectToBus(address, name) for name in names]
    assert all(end.isConnected() for end in ends), ends[0].lastError().message()
    yield ends
    del ends
    for name in names:
        QDBusConnection.disconnectFromBus(name)


@pytest.fixture
def heard():
    return []


@pytest.fixture
def signals(bus, heard):
    signals = BusSignals(lambda: heard.append(1), bus[0], bus[0], "2")
    settle(bus)
    yield signals
    signals.stop()


def settle(bus):
    """Return when the daemon has read what the console's end wants to hear: the other end could be faster."""
    daemon = "org.freedesktop.DBus"
    answer = bus[0].call(QDBusMessage.createMethodCall(daemon, "/org/freedesktop/DBus", daemon, "GetId"))
    assert answer.type() == QDBusMessage.MessageType.ReplyMessage, answer.errorMessage()


def say(bus, path, interface, name, *values):
    message = QDBusMessage.createSignal(path, interface, name)
    message.setArguments(list(values))
    assert bus[1].send(message)


SLEEP = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep")
SAVER = ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged")


@pytest.mark.parametrize(
    "told",
    [
        (SESSION, "org.freedesktop.login1.Session", "Lock"),
        (*SLEEP, True),
        (*SAVER, True),
        ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", True),
    ],
    ids=["lock of the session", "sleep", "screen saver", "GNOME"],
)
def test_a_lock_and_a_sleep_are_heard(bus, signals, heard, qtbot, told):
    say(bus, *told)
    qtbot.waitUntil(lambda: heard == [1])


def test_what_ends_and_what_others_lock_is_not_heard(bus, signals, heard, qtbot):
    say(bus, *SLEEP, False)
    say(bus, *SAVER, False)
    say(bus, "/org/freedesktop/login1/session/_33", "org.freedesktop.login1.Session", "Lock")
    say(bus, SESSION, "org.freedesktop.login1.Session", "Unlock")
    say(bus, *SAVER, True)  # signals of one sender come in their order
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [1]


def test_nothing_is_heard_after_the_end(bus, signals, heard, qtbot):
    signals.stop()
    further = []
    other = BusSignals(lambda: further.append(1), bus[0], bus[0], "2")
    settle(bus)
    say(bus, *SLEEP, True)
    qtbot.waitUntil(lambda: further == [1])
    assert heard == []
    other.stop()


def test_without_a_bus_the_console_goes_on(qapp, heard):
    nowhere = QDBusConnection("nobody has made this one")
    assert not nowhere.isConnected()
    BusSignals(lambda: heard.append(1), nowhere, nowhere, "").stop()
    assert heard == []


def test_names_of_sessions_become_paths_as_systemd_writes_them():
    assert [_label(name) for name in ("2", "c1", "12", "a-b")] == ["_32", "c1", "_312", "a_2db"]


def test_a_lock_of_the_desktop_counts_only_while_it_is_followed(qtbot):
    window, told = QWidget(), []
    qtbot.addWidget(window)

    class Source:
        def stop(self):
            told.append("stopped")

    lock = DesktopLock(window, listen=lambda _, heard: told.append(heard) or Source())
    hears = told.pop()
    lock.locked.connect(lambda: told.append("locked"))
    hears()
    lock.enabled = False
    hears()
    lock.stop()
    assert told == ["locked", "stopped"]


def test_the_messages_of_windows_that_say_lock_or_sleep():
    assert locks(0x02B1, 0x7)
    assert locks(0x0218, 0x4)
    assert not locks(0x02B1, 0x8)  # unlocked
    assert not locks(0x0218, 0x12)  # woken up
    assert not locks(0x0010, 0x7)


def test_a_message_of_windows_is_read_from_where_it_lies(qtbot):
    from ctypes import addressof, wintypes  # noqa: PLC0415

    from PySide6.QtCore import QByteArray  # noqa: PLC0415

    window, heard = QWidget(), []
    qtbot.addWidget(window)
    messages = WindowMessages(window, lambda: heard.append(1))
    told = wintypes.MSG(message=0x02B1, wParam=0x7)
    assert messages.nativeEventFilter(QByteArray(b"windows_generic_MSG"), addressof(told)) == (False, 0)
    assert messages.nativeEventFilter(QByteArray(b"xcb_generic_event_t"), addressof(told)) == (False, 0)
    messages.stop()
    assert heard == [1]


def test_a_window_is_kept_out_of_recordings_while_a_value_is_shown(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    part, marks = QLabel(window), []
    capture = Capture(
        lambda handle, excluded: marks.append((handle == int(window.winId()), excluded)), lambda: True
    )
    capture.show(part, value=False)
    capture.show(part, value=True)
    capture.show(part, value=True)
    capture.show(part, value=False)
    assert marks == [(True, True), (True, False)]
    capture.wanted = False
    capture.show(part, value=True)
    assert len(marks) == 2


def test_where_it_is_not_possible_no_window_is_touched(qtbot):
    part, marks = QLabel(), []
    qtbot.addWidget(part)
    Capture(lambda *mark: marks.append(mark), lambda: False).show(part, value=True)
    assert (marks, part.internalWinId()) == ([], 0)


def test_values_on_the_page_and_in_entries_are_what_counts(theme, qtbot, monkeypatch):
    marks = []
    monkeypatch.setattr(CAPTURE, "_can", lambda: True)
    monkeypatch.setattr(CAPTURE, "_mark", lambda _, excluded: marks.append(excluded))
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    value, entry = SecretValue(name="value"), SecretText(name="entry")
    column.addWidget(value)
    column.addWidget(entry)
    window.show()
    value.reveal("a value")
    value.reveal("a value")
    value.conceal()
    entry._eye.click()
    entry._eye.click()
    assert marks == [True, False, True, False]
