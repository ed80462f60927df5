"""All names of a text with what uses them. No Qt; runs on a worker."""

from __future__ import annotations

from dataclasses import dataclass

from marble_console.words import tr
from marble_core.gojson import GoJsonError, Source
from marble_core.manifest.fromyaml import YamlRefused
from marble_core.manifest.names import Kind, Mention, Names, YamlNames

_MOST_PLACES = 8
# Nothing in a manifest refers to these.
_UNREFERRED = frozenset({Kind.MARBLE, Kind.USER, Kind.RECOVERY_KEY, Kind.INFRASTRUCTURE})


@dataclass(frozen=True, slots=True)
class Reference:
    """A name: where it is defined, or first used where it is not."""

    key: str
    name: str
    line: int
    column: int
    uses: int
    where: str
    is_defined: bool
    wants_uses: bool


@dataclass(frozen=True, slots=True)
class References:
    """Groups by section. `why_not` says why there are none."""

    groups: tuple[tuple[str, tuple[Reference, ...]], ...] = ()
    why_not: str = ""


def names_of(text: str, *, is_yaml: bool) -> Names | YamlNames:
    """The names of a manifest in JSON or YAML; raises GoJsonError, YamlRefused."""
    return YamlNames(text) if is_yaml else Names(text)


def references(text: str, *, is_yaml: bool = False) -> References:
    try:
        names = names_of(text, is_yaml=is_yaml)
    except (GoJsonError, YamlRefused) as error:
        line = error.span.start.line
        why = error.sentence
        if is_yaml:
            sentence = tr(
                "The YAML cannot be read, so its names are not known. Line {line}: {why}", line=line, why=why
            )
        else:
            sentence = tr(
                "The text is no JSON, so its names are not known. Line {line}: {why}", line=line, why=why
            )
        return References(why_not=sentence)
    source = Source(text)
    by_name: dict[tuple[Kind, str], list[Mention]] = {}
    for mention in names.all:
        by_name.setdefault((mention.kind, mention.name), []).append(mention)
    groups = []
    for kind in Kind:
        rows = tuple(
            _reference(kind, name, found, source) for (k, name), found in by_name.items() if k is kind
        )
        if rows:
            groups.append((kind.value, rows))
    return References(tuple(groups))


def _reference(kind: Kind, name: str, found: list[Mention], source: Source) -> Reference:
    defined = next((it for it in found if it.is_definition), None)
    used = [it for it in found if not it.is_definition]
    place = source.position((defined or found[0]).start)
    places = list(dict.fromkeys(it.where for it in used))
    more = len(places) - _MOST_PLACES
    where = ", ".join(places[:_MOST_PLACES]) + (tr(" and {more} more", more=more) if more > 0 else "")
    return Reference(
        f"{kind.value}\0{name}",
        name,
        place.line,
        place.column,
        len(used),
        where,
        defined is not None,
        kind not in _UNREFERRED,
    )
