"""The relay of the bundled coordinator: everything arrives on the window's thread, however much is logged."""

import threading

import pytest

from marble_console.coordinators.bundled import Situation
from marble_console.coordinators.local import LocalCoordinator
from marble_console.coordinators.logline import parse_log_line


class FakeBundled:
    def __init__(self, folder, *, changed, logged):
        self.folder, self.changed, self.logged = folder, changed, logged
        self.situation = Situation()
        self.closed = False

    def close(self):
        self.closed = True


@pytest.fixture
def local(qapp, tmp_path):
    local = LocalCoordinator(tmp_path, make=FakeBundled)
    yield local
    local.close()
    local.deleteLater()


def on_a_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_lines_from_a_thread_arrive_in_order_on_the_thread_of_the_window(local, qtbot):
    seen = []
    threads = set()
    local.logged.connect(lambda lines: (seen.extend(lines), threads.add(threading.current_thread())))
    lines = [parse_log_line(str(number)) for number in range(5000)]
    on_a_thread(lambda: [local.coordinator.logged(line) for line in lines])
    qtbot.waitUntil(lambda: len(seen) == len(lines))
    assert seen == lines
    assert threads == {threading.main_thread()}


def test_a_flood_of_lines_is_few_messages(local, qtbot):
    messages = []
    local.logged.connect(messages.append)
    on_a_thread(lambda: [local.coordinator.logged(parse_log_line("x")) for _ in range(5000)])
    qtbot.waitUntil(lambda: sum(map(len, messages)) == 5000)
    assert len(messages) == 1


def test_a_change_arrives_without_a_line(local, qtbot):
    with qtbot.assertNotEmitted(local.logged), qtbot.waitSignal(local.changed):
        on_a_thread(local.coordinator.changed)


def test_nothing_is_reported_after_the_end(local, qtbot):
    local.close()
    with qtbot.assertNotEmitted(local.changed):
        on_a_thread(local.coordinator.changed)
        qtbot.wait(0)
    assert local.coordinator.closed
