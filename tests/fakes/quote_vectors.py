"""The shared quotes and collateral, and the mutations that their index describes."""

import base64
import dataclasses
import datetime as dt
import hashlib
import json
import re
import struct
from functools import cached_property

from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.collateral import read_collateral
from marble_core.attestation.quote import parse_quote


@dataclasses.dataclass
class Vector:
    """A quote with its collateral as JSON text, a root and a time: what one verification takes."""

    quote: bytes
    collateral: str
    anchor: TrustAnchor
    at: dt.datetime


class Vectors:
    def __init__(self, folder):
        self.folder = folder / "vectors" / "quotes"

    @cached_property
    def index(self):
        return json.loads((self.folder / "index.json").read_text())

    @cached_property
    def entries(self):
        return {entry["id"]: entry for entry in self.index["vectors"]}

    def read(self, name):
        return (self.folder / name).read_bytes()

    def anchor(self, root):
        return INTEL if root == "intel" else TrustAnchor.from_der(self.read(root))

    def vector(self, name):
        entry = self.entries[name]
        return Vector(
            self.read(entry["quote_file"]),
            self.read(entry["collateral_file"]).decode(),
            self.anchor(entry["trust_root"]),
            dt.datetime.fromtimestamp(entry["verify_at"], dt.UTC),
        )

    def coordinator_root(self):
        text = self.read(self.index["simulated"]["coordinator_certificate"]).decode()
        return base64.b64decode(re.sub(r"-----.*?-----|\s", "", text))

    def mutated(self, case):
        """The vector of a case with all its operations applied; see `operations` in the index."""
        vector = self.vector(case["vector"])
        for op in case["ops"]:
            getattr(self, f"_{op['op']}")(vector, op)
        return vector

    def _xor(self, vector, op):
        mask = bytes.fromhex(op["hex"])
        data = bytearray(vector.quote)
        for index, bits in enumerate(mask, op["offset"]):
            data[index] ^= bits
        vector.quote = bytes(data)

    def _truncate(self, vector, op):
        vector.quote = vector.quote[: op["length"]]

    def _append(self, vector, op):
        vector.quote += bytes.fromhex(op["hex"]) * op.get("repeat", 1)

    def _append_prng(self, vector, op):
        vector.quote += noise(op["seed"], op["length"])

    def _replace_quote(self, vector, op):
        vector.quote = bytes.fromhex(op["hex"]) if "hex" in op else noise(op["seed"], op["length"])

    def _oe_wrap(self, vector, op):
        del op
        vector.quote = struct.pack("<IIQ", 1, 2, len(vector.quote)) + vector.quote

    def _copy_from(self, vector, op):
        place = slice(op["offset"], op["offset"] + op["length"])
        data = bytearray(vector.quote)
        data[place] = self.vector(op["vector"]).quote[place]
        vector.quote = bytes(data)

    def _chain_from(self, vector, op):
        other = parse_quote(self.vector(op["vector"]).quote)
        vector.quote = with_chain(vector.quote, other.certification_data)

    def _chain_strip_nul(self, vector, op):
        chain = parse_quote(vector.quote).certification_data.rstrip(b"\0")
        vector.quote = with_chain(vector.quote, chain + bytes(op.get("nuls", 0)))

    def _time(self, vector, op):
        vector.at = dt.datetime.fromtimestamp(op["value"], dt.UTC)

    def _root(self, vector, op):
        vector.anchor = self.anchor(op["value"])

    def _collateral_from(self, vector, op):
        other = json.loads(self.vector(op["vector"]).collateral)
        names = op.get("fields", list(other))
        vector.collateral = json.dumps(json.loads(vector.collateral) | {name: other[name] for name in names})

    def _collateral_xor_hex(self, vector, op):
        def change(text):
            data = bytearray(bytes.fromhex(text))
            data[op["offset"]] ^= int(op["hex"], 16)
            return data.hex()

        self._change(vector, op["field"], change)

    def _collateral_set(self, vector, op):
        self._change(vector, op["field"], lambda _: op["value"])

    def _collateral_replace(self, vector, op):
        def change(text):
            assert op["old"] in text
            return text.replace(op["old"], op["new"])

        self._change(vector, op["field"], change)

    def _collateral_delete(self, vector, op):
        given = json.loads(vector.collateral)
        del given[op["field"]]
        vector.collateral = json.dumps(given)

    def _collateral_json(self, vector, op):
        vector.collateral = op["value"]

    @staticmethod
    def _change(vector, field, change):
        given = json.loads(vector.collateral)
        given[field] = change(given[field])
        vector.collateral = json.dumps(given)


def noise(seed, length):
    """SHA-256 of "seed:0", "seed:1", ... one after the other."""
    blocks = (hashlib.sha256(f"{seed}:{number}".encode()).digest() for number in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def with_chain(quote, chain):
    """An SGX quote of version 3 with other certification data, and the lengths that go with it."""
    at = 1014 + struct.unpack_from("<H", quote, 1012)[0] + 2
    rest = quote[436:at] + struct.pack("<I", len(chain)) + chain
    return quote[:432] + struct.pack("<I", len(rest)) + rest


def as_collateral(vector):
    return read_collateral(vector.collateral.encode())
