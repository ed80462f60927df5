"""What the coordinator is told from outside: environment variables, and the same as flags.

The variables are those of spec: state-and-sealing.md, section 6, and a few of our own (`MARBLE_COORDINATOR_*`). A flag
beats its variable; an empty variable counts as unset. Nothing is opened or resolved here: a bad value is refused with a
sentence that names the flag or variable, before anything else happens.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

from marble_coordinator.tls import Limits
from marble_core.errors import MarbleError

LOG_LEVELS = ("debug", "info", "warn", "error")
_MEBIBYTE = 1024 * 1024
_T = TypeVar("_T")


class ConfigError(MarbleError):
    """A flag or variable that cannot be used; the sentence names it."""

    code = "bad_configuration"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. An empty host is every interface, port 0 any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. Paths are absolute."""

    client_addr: Address
    mesh_addr: Address
    prometheus_addr: Address | None
    dns_names: tuple[str, ...]
    seal_dir: Path
    startup_manifest: Path | None
    startup_recovery_file: Path | None
    startup_dismisses_state: bool
    simulated_quotes: bool
    collateral_addr: Address
    dev_mode: bool
    debug_logging: bool
    http_error_log_level: str
    limits: Limits
    ready_json: bool
    stop_with_stdin: bool


@dataclass(frozen=True, slots=True)
class _Setting:
    """One value: its flag is the name with dashes. `default` is text, parsed like a given value."""

    name: str
    variable: str
    default: str
    metavar: str
    help: str

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


_GROUPS: dict[str, tuple[_Setting, ...]] = {
    "addresses": (
        _Setting("client_addr", "EDG_COORDINATOR_CLIENT_ADDR", ":4433", "HOST:PORT", "client API over HTTPS"),
        _Setting("mesh_addr", "EDG_COORDINATOR_MESH_ADDR", ":2001", "HOST:PORT", "marble API"),
        _Setting(
            "dns_names",
            "EDG_COORDINATOR_DNS_NAMES",
            "localhost",
            "NAMES",
            "comma list of names and IP addresses for the certificates, besides 127.0.0.1 and ::1",
        ),
    ),
    "state": (
        _Setting(
            "seal_dir",
            "EDG_COORDINATOR_SEAL_DIR",
            "marblerun-coordinator-data",
            "DIR",
            "directory of the sealed state, made when missing. A relative one, as the default, is looked up in "
            "EDG_CWD if that is set, else in the working directory",
        ),
        _Setting(
            "startup_manifest",
            "EDG_STARTUP_MANIFEST",
            "",
            "FILE",
            "manifest to set at start; at later starts the same manifest must be in force already",
        ),
        _Setting(
            "startup_recovery_file",
            "MARBLE_COORDINATOR_STARTUP_RECOVERY_FILE",
            "",
            "FILE",
            "where to write the recovery secrets of the start-up manifest. Needed if it has recovery keys",
        ),
        _Setting(
            "startup_dismisses_state",
            "MARBLE_COORDINATOR_STARTUP_DISMISSES_STATE",
            "",
            "",
            "let the start-up manifest replace a sealed state that cannot be opened, for good",
        ),
    ),
    "attestation": (
        _Setting(
            "no_simulated_quotes",
            "MARBLE_COORDINATOR_NO_SIMULATED_QUOTES",
            "",
            "",
            "give no quote where there is no SGX. Otherwise quotes are simulated then: signed by a root that the "
            "coordinator makes itself, they prove nothing",
        ),
        _Setting(
            "collateral_addr",
            "MARBLE_COORDINATOR_COLLATERAL_ADDR",
            "127.0.0.1:0",
            "HOST:PORT",
            "serve what simulated quotes are judged by over plain HTTP, as Intel's service does for genuine ones; "
            "port 0 is any free one, named in the log",
        ),
    ),
    "logging and monitoring": (
        _Setting("dev_mode", "EDG_COORDINATOR_DEV_MODE", "", "", "log for people instead of programs"),
        _Setting("debug_logging", "EDG_DEBUG_LOGGING", "", "", "log at level debug too"),
        _Setting(
            "http_error_log_level",
            "EDG_HTTP_ERROR_LOG_LEVEL",
            "error",
            "LEVEL",
            "level for lines about broken connections: " + ", ".join(LOG_LEVELS),
        ),
        _Setting(
            "prometheus_addr",
            "EDG_COORDINATOR_PROMETHEUS_ADDR",
            "",
            "HOST:PORT",
            "serve /metrics and /events over plain HTTP without authentication; off when unset",
        ),
    ),
    "limits of the client API": (
        _Setting(
            "max_body", "MARBLE_COORDINATOR_MAX_BODY", str(16 * _MEBIBYTE), "BYTES", "longest request body"
        ),
        _Setting(
            "max_head",
            "MARBLE_COORDINATOR_MAX_HEAD",
            str(_MEBIBYTE),
            "BYTES",
            "longest request line with headers",
        ),
        _Setting(
            "max_connections", "MARBLE_COORDINATOR_MAX_CONNECTIONS", "1024", "N", "open connections at once"
        ),
        _Setting(
            "handshake_time", "MARBLE_COORDINATOR_HANDSHAKE_TIME", "10", "SECONDS", "time for a TLS handshake"
        ),
        _Setting(
            "head_time", "MARBLE_COORDINATOR_HEAD_TIME", "10", "SECONDS", "time for a whole request head"
        ),
        _Setting("body_time", "MARBLE_COORDINATOR_BODY_TIME", "30", "SECONDS", "longest pause within a body"),
        _Setting(
            "idle_time",
            "MARBLE_COORDINATOR_IDLE_TIME",
            "120",
            "SECONDS",
            "how long an idle connection is kept",
        ),
    ),
}
_SWITCHES = ("startup_dismisses_state", "no_simulated_quotes", "dev_mode", "debug_logging")
_DESCRIPTION = "A coordinator for MarbleRun: keeps a manifest and its secrets, and serves the client API."
_EPILOG = (
    "Every flag beats its variable. Ends with code 0 when stopped (SIGTERM, SIGINT), 1 when it cannot start."
)


