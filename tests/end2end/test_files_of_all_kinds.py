"""Whatever file is opened as a manifest: the window stays quick, says what is wrong with it, and keeps its bytes."""

import json
import os

import pytest

from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow
VALID = json.dumps(observatory(), indent=2)


def long_line():
    return json.dumps({**observatory(), "Note": "x" * 3_000_000}).encode()


def many_problems():
    content = observatory()
    content["Marbles"] |= {f"m{number}": {"Package": "nowhere"} for number in range(5000)}
    return json.dumps(content, indent=1).encode()


def large():
    """Almost as much as a coordinator takes, in the form that manifests have."""
    content = observatory()
    plate = content["Marbles"]["plate"]
    content["Marbles"] |= {f"m{number}": plate for number in range(70_000)} | {"x": {"Package": "nowhere"}}
    return json.dumps(content, indent=2).encode()


FILES = {
    "nothing": (b"", "error"),
    "binary": (bytes(range(256)) * 4096, "The file is not UTF-8"),
    "utf-16": (VALID.encode("utf-16"), "The file is not UTF-8"),
    "byte order mark": (b"\xef\xbb\xbf" + VALID.encode(), "1 error"),
    "nul": (b"{\x00}", "The file holds NUL characters."),
    "long line": (long_line(), "Lines too long or too many to edit here are shown shortened."),
    "deep": (b"[" * 200_000, "1 error"),
    "many problems": (many_problems(), "errors block setting"),
    "many lines": (VALID.encode() + b"\n" * (15 << 20), "Lines too long or too many"),
    "large": (large(), "1 error blocks setting"),
    "too large": (b" " * (65 << 20), "is larger than 64 MiB"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_opened_and_judged(console, tmp_path, kind, turns):
    content, said = FILES[kind]
    path = tmp_path / "some.json"
    path.write_bytes(content)
    with console() as person:
        person.settle()
        turns.start()
        person.will_choose(path)
        person.press("Ctrl+O")
        person.until_shown(said)
        person.settle()
        for keys in ("F8", "F8", "Ctrl+End", "Ctrl+Home"):
            person.press(keys)
        turns.stop()
    assert path.read_bytes() == content
    turns.judge()


def folder(path):
    path.mkdir()


def pipe(path):
    os.mkfifo(path)


def gone(path):
    """Make nothing there."""


def locked(path):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path.write_text(VALID)
    path.chmod(0)


@pytest.mark.parametrize("make", [folder, pipe, gone, locked])
def test_what_cannot_be_read_is_explained(console, tmp_path, make):
    path = tmp_path / "some.json"
    make(path)
    with console() as person:
        person.will_choose(path)
        person.press("Ctrl+O")
        person.until_shown("some.json cannot be read:", "Choose another file")
        person.push("dismiss")
        person.until(lambda: "cannot be read" not in person.read())
