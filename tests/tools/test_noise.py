"""The watchmen are watched: each kind of noise fails a test, and a quiet test passes."""

import pytest

QUIET = """
import subprocess, sys, threading, asyncio
def test_is_tidy(expect_log):
    import logging
    expect_log("disk nearly full")
    logging.getLogger("x").warning("disk nearly full: 3 bytes")
    thread = threading.Thread(target=int); thread.start(); thread.join()
    subprocess.run([sys.executable, "-c", ""], check=True)
    async def nothing(): return None
    asyncio.run(nothing())
"""

SHARED_SERVER = """
import asyncio, threading, pytest
@pytest.fixture(scope="module")
def server():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever); thread.start()
    yield loop
    asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result()
    loop.call_soon_threadsafe(loop.stop); thread.join(); loop.close()
def test_it(server):
    async def work(): await asyncio.get_running_loop().run_in_executor(None, int)
    asyncio.run_coroutine_threadsafe(work(), server).result()
"""

NOISE = {
    "thread 'forgotten'": """
import threading, pytest
release = threading.Event()
@pytest.fixture(scope="session", autouse=True)
def _end(): yield; release.set()
def test_it(): threading.Thread(target=release.wait, name="forgotten").start()
""",
    "child process * import time": """
import subprocess, sys, pytest
children = []
@pytest.fixture(scope="session", autouse=True)
def _end():
    yield
    for child in children: child.kill(); child.wait()
def test_it(): children.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
""",
    "ended, but nobody waited for it": """
import os, pytest
@pytest.fixture(scope="session", autouse=True)
def _end(): yield; os.wait()
def test_it():
    if not os.fork(): os._exit(0)
""",
    "open event loop": """
import asyncio
loops = []
def test_it(): loops.append(asyncio.new_event_loop())
""",
    "unexpected log line (ERROR, somewhere): it broke": """
import logging
def test_it(): logging.getLogger("somewhere").error("it %s", "broke")
""",
    "unexpected log line (WARNING, coordinator): *disk nearly full": """
from marble_coordinator.logs import get_logger
def test_it(): get_logger().warning("disk nearly full", free=3)
""",
    "'rain' was announced and never came": """
def test_it(expect_log): expect_log("rain")
""",
    "window QWidget (forgotten": """
from PySide6.QtWidgets import QWidget
kept = []
def test_it(qapp):
    widget = QWidget(); widget.setObjectName("forgotten"); kept.append(widget)
""",
    "active timer QTimer (tick": """
from PySide6.QtCore import QTimer
kept = []
def test_it(qapp):
    timer = QTimer(); timer.setObjectName("tick"); timer.start(60_000); kept.append(timer)
""",
}


@pytest.fixture
def noisy(pytester, monkeypatch, caplog):
    """Runs one file of tests, in this process, under the plugin with a short time of grace.

    It asks for caplog so that the plugin of the outer run accepts what the inner tests log.
    """
    monkeypatch.setattr("tests.noise.GRACE_SECONDS", 0.05)

    def run(source):
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess("-p", "tests.noise", "-p", "no:cacheprovider", "-p", "no:cov")

    return run


def test_a_tidy_test_passes(noisy):
    noisy(QUIET).assert_outcomes(passed=1)


def test_the_pool_of_a_server_that_tests_share_is_its_own_affair(noisy):
    noisy(SHARED_SERVER).assert_outcomes(passed=1)


@pytest.mark.parametrize("complaint", NOISE)
def test_a_test_that_leaves_something_behind_fails(noisy, complaint):
    result = noisy(NOISE[complaint])
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*{complaint.replace('[', '[[]')}*"])


def test_a_forgotten_window_does_not_fail_the_next_test(noisy):
    result = noisy(NOISE["window QWidget (forgotten"] + "\n\ndef test_next(qapp): pass\n")
    result.assert_outcomes(passed=2, errors=1)


def test_a_test_that_asks_for_caplog_reads_the_log_itself(noisy):
    noisy("""
import logging
def test_it(caplog):
    logging.error("it broke")
    assert caplog.messages == ["it broke"]
""").assert_outcomes(passed=1)
