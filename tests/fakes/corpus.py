"""A corpus of manifests, valid and bent, each with the place where it was bent. Written here, not by what is tested.

The texts come in several hands: with and without line breaks, indented by blanks or tabs, with CRLF, sections reversed.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.manifests import ABSENT, bent, certificate_pem, observatory, recovery_pem

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """Offsets in the text: where the key of a value begins, or the value itself in a list, and where the value does."""

    start: int
    value: int
    end: int


@dataclass(frozen=True)
class Sample:
    """`bend` is the path that was changed, None in a valid one; `damaged_at` the offset of what makes it no JSON."""

    name: str
    text: str
    places: dict[Path, Place]
    bend: Path | None = None
    damaged_at: int | None = None

    @property
    def raw(self) -> bytes:
        return self.text.encode()

    @property
    def nearest(self) -> Place:
        """The place of the bend, or of what is around it where it was taken out."""
        path = self.bend or ()
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path]


class Hand:
    """Somebody's way to write JSON."""

    def __init__(
        self, name: str, indent: str, newline: str = "\n", colon: str = ": ", *, reverse: bool = False
    ) -> None:
        self.name = name
        self._indent, self._newline, self._colon, self._reverse = indent, newline, colon, reverse

    def write(self, value: Any) -> tuple[str, dict[Path, Place]]:
        self._parts: list[str] = []
        self._length = 0
        self._places: dict[Path, Place] = {}
        self._value(value, (), 0, 0)
        self._put(self._newline)
        return "".join(self._parts), self._places

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _break(self, depth: int) -> None:
        if self._indent:
            self._put(self._newline + self._indent * depth)

    def _value(self, value: Any, path: Path, depth: int, start: int) -> None:
        begin = self._length
        if isinstance(value, dict) and value:
            items = reversed(value.items()) if self._reverse and depth == 0 else value.items()
            self._put("{")
            for number, (key, inner) in enumerate(items):
                self._put("," if number else "")
                self._break(depth + 1)
                at = self._length
                self._put(json.dumps(key) + self._colon)
                self._value(inner, (*path, key), depth + 1, at)
            self._break(depth)
            self._put("}")
        elif isinstance(value, list) and value:
            self._put("[")
            for number, inner in enumerate(value):
                self._put("," if number else "")
                self._break(depth + 1)
                self._value(inner, (*path, number), depth + 1, self._length)
            self._break(depth)
            self._put("]")
        else:
            self._put(json.dumps(value, ensure_ascii=depth % 2 == 0))
        self._places[path] = Place(start, begin, self._length)


HANDS = (
    Hand("usual", "  "),
    Hand("one line", "", colon=":"),
    Hand("tabs and CRLF", "\t", "\r\n", reverse=True),
)

# What a value may be bent to: every other kind, and some of the same kind that no rule takes.
_BENDS = (ABSENT, None, "", "lost", 7, -1, 1.5, True, [], ["lost"], {}, {"Data": 1})


def samples(seed: int = 5) -> Iterator[Sample]:
    """Some hundred of each kind, the same ones for the same seed."""
    chance = random.Random(seed)
    yield from _valid()
    for path in _paths(observatory()):
        for value in chance.sample(_BENDS, 5):
            yield _bent(chance.choice(HANDS), path, value)
    for path, value in _BROKEN_RULES:
        for hand in HANDS:
            yield _bent(hand, path, value)
    yield from _damaged(chance)


def _valid() -> Iterator[Sample]:
    small = {"Packages": {"p": {"UniqueID": "aa"}}, "Marbles": {"m": {"Package": "p"}}}
    changes: list[Any] = [
        observatory(),
        small,
        small | {"Unknown": [1, {"deep": None}]},
        small | {"Users": {"": {"Certificate": certificate_pem("née")}}},
        small
        | {
            "Secrets": {
                "a b": {"Type": "symmetric-key", "Size": 8},
                "x.y": {"Type": "plain", "UserDefined": True},
            }
        },
        bent((("Marbles", "plate", "Parameters", "Env", "CA"), '{{ hex (index .Secrets "star") }} \\ " é')),
        bent((("RecoveryKeys", "attic"), recovery_pem(2048, 1)), (("Config", "RecoveryThreshold"), 2)),
    ]
    for number, content in enumerate(changes):
        for hand in HANDS:
            yield Sample(f"valid {number}, {hand.name}", *hand.write(content))


