"""The console without a window: `marble-console status | check | diff`. Loads neither Qt nor anything that draws.

Exit codes: 0 when all is well, 1 when the answer is bad news (unreachable, manifest refused, files differ), 2 when the
question could not be asked (usage, unreadable file). Text from files and servers is printed without control characters.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.address import Address
from marble_client.client import CoordinatorClient
from marble_client.errors import AddressInvalid, CertificateUnreadable, ClientError, Refused
from marble_client.trust import Trust, fingerprint
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Profile, ProfileStore
from marble_console.coordinators.watch import Observation, observe
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError, Node, path_text, scan
from marble_core.manifest.check import check_manifest
from marble_core.manifest.diff import Change, ChangeKind, Plain, Verbatim, diff
from marble_core.manifest.findings import Finding, Severity
from marble_core.manifest.model import Manifest

GOOD, BAD, UNASKED = 0, 1, 2

_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~", ChangeKind.MOVED: "="}
_LONGEST_VALUE = 80


class UsageError(MarbleError):
    """The command cannot be carried out as given."""

    code = "usage"


def main(arguments: Sequence[str]) -> int:
    """Carry out one subcommand; `arguments` begins with its name. Returns the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (AddressInvalid, CertificateUnreadable) as error:
        _complain(error)
        return UNASKED
    except ClientError as error:
        _complain(error)
        return BAD
    except MarbleError as error:
        _complain(error)
        return UNASKED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("marble-console", description=tr("Marble Console in the terminal."))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    status = commands.add_parser("status", help=tr("say how a coordinator is"))
    status.add_argument(
        "address",
        nargs="?",
        metavar="ADDRESS",
        help=tr("host:port, or the name of a connection; without it the local coordinator"),
    )
    status.add_argument(
        "--root",
        type=Path,
        metavar="FILE",
        help=tr("root certificate to trust, PEM or DER, instead of the kept one"),
    )
    status.add_argument("--json", action="store_true", help=tr("print one JSON object"))
    status.set_defaults(command=_status)

    check = commands.add_parser("check", help=tr("judge a manifest by the coordinator's own rules"))
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(command=_check)

    compare = commands.add_parser("diff", help=tr("compare two manifests by what they mean"))
    compare.add_argument("old", type=Path, metavar="OLD")
    compare.add_argument("new", type=Path, metavar="NEW")
    compare.set_defaults(command=_diff)
    return parser


# status


def _status(options: argparse.Namespace) -> int:
    address, trust = _whom(options.address, options.root)
    with CoordinatorClient.connect(address, trust) as client:
        seen = observe(client, None, dt.datetime.now(dt.UTC))
    if options.json:
        # All but ASCII is escaped, so no text of the coordinator's reaches the terminal as it is.
        sys.stdout.write(json.dumps(_as_json(address, seen), indent=2) + "\n")
    else:
        for name, value in _as_facts(address, seen):
            _say(f"{name + ':':<14}{value}")
    for problem in seen.problems:
        _complain(problem)
    return BAD if seen.problems else GOOD


def _whom(wanted: str | None, root_file: Path | None) -> tuple[Address, Trust]:
    kept = _kept(wanted)
    if wanted is None and kept is None:
        raise UsageError(
            tr("There is no local coordinator yet."),
            hint=tr("Start one with marble-console --local, or give an address."),
        )
    address = kept.address if kept else Address.parse(wanted or "")
    server_name = kept.server_name if kept else ""
    if root_file:
        return address, Trust.from_file(_content(root_file), server_name=server_name)
    if kept and kept.trust:
        return address, kept.trust
    raise UsageError(
        tr("No root certificate is pinned for {address}.", address=address),
        hint=tr("Give the coordinator's root certificate with --root FILE."),
    )


def _kept(wanted: str | None) -> Profile | None:
    path = profiles_file()
    if not path.exists():
        return None
    with ProfileStore(path) as store:
        return store.local() if wanted is None else store.find(wanted)


def _as_facts(address: Address, seen: Observation) -> list[tuple[str, str]]:
    facts = [
        (tr("Address"), str(address)),
        (tr("State"), f"{seen.status.state.value} {_state_word(seen)}"),
    ]
    if seen.quote:
        chain = seen.quote.chain
        facts += [
            (tr("Root"), chain.root_fingerprint),
            (tr("Valid until"), f"{chain.root.not_valid_after_utc:%Y-%m-%d} UTC"),
        ]
    if seen.served:
        facts.append((tr("Manifest"), seen.served.fingerprint))
    if seen.manifest:
        facts.append((tr("Contents"), ", ".join(_counts(seen.manifest))))
    if seen.log:
        facts.append((tr("Log"), ntr("{count} entry", "{count} entries", len(seen.log))))
    facts.append((tr("Server says"), seen.status.message))
    return facts


def _state_word(seen: Observation) -> str:
    return seen.status.state.name.lower().replace("_", " ")


