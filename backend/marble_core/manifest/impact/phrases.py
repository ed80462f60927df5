"""What a single change does, as the end of a sentence: "is raised from 7 to 8", "gets file /etc/app.conf"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from marble_core.gojson import Path, path_text
from marble_core.manifest.diff import HIDDEN, Change, ChangeKind, Plain, Verbatim
from marble_core.manifest.model import Action
from marble_core.pem import first_block

_LONGEST = 60  # characters of a value in a sentence

_DEEDS = {
    Action.UPDATE_SECURITY_VERSION: "raise packages",
    Action.READ_SECRET: "read secrets",
    Action.WRITE_SECRET: "write secrets",
    Action.UPDATE_MANIFEST: "replace the manifest",
}


class _Words(NamedTuple):
    """The phrases of a field by what happens to it; `{name}`, `{old}` and `{new}` are filled in. Without `moved`,
    `changed` is said of a value that moves.
    """

    added: str
    removed: str
    changed: str
    moved: str = ""


def phrase(change: Change) -> str:
    """What the change does to the entry it is in; its path has three steps at least."""
    section, _, *inside = change.path
    fields = tuple(step for step in inside if isinstance(step, str))
    for length in range(len(fields), 0, -1):
        if words := _WORDS.get((str(section), *fields[:length])):
            if len(fields) - length > _TAKES_NAMES.get((str(section), *fields[:length]), 0):
                break
            return _said(words, change, inside)
    return _said(_plain_words(inside), change, inside)


def _said(words: _Words | Callable[[Change], str], change: Change, inside: list[str | int]) -> str:
    if not isinstance(words, _Words):
        return words(change)
    kind = change.kind
    if len(inside) > _NAME_STEP and inside[0] == "Parameters":
        name = str(inside[_NAME_STEP])
        if len(inside) > _NAME_STEP + 1:  # a part of a file or variable that stays
            if inside[-1] == "NoTemplates":
                return f"{'has templates filled in' if change.after is None else 'takes templates as text'} in {name}"
            kind = ChangeKind.CHANGED
    else:
        name = next((step for step in reversed(inside) if isinstance(step, str)), "")
    text = {
        ChangeKind.ADDED: words.added,
        ChangeKind.REMOVED: words.removed,
        ChangeKind.CHANGED: words.changed,
        ChangeKind.MOVED: words.moved or words.changed,
    }[kind]
    old, new = (HIDDEN if change.sensitive else shown(value) for value in (change.before, change.after))
    return text.format(name=name, old=old, new=new)


_NAME_STEP = 2  # Parameters, Files or Env, name


def shown(value: Plain | None) -> str:
    """A value that fits into a sentence, or how many it has inside."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case Verbatim(text=text) | str(text):
            return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        case int():
            return str(value)
        case Mapping() if port := value.get("Port"):
            addr = value.get("Addr")
            return f"{shown(addr)}:{shown(port)}" if addr else f"port {shown(port)}"
        case _:
            return f"{len(value):,} values"


def _plain_words(inside: list[str | int]) -> _Words:
    place = path_text(_without_outer_index(tuple(inside)))
    return _Words(f"gets {place}", f"loses {place}", f"changes {place}")


def _without_outer_index(path: Path) -> Path:
    """A place in a list is told without its number where the element as such comes or goes."""
    return path[:-1] if isinstance(path[-1], int) else path


def _version(change: Change) -> str:
    match change.before, change.after:
        case int(before), int(after):
            return f"is {'raised' if after > before else 'lowered'} from {before} to {after}"
        case None, after:
            return f"needs version {shown(after)} now"
        case _, None:
            return "needs no version any more"
        case before, after:
            return f"changes SecurityVersion from {shown(before)} to {shown(after)}"


def _size(change: Change) -> str:
    match change.before, change.after:
        case int(before), int(after):
            return f"{'grows' if after > before else 'shrinks'} to {after} bits"
        case _, None:
            return "has no size any more"
        case _, after:
            return f"has {shown(after)} bits now"


def same_block(change: Change) -> bool:
    """Whether both sides are PEM texts of the same certificate or key."""
    before, after = (
        first_block(str(side)) if isinstance(side, str) else None for side in (change.before, change.after)
    )
    return before is not None and before == after


def _certificate(change: Change) -> str:
    match change.before, change.after:
        case None, _:
            return "gets a certificate"
        case _, None:
            return "loses its certificate"
        case _:
            return (
                "keeps its certificate, written another way"
                if same_block(change)
                else "gets another certificate"
            )


