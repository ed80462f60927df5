"""A second start hands its arguments over; a window that was killed is no window."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from marble_console.single import FirstWindow, Start, hand_over, socket_name


@pytest.fixture
def name(tmp_path):
    return str(tmp_path / "s")


@pytest.fixture
def first(qapp, name):
    window = FirstWindow(name)
    yield window
    window.close()


def connected(name):
    socket = QLocalSocket()
    socket.connectToServer(name)
    assert socket.waitForConnected(1000)
    return socket


def test_the_first_window_gets_what_a_second_start_was_asked(first, name, qtbot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    start = Start.of(local=True, files=["a.json"])
    socket = connected(name)
    with qtbot.waitSignal(first.started) as started:
        socket.write(start.to_line())
        socket.flush()
    assert started.args == [Start(local=True, files=(str(tmp_path / "a.json"),))]
    qtbot.waitUntil(lambda: socket.bytesAvailable() > 0)
    assert bytes(socket.readAll().data()) == b"ok\n"
    socket.close()


SECOND = """
import sys
from marble_console import single
single._CONNECT_MS = 50
print("begun", flush=True)
print(single.hand_over(sys.argv[1], single.Start(local=True)))
"""


def test_a_first_window_that_is_busy_is_waited_for(first, name, qtbot):
    with subprocess.Popen(
        [sys.executable, "-c", SECOND, name], stdout=subprocess.PIPE, encoding="utf-8"
    ) as second:
        assert second.stdout.readline() == "begun\n"
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.3)  # in which the first window does nothing else
        qtbot.waitUntil(lambda: second.poll() is not None)
        assert second.stdout.read() == "True\n"


def test_without_a_first_window_there_is_nobody_to_hand_over_to(qapp, name):
    assert not hand_over(name, Start())


def test_the_socket_of_a_killed_window_is_taken_over(qapp, name, qtbot):
    dead = QLocalServer()
    assert dead.listen(name)
    path = Path(name)
    path.rename(path.with_suffix(".kept"))
    dead.close()
    path.with_suffix(".kept").rename(path)
    assert not hand_over(name, Start())
    window = FirstWindow(name)
    socket = connected(name)
    socket.close()
    window.close()


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b'{"local": 1, "files": []}\n', b'{"local": true, "files": [1]}\n']
)
def test_what_is_no_start_is_refused(first, name, qtbot, line):
    socket = connected(name)
    with qtbot.assertNotEmitted(first.started), qtbot.waitSignal(socket.disconnected):
        socket.write(line)
        socket.flush()


def test_each_data_folder_has_its_own_window(tmp_path):
    assert socket_name(tmp_path / "a") != socket_name(tmp_path / "b")
    deep = tmp_path / ("x" * 120)
    assert len(socket_name(deep)) < 60