def _counts(manifest: Manifest) -> list[str]:
    return [
        ntr("{count} package", "{count} packages", len(manifest.packages)),
        ntr("{count} marble", "{count} marbles", len(manifest.marbles)),
        ntr("{count} secret", "{count} secrets", len(manifest.secrets)),
        ntr("{count} user", "{count} users", len(manifest.users)),
        ntr("{count} recovery key", "{count} recovery keys", len(manifest.recovery_keys)),
    ]


def _as_json(address: Address, seen: Observation) -> dict[str, Any]:
    chain = seen.quote.chain if seen.quote else None
    return {
        "address": str(address),
        "seen": seen.at.isoformat(),
        "state": {"code": seen.status.state.value, "name": _state_word(seen), "message": seen.status.message},
        "root": _certificate(chain.root) if chain else None,
        "intermediate": _certificate(chain.intermediate) if chain else None,
        "manifest": _manifest_as_json(seen),
        "log": seen.log_text.splitlines(),
        "problems": [{"code": problem.code, "sentence": problem.sentence} for problem in seen.problems],
    }


def _manifest_as_json(seen: Observation) -> dict[str, Any] | None:
    if seen.served is None:
        return None
    if seen.manifest is None:
        return {"fingerprint": seen.served.fingerprint}
    manifest = seen.manifest
    return {
        "fingerprint": seen.served.fingerprint,
        "packages": {name: package.security_version for name, package in manifest.packages.items()},
        "marbles": list(manifest.marbles),
        "secrets": list(manifest.secrets),
        "users": list(manifest.users),
        "recovery_keys": list(manifest.recovery_keys),
    }


def _certificate(certificate: x509.Certificate) -> dict[str, str]:
    return {
        "fingerprint": fingerprint(certificate.public_bytes(Encoding.DER)),
        "not_after": certificate.not_valid_after_utc.isoformat(),
    }


# check


def _check(options: argparse.Namespace) -> int:
    report = check_manifest(_content(options.file))
    for finding in report.findings:
        _say(_line(options.file, finding))
    count = sum(finding.severity is Severity.ERROR for finding in report.findings)
    if count:
        _say(
            ntr(
                "{count} error: a coordinator refuses this manifest.",
                "{count} errors: a coordinator refuses this manifest.",
                count,
            )
        )
        return BAD
    _say(tr("No errors: a coordinator accepts this manifest."))
    return GOOD


def _line(file: Path, finding: Finding) -> str:
    """`FILE:LINE:COLUMN: severity RULE: sentence`, which editors and terminals know how to jump to."""
    place = f"{file}:{finding.span.start.line}:{finding.span.start.column}" if finding.span else f"{file}"
    return f"{place}: {finding.severity.name.lower()} {finding.rule}: {finding.sentence}"


# diff


def _diff(options: argparse.Namespace) -> int:
    contents = _content(options.old), _content(options.new)
    old, new = (
        _tree(file, content) for file, content in zip((options.old, options.new), contents, strict=True)
    )
    found = diff(old, new)
    for change in found.leaves():
        _say(_change(change))
    if found.same_meaning:
        bytes_too = tr("The bytes are identical.") if contents[0] == contents[1] else tr("The bytes differ.")
        _say(f"{tr('No difference in meaning.')} {bytes_too}")
        return GOOD
    counts = [f"{count} {tr(kind.value)}" for kind, count in found.counts.items() if count]
    _say(", ".join(counts))
    return BAD


def _tree(file: Path, content: bytes) -> Node:
    try:
        return scan(content)
    except GoJsonError as error:
        start = error.span.start
        raise UsageError(f"{file}:{start.line}:{start.column}: {error.sentence}") from error


def _change(change: Change) -> str:
    """`~ PATH: OLD -> NEW`, with the values where they are short and nobody's secret."""
    line = f"{_SIGNS[change.kind]} {change.path_text}"
    if change.kind is ChangeKind.MOVED and change.old_path is not None:
        return f"{line} ({tr('was {path}', path=path_text(change.old_path))})"
    if change.kind is not ChangeKind.CHANGED:
        return line
    if change.sensitive:
        return f"{line}: {tr('changed (hidden)')}"
    return f"{line}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: Plain | None) -> str:
    match value:
        case None:
            return tr("nothing")
        case Verbatim(text=text):
            return text
        case str() | int():
            text = json.dumps(value, ensure_ascii=False)
            return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
        case _:
            return ntr("{count} entry", "{count} entries", len(value))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            tr("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error),
            hint=tr("Check the name of the file, and your right to read it."),
        ) from error


def _say(text: str) -> None:
    sys.stdout.write(printable(text) + "\n")


def _complain(error: MarbleError) -> None:
    lines = [error.sentence, error.hint]
    if isinstance(error, Refused) and error.server_text:
        lines.append(tr("The coordinator says: “{text}”", text=error.server_text))
    sys.stderr.write("".join(f"{printable(line)}\n" for line in lines if line))


def printable(text: str) -> str:
    """The text without what a terminal would obey instead of show, line ends included."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