def _deed(change: Change) -> str:
    written = shown(change.after if change.before is None else change.before)
    deed = _DEEDS[Action(written)] if written in set(Action) else f"do “{written}”"
    return f"may {'' if change.before is None else 'no longer '}{deed}"


def _identity(field: str) -> _Words:
    return _Words(f"gets a {field}", f"loses its {field}", f"gets another {field}")


_ACCEPTED = _Words("accepts {new}", "no longer accepts {old}", "accepts {new} instead of {old}")
_VALUE = _Words(
    "holds a value in the manifest", "holds no value any more", "holds another value in the manifest"
)
_IN = _Words("wraps incoming {new}", "no longer wraps incoming {old}", "changes incoming {new}")
_OUT = _Words("wraps outgoing {new}", "no longer wraps outgoing {old}", "changes outgoing {new}")

_WORDS: Mapping[Path, _Words | Callable[[Change], str]] = {
    ("Packages", "Debug"): _Words("becomes a debug package", "is no longer a debug package", "changes Debug"),
    ("Packages", "UniqueID"): _identity("UniqueID"),
    ("Packages", "SignerID"): _identity("SignerID"),
    ("Packages", "ProductID"): _identity("ProductID"),
    ("Packages", "SecurityVersion"): _version,
    ("Packages", "AcceptedTCBStatuses"): _ACCEPTED,
    ("Packages", "AcceptedAdvisories"): _Words(
        "lists {new} as accepted",
        "no longer lists {old} as accepted",
        "lists {new} as accepted instead of {old}",
    ),
    ("Marbles", "Package"): _Words(
        "runs package {new}", "runs no package", "runs package {new} instead of {old}"
    ),
    ("Marbles", "MaxActivations"): _Words(
        "may start {new} times only", "loses its activation limit", "may start {new} times instead of {old}"
    ),
    ("Marbles", "Parameters", "Files"): _Words(
        "gets file {name}", "loses file {name}", "gets another file {name}", "has a file renamed to {name}"
    ),
    ("Marbles", "Parameters", "Env"): _Words(
        "gets variable {name}",
        "loses variable {name}",
        "gets another value of {name}",
        "has a variable renamed to {name}",
    ),
    ("Marbles", "Parameters", "Argv"): _Words(
        "gets argument “{new}”",
        "loses argument “{old}”",
        "gets argument “{new}” instead of “{old}”",
        "has argument “{new}” at another place",
    ),
    ("Marbles", "TLS"): _Words("uses TLS tag {new}", "no longer uses TLS tag {old}", "changes its TLS tags"),
    ("Marbles", "DisableSecretBinding"): _Words(
        "shares its keys with marbles of other types",
        "has keys bound to its type",
        "changes the binding of its keys",
    ),
    ("Secrets", "Type"): _Words("becomes {new}", "has no type any more", "becomes {new} instead of {old}"),
    ("Secrets", "Size"): _size,
    ("Secrets", "Shared"): _Words("is shared by all marbles", "is each marble's own", "changes Shared"),
    ("Secrets", "UserDefined"): _Words("is set by users", "is generated", "changes UserDefined"),
    ("Secrets", "ValidFor"): _Words(
        "is valid for {new} days", "is valid for the usual time", "is valid for {new} days instead of {old}"
    ),
    ("Secrets", "Private"): _VALUE,
    ("Secrets", "Public"): _VALUE,
    ("Users", "Certificate"): _certificate,
    ("Users", "Roles"): _Words("gets role {new}", "loses role {old}", "changes roles"),
    ("Roles", "ResourceType"): _Words(
        "speaks about {new}", "speaks about nothing", "speaks about {new} instead of {old}"
    ),
    ("Roles", "ResourceNames"): _Words("covers {new}", "no longer covers {old}", "changes what it covers"),
    ("Roles", "Actions"): _deed,
    ("TLS", "Incoming"): _IN,
    ("TLS", "Incoming", "Cert"): _Words(
        "shows certificate {new} on an incoming port",
        "no longer shows certificate {old} on an incoming port",
        "shows certificate {new} on an incoming port instead of {old}",
    ),
    ("TLS", "Incoming", "DisableClientAuth"): _Words(
        "asks clients of an incoming port for no certificate",
        "asks clients of an incoming port for a marble's certificate",
        "changes DisableClientAuth of an incoming port",
    ),
    ("TLS", "Outgoing"): _OUT,
}

# Fields whose entries have names of their own: a change at the name, or inside it, is told by that name.
_TAKES_NAMES: Mapping[Path, int] = {
    ("Marbles", "Parameters", "Files"): 2,
    ("Marbles", "Parameters", "Env"): 2,
}
