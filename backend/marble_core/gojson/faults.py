"""What is wrong where the scanner stopped: Go's wording for the wire, plain words for the operator.

Nothing here runs on a good text, so it may look at the text again at leisure.
"""

from __future__ import annotations

import re

from marble_core.gojson.errors import GoJsonError
from marble_core.gojson.source import Source

# The last alternative is explained in `scanner`.
_STRING_START = r'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4}|(?!))*+'
_string_start = re.compile(_STRING_START).match
_string = re.compile(_STRING_START + '"').match
_hex_digits = re.compile(r"\\u[0-9A-Fa-f]*+").match
_word = re.compile(r"[A-Za-z]++").match
_LITERALS = {"t": "true", "f": "false", "n": "null"}


def no_value(source: Source, position: int) -> GoJsonError:
    """No value begins at `position`."""
    first = source.text[position : position + 1]
    if first == '"':
        return _in_string(source, position)
    if first == "-":
        return _unexpected(source, position + 1, "in numeric literal", "a digit")
    if first in _LITERALS:
        return _in_literal(source, position, _LITERALS[first])
    hint = "Remove the comma before it." if first == "]" and _follows_comma(source.text, position) else ""
    return _unexpected(source, position, "looking for beginning of value", "a value", hint)


def no_key(source: Source, position: int) -> GoJsonError:
    """No key with a colon begins at `position`."""
    first = source.text[position : position + 1]
    if first == '"':
        if key := _string(source.text, position):
            return _unexpected(source, source.skip_blanks(key.end()), "after object key", "a colon")
        return _in_string(source, position)
    hint = "Remove the comma before it." if first == "}" and _follows_comma(source.text, position) else ""
    return _unexpected(
        source, position, "looking for beginning of object key string", "a field name in double quotes", hint
    )


def after_value(source: Source, position: int, *, inside_object: bool) -> GoJsonError:
    """Neither a comma nor the right bracket follows the value that ended at `position`."""
    position = source.skip_blanks(position)
    if _ends_in_number(source.text, position):
        return _unexpected(source, position, "in numeric literal", "a plain decimal number")
    if inside_object:
        return _unexpected(source, position, "after object key:value pair", "a comma or a closing brace")
    return _unexpected(source, position, "after array element", "a comma or a closing bracket")


def trailing(source: Source, position: int) -> GoJsonError:
    """The value is complete, but the text goes on."""
    if _ends_in_number(source.text, position):
        return _unexpected(source, position, "in numeric literal", "a plain decimal number")
    return _unexpected(source, position, "after top-level value", "the end of the text")


def too_deep(source: Source, position: int) -> GoJsonError:
    """A container opens inside too many others."""
    return GoJsonError(
        "exceeded max depth",
        "Lists and objects are nested deeper than 10000 levels.",
        source.span(position, position + 1),
    )


def _unexpected(source: Source, position: int, context: str, expected: str, hint: str = "") -> GoJsonError:
    text = source.text
    if position >= len(text):
        return GoJsonError(
            "unexpected end of JSON input",
            f"The text ends where {expected} was expected.",
            source.span(len(text), len(text)),
        )
    found = text[position]
    return GoJsonError(
        f"invalid character {_quoted(found)} {context}",
        f"Expected {expected}, found {_shown(found)}.",
        source.span(position, position + 1),
        hint=hint or _hint(text, position),
    )


def _in_string(source: Source, position: int) -> GoJsonError:
    text = source.text
    start = _string_start(text, position)
    stop = start.end() if start else position
    if text[stop : stop + 1] != "\\":
        return _unexpected(source, stop, "in string literal", "the closing quote")
    digits = _hex_digits(text, stop)
    if digits is None:
        return _unexpected(source, stop + 1, "in string escape code", 'one of " \\ / b f n r t u')
    return _unexpected(source, digits.end(), "in \\u hexadecimal character escape", "four hexadecimal digits")


def _in_literal(source: Source, position: int, literal: str) -> GoJsonError:
    same = 1
    while same < len(literal) and source.text[position + same : position + same + 1] == literal[same]:
        same += 1
    context = f"in literal {literal} (expecting {_quoted(literal[same])})" if same < len(literal) else ""
    return _unexpected(source, position + same, context, f"the word {literal}")


def _ends_in_number(text: str, position: int) -> bool:
    return text[position - 1 : position].isdigit() and text[position : position + 1] in {*".eE0123456789"}


def _follows_comma(text: str, position: int) -> bool:
    # The comma cannot be inside a string here: a value or key was due.
    return text[:position].rstrip(" \t\r\n").endswith(",")


def _hint(text: str, position: int) -> str:
    found = text[position]
    if found == "\ufeff":
        return "Save the file as UTF-8 without a byte order mark."
    if found == "\ufffd" and position == 0 and "\x00" in text[:4]:
        return "The file seems to be UTF-16. Save it as UTF-8 without a byte order mark."
    if found == "/":
        return "JSON knows no comments."
    if found == "'":
        return "Use double quotes."
    word = _word(text, position)
    if word and word[0] in {"True", "False", "None", "NaN", "Infinity"}:
        return f"JSON does not know {word[0]}."
    return ""


def _quoted(character: str) -> str:
    """A character as Go's messages show it."""
    if character in "'\\":
        return f"'\\{character}'"
    return repr(character) if not character.isprintable() else f"'{character}'"


def _shown(character: str) -> str:
    if character == "\ufeff":
        return "a byte order mark"
    if not character.isprintable():
        return f"the control character U+{ord(character):04X}"
    return f"“{character}”"
