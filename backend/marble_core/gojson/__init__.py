"""JSON as Go's encoding/json reads it, with positions (spec: manifest.md, section 1).

`scan` turns bytes into a tree of nodes; `decode` and `require` read such a tree by a shape. No I/O, and no recursion
as deep as a sender likes; bad input raises GoJsonError and nothing else.
"""

from marble_core.gojson.decode import Decoded, Finder, Nearest, decode, require
from marble_core.gojson.edits import TextEdit, apply_edits
from marble_core.gojson.errors import GoJsonError
from marble_core.gojson.nodes import Array, Bool, Node, Null, Number, Object, String
from marble_core.gojson.notes import Leniency, Path, Problem, Remark, path_text
from marble_core.gojson.plain import Literal, Plain, Repeated
from marble_core.gojson.scanner import MAX_DEPTH, scan
from marble_core.gojson.source import Position, Source, Span
from marble_core.gojson.whole import plain_value

__all__ = [
    "MAX_DEPTH",
    "Array",
    "Bool",
    "Decoded",
    "Finder",
    "GoJsonError",
    "Leniency",
    "Literal",
    "Nearest",
    "Node",
    "Null",
    "Number",
    "Object",
    "Path",
    "Plain",
    "Position",
    "Problem",
    "Remark",
    "Repeated",
    "Source",
    "Span",
    "String",
    "TextEdit",
    "apply_edits",
    "decode",
    "path_text",
    "plain_value",
    "require",
    "scan",
]