def _bent(hand: Hand, path: Path, value: Any) -> Sample:
    shown = "absent" if value is ABSENT else json.dumps(value)[:20]
    return Sample(f"{'.'.join(map(str, path))} {shown}, {hand.name}", *hand.write(bent((path, value))), path)


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from _paths(inner, (*path, step))


_ENV = ("Marbles", "shutter", "Parameters", "Env")
_BROKEN_RULES: tuple[tuple[Path, Any], ...] = (
    (("Marbles", "plate", "Package"), "kamera"),
    (("Packages", "camera", "ProductID"), 3),
    (("Marbles", "plate", "TLS"), ["link", "lonk"]),
    (("TLS", "link", "Incoming", 1, "Cert"), "wob"),
    (("TLS", "link", "Incoming", 1, "DisableClientAuth"), False),
    (("Users", "vera", "Roles"), ["keeper", "Raiser"]),
    (("Users", "vera", "Certificate"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    (("Users", "vera", "Certificate"), certificate_pem("carl")),
    (("Roles", "raiser", "ResourceType"), "packages"),
    (("Roles", "raiser", "ResourceNames"), ["dome", "spire"]),
    (("Roles", "keeper", "Actions"), ["Read Secret"]),
    (("Roles", "keeper", "ResourceNames"), ["note", "star"]),
    (("Roles", "keeper", "ResourceType"), "Manifest"),
    (("Secrets", "star", "Size"), 12),
    (("Secrets", "own", "Size"), 65288),
    (("Secrets", "web", "Size"), 255),
    (("Secrets", "note", "UserDefined"), False),
    (("Secrets", "web", "Cert", "NotAfter"), "2030-01-01T00:00:00Z"),
    (("RecoveryKeys", "vault"), certificate_pem("vault")),
    (("RecoveryKeys", "vault"), recovery_pem(1024).replace("PUBLIC KEY", "RSA PUBLIC KEY")),
    (("Config", "SealMode"), "productkey"),
    (("Config", "FeatureGates"), ["SignQuoteEndpoint", "Sign"]),
    (("Config", "UpdateThreshold"), 1),
    (("Config", "RecoveryThreshold"), 2),
    ((*_ENV, "SKY"), "clear\x00"),
    ((*_ENV, "SKY"), "{{ hex .Secrets.lost }}"),
    ((*_ENV, "SKY"), "{{ raw .Secrets.star }}"),
    ((*_ENV, "SKY"), 'a "b" {{ HEX .Secrets.star }}'),
    ((*_ENV, "SKY"), "{{ hex .Secrets.star"),
    ((*_ENV, "SKY"), {"Data": "zz", "Encoding": "hex"}),
    ((*_ENV, "SKY"), {"Data": "", "Encoding": "bse64"}),
)  # fmt: skip


def _damaged(chance: random.Random) -> Iterator[Sample]:
    """Valid texts with something in the way: what is put in, and how far behind its beginning the error is seen."""
    for hand in HANDS:
        text, places = hand.write(observatory())
        containers = [place for path, place in places.items() if path and text[place.end - 1] in "}]"]
        scalars = [place for place in places.values() if text[place.end - 1] not in "}]"]
        for place in chance.sample(containers, 12):
            last = place.end - 1
            filled = len(text[:last].rstrip())
            yield Sample(
                f"comma at {last}, {hand.name}", text[:filled] + "," + text[filled:], places, None, last + 1
            )
        for place in chance.sample(scalars, 12):
            yield Sample(
                f"comment at {place.value}, {hand.name}",
                text[: place.value] + "/* why */" + text[place.value :],
                places, None, place.value,
            )  # fmt: skip
            for word in ("True", "NaN", "'x'", "+1", ".5"):
                cut = text[: place.value] + word + text[place.end :]
                yield Sample(f"{word} at {place.value}, {hand.name}", cut, places, None, place.value)
        yield Sample(f"byte order mark, {hand.name}", "\ufeff" + text, places, None, 0)
        yield Sample(f"more behind, {hand.name}", text + "x", places, None, len(text))
        yield Sample(
            f"end missing, {hand.name}", text[: places[()].end - 1], places, None, places[()].end - 1
        )
