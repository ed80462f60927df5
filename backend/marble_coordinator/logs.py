"""Log lines on standard error: JSON for programs, tab-separated text in dev mode (spec: state-and-sealing.md, section 9).

Every module takes its logger from `get_logger`. Whatever is logged, also by libraries through `logging`, passes the one
redaction step below: names and numbers go through, values do not.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import time
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import PurePath
from traceback import walk_tb
from types import FrameType, TracebackType
from typing import Any, TextIO

# structlog loads rich and pygments for its coloured tracebacks wherever they happen to be installed: 40 ms and 5 MB for
# nothing here. A None in sys.modules is Python's own sign for "cannot be imported".
_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]  # see above
try:
    import structlog
finally:
    if _rich is None:
        del sys.modules["rich"]
    else:
        sys.modules["rich"] = _rich

Event = MutableMapping[str, Any]
_LEVEL_NAMES = {"warning": "warn", "critical": "fatal", "exception": "error"}
_LEVELS = {"debug": 10, "info": 20, "warn": 30, "error": 40, "fatal": 50}
_LONGEST_TEXT = 500
_PEM = "-----BEGIN "
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """The logger of a module; lines name the file and line they come from."""
    # Bound at once: the proxy that structlog gives otherwise looks itself up again at every line.
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind()
    return logger


def configure(
    *,
    dev_mode: bool = False,
    debug: bool = False,
    http_error_level: str = "error",
    stream: TextIO | None = None,
) -> None:
    """Say how lines look, which are left out, and where they go; standard error without `stream`.

    What uvicorn says about connections gets `http_error_level`, and shows if that is at least the level in force.
    """
    _output.threshold = _LEVELS["debug" if debug else "info"]
    _output.render = _render_for_people if dev_mode else _render_for_programs
    _output.stream = stream
    root = logging.getLogger()
    root.handlers = [_FromLibraries(http_error_level)]
    root.setLevel(logging.WARNING)


class _Output:
    """Where finished lines go. One for the process, so that loggers may be kept for ever."""

    def __init__(self) -> None:
        self.threshold = _LEVELS["info"]
        self.render: Callable[[Event], str] = _render_for_programs
        self.stream: TextIO | None = None

    def write(self, line: str) -> None:
        stream = self.stream or sys.stderr
        try:
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            # Who read standard error is gone, or it is closed: that must not fail a request.
            return

    debug = info = warning = warn = error = critical = fatal = exception = write


class _FromLibraries(logging.Handler):
    """Lets lines of `logging` take the same way as our own."""

    def __init__(self, http_error_level: str) -> None:
        super().__init__()
        self._http_error_level = http_error_level

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        level = _LEVEL_NAMES.get(level, level)
        # With an exception it is a fault of ours, and no trouble with a connection.
        if record.name.startswith("uvicorn") and not record.exc_info:
            level = self._http_error_level
        if _LEVELS.get(level, 0) < _output.threshold:
            return
        event: Event = {
            "level": level,
            "ts": record.created,
            "caller": f"{record.name}:{record.lineno}",
            "msg": record.getMessage().rstrip(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            event["error"] = record.exc_info[1]
            event["stack"] = _stack(record.exc_info[2])
        _output.write(_output.render(redact(None, "", event)))


def _stack(traceback: TracebackType | None) -> list[str]:
    """Where an exception came from, outermost call first: places only, since source lines and texts may hold values."""
    return [
        f"{PurePath(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(traceback)
    ]


def _describe(_logger: Any, method: str, event: Event) -> Event:
    level = _LEVEL_NAMES.get(method, method)
    if _LEVELS[level] < _output.threshold:
        raise structlog.DropEvent
    return {
        "level": level,
        "ts": time.time(),
        "caller": _caller(sys._getframe(1)),  # noqa: SLF001 # the public ways of `inspect` read source files
        "msg": event.pop("event"),
        **(_fault() if event.pop("exc_info", False) else {}),
        **event,
    }


def _fault() -> Event:
    """The exception that is being handled."""
    _, error, traceback = sys.exc_info()
    return {"error": error, "stack": _stack(traceback)}


def _caller(frame: FrameType | None) -> str:
    while frame is not None and frame.f_globals["__name__"].startswith("structlog"):
        frame = frame.f_back
    if frame is None:
        return "?"
    return f"{frame.f_globals['__name__'].removeprefix('marble_coordinator.')}:{frame.f_lineno}"


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """Keep what tells where and what, drop what could be a value: bytes, PEM texts, long texts, unknown objects."""
    return {key: _safe(value) for key, value in event.items()}


def _safe(value: object) -> object:
    match value:
        case str():
            return _safe_text(value)
        case None | bool() | int() | float():
            return value
        case bytes() | bytearray() | memoryview():
            return f"<{len(value)} bytes>"
        case Sequence() | set() | frozenset():
            return [_safe(entry) for entry in value]
        case BaseException() | PurePath():
            return _safe_text(str(value) or type(value).__name__)
        case _:
            pass
    return f"<{type(value).__name__}>"


def _safe_text(text: str) -> str:
    if _PEM in text:
        text = text.partition(_PEM)[0] + "<PEM text>"
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}... ({len(text)} characters)"


def _render_for_programs(event: Event) -> str:
    return _encode(event)


def _render_for_people(event: Event) -> str:
    level, ts, caller, msg = (event.pop(key) for key in ("level", "ts", "caller", "msg"))
    when = dt.datetime.fromtimestamp(ts, dt.UTC).astimezone().isoformat(timespec="milliseconds")
    parts = [when, level.upper(), caller, " ".join(msg.split())]
    if event:
        parts.append(_encode(event))
    return "\t".join(parts)


_output = _Output()
structlog.configure(
    processors=[_describe, redact, lambda _logger, _method, event: _output.render(event)],
    wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
    logger_factory=lambda *_: _output,
)