class _Parser(argparse.ArgumentParser):
    """Ends with code 1 on a bad flag, like every other failure to start."""

    def error(self, message: str) -> NoReturn:
        self.exit(1, f"{self.prog}: {message} (see --help)\n")


def parser() -> argparse.ArgumentParser:
    """The command line, with one argument group for each topic."""
    result = _Parser("marble-coordinator", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    for title, settings in _GROUPS.items():
        group = result.add_argument_group(title)
        for setting in settings:
            if setting.name in _SWITCHES:
                group.add_argument(
                    setting.flag, action="store_true", help=f"{setting.help} ({setting.variable}=1)"
                )
            else:
                default = f", default {setting.default}" if setting.default else ""
                text = f"{setting.help} ({setting.variable}{default})"
                group.add_argument(setting.flag, metavar=setting.metavar, help=text)
    program = result.add_argument_group("when another program starts it")
    program.add_argument(
        "--ready-json",
        action="store_true",
        help="print one JSON line with ports and root fingerprint once listening",
    )
    program.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends")
    result.add_argument("--version", action="store_true", help="print the version and end")
    return result


def load(arguments: argparse.Namespace, environ: Mapping[str, str], working_dir: Path) -> Config:
    """The configuration from parsed arguments and the environment; raises ConfigError."""
    values = _Values(arguments, environ)
    base = working_dir / environ.get("EDG_CWD", "")
    startup_manifest = values.get("startup_manifest", _optional_path(working_dir))
    startup_recovery_file = values.get("startup_recovery_file", _optional_path(working_dir))
    if startup_recovery_file is not None and startup_manifest is None:
        raise ConfigError(
            "A recovery file is given without a start-up manifest.", hint="Set EDG_STARTUP_MANIFEST too."
        )
    return Config(
        client_addr=values.get("client_addr", parse_address),
        mesh_addr=values.get("mesh_addr", parse_address),
        prometheus_addr=values.get("prometheus_addr", lambda text: parse_address(text) if text else None),
        dns_names=values.get("dns_names", _names),
        seal_dir=values.get("seal_dir", lambda text: base / text),
        startup_manifest=startup_manifest,
        startup_recovery_file=startup_recovery_file,
        startup_dismisses_state=values.is_on("startup_dismisses_state"),
        simulated_quotes=not values.is_on("no_simulated_quotes"),
        collateral_addr=values.get("collateral_addr", parse_address),
        dev_mode=values.is_on("dev_mode"),
        debug_logging=values.is_on("debug_logging"),
        http_error_log_level=values.get("http_error_log_level", _log_level),
        limits=Limits(
            body=values.get("max_body", _size),
            head=values.get("max_head", _size),
            connections=values.get("max_connections", _size),
            handshake_time=values.get("handshake_time", _seconds),
            head_time=values.get("head_time", _seconds),
            body_time=values.get("body_time", _seconds),
            idle_time=values.get("idle_time", _seconds),
        ),
        ready_json=arguments.ready_json,
        stop_with_stdin=arguments.stop_with_stdin,
    )


class _Values:
    """Looks a setting up: flag, then variable, then default."""

    def __init__(self, arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
        self._arguments = vars(arguments)
        self._environ = environ
        self._settings = {setting.name: setting for setting in _all_settings()}

    def get(self, name: str, parse: Callable[[str], _T]) -> _T:
        setting = self._settings[name]
        given = self._arguments[name]
        text = given if given is not None else self._environ.get(setting.variable) or setting.default
        try:
            return parse(text)
        except ValueError as error:
            source = setting.flag if given is not None else setting.variable
            raise ConfigError(f"{source} is set to {text!r}: {error}.") from error

    def is_on(self, name: str) -> bool:
        # Only "1" counts: a script that says "true" has never switched anything on (spec, section 6).
        return bool(self._arguments[name]) or self._environ.get(self._settings[name].variable) == "1"


def _all_settings() -> Iterable[_Setting]:
    for settings in _GROUPS.values():
        yield from settings


def parse_address(text: str) -> Address:
    """`host:port`, `:port` or `[v6]:port`; raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon:
        raise ValueError("an address is written HOST:PORT")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("an IPv6 address stands in square brackets, as in [::1]:4433")
    if not (port.isascii() and port.isdecimal() and int(port) < 1 << 16):
        raise ValueError("the port must be a number from 0 to 65535")
    return Address(host, int(port))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name for part in text.split(",") if (name := part.strip()))
    if not all(name.isascii() and name.isprintable() for name in names):
        raise ValueError("DNS names are plain ASCII")
    return names


def _log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ValueError("known levels are " + ", ".join(LOG_LEVELS))
    return text.lower()


def _size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ValueError("a whole number above 0 is needed")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds < 86_400:  # noqa: PLR2004 # a day is longer than any sensible time limit
        raise ValueError("a number of seconds above 0 and below a day is needed")
    return seconds


def _optional_path(working_dir: Path) -> Callable[[str], Path | None]:
    return lambda text: working_dir / text if text else None


def from_command_line(argv: Sequence[str], environ: Mapping[str, str], working_dir: Path) -> Config:
    """Parse flags and environment in one go, for tests and for callers that need no `--version`."""
    return load(parser().parse_args(argv), environ, working_dir)
