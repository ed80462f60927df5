import io
import json
import logging
from pathlib import PurePosixPath

import pytest

from marble_coordinator import logs
from marble_core.secretbytes import SecretBytes

CANARY = "canary-7f3a"
PEM = f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def stream():
    """Standard error of a configured coordinator; the logging of the test run is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    target = io.StringIO()
    logs.configure(stream=target)
    yield target
    logs.configure()
    root.handlers[:], level = before
    root.setLevel(level)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_names_level_time_caller_and_text_first(stream):
    logs.get_logger().warning("Something odd", user="mia", count=3)
    (line,) = lines(stream)
    assert list(line) == ["level", "ts", "caller", "msg", "user", "count"]
    assert (line["level"], line["msg"], line["user"], line["count"]) == ("warn", "Something odd", "mia", 3)
    assert isinstance(line["ts"], float)
    assert "test_logs:" in line["caller"]


@pytest.mark.parametrize(
    "value",
    [
        CANARY.encode(),
        bytearray(CANARY.encode()),
        SecretBytes(CANARY.encode()),
        PEM,
        f"refused: {PEM}",
        ValueError(PEM),
        [CANARY.encode(), (PEM,), {"inner": CANARY}],
        "x" * 600 + CANARY,
    ],
    ids=[
        "bytes",
        "bytearray",
        "secret bytes",
        "PEM",
        "PEM in a text",
        "PEM in an error",
        "nested",
        "long text",
    ],
)
def test_a_value_never_reaches_the_log(stream, value):
    logs.get_logger().error("Call failed", given=value)
    assert CANARY not in stream.getvalue()


def test_names_and_paths_are_kept(stream):
    logs.get_logger().info("x", path=PurePosixPath("/data/seal"), secrets=("a", "b"), none=None)
    (line,) = lines(stream)
    assert (line["path"], line["secrets"], line["none"]) == ("/data/seal", ["a", "b"], None)


def test_debug_lines_are_silent_by_default(stream):
    logs.get_logger().debug("quiet")
    assert stream.getvalue() == ""


def test_lines_of_libraries_take_the_same_way(stream):
    logging.getLogger("some.library").warning("odd %s", PEM)
    (line,) = lines(stream)
    assert (line["level"], line["msg"]) == ("warn", "odd <PEM text>")
    assert line["caller"].startswith("some.library:")


def test_a_traceback_of_a_library_says_where_and_not_what(stream):
    try:
        int(PEM)
    except ValueError:
        logging.getLogger("some.library").exception("failed")
    (line,) = lines(stream)
    assert line["msg"] == "failed"
    assert any("test_logs" in place for place in line["stack"])
    assert CANARY not in stream.getvalue()


def test_dev_mode_separates_by_tabs_and_stays_one_line(stream):
    logs.configure(dev_mode=True, stream=stream)
    logs.get_logger().info("two\nlines", user="a\tb")
    time, level, caller, text, fields = stream.getvalue().rstrip("\n").split("\t")
    assert (level, text, json.loads(fields)) == ("INFO", "two lines", {"user": "a\tb"})
    assert time.startswith("20")
    assert "test_logs" in caller


def test_a_closed_stream_fails_nobody(stream):
    logs.configure(stream=stream)
    stream.close()
    logs.get_logger().info("nobody reads this")


def test_rich_is_not_loaded(run_python):
    assert run_python("import sys, marble_coordinator.logs; print('rich' in sys.modules)") == "False"
