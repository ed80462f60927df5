"""`marble-console check` for people, for scripts, and before a commit."""

import io
import json
import os
import subprocess
import sys

import pytest

from marble_console import cli
from marble_console.main import main
from marble_core.manifest.accepted import FILE_NAME, Acceptance, written_acceptances
from tests.fakes.manifests import bent, encoded, observatory

DEBUG = (("Packages", "dome", "Debug"), True)
UNKNOWN = (("Packages", "dome", "Vendor|"), "x")
ERROR = (("Marbles", "plate", "Package"), "Camera")


@pytest.fixture
def write(tmp_path):
    def write(name, *changes):
        path = tmp_path / name
        path.write_bytes(encoded(bent(*changes)))
        return str(path)

    return write


def test_several_files_are_judged_and_the_worst_counts(write, capsys):
    good, bad = write("good.json"), write("bad.json", ERROR)
    assert main(["check", good, bad]) == cli.BAD
    lines = capsys.readouterr().out.splitlines()
    assert f"{good}: No errors: a coordinator accepts this manifest." in lines
    assert any(
        line.startswith(f"{bad}:") and "error R2: No package “Camera”. Did you mean camera?" in line
        for line in lines
    )


@pytest.mark.parametrize(
    ("change", "code"), [(UNKNOWN, cli.BAD), (DEBUG, cli.GOOD)], ids=["warning", "advice"]
)
def test_strict_lets_warnings_fail_but_no_advice(write, change, code, capsys):
    path = write("some.json", change)
    assert main(["check", path]) == cli.GOOD
    assert main(["check", "--strict", path]) == code


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_judged(write, tmp_path, capsys):
    assert main(["check", str(tmp_path / "lost.json"), write("bad.json", ERROR)]) == cli.UNASKED
    told = capsys.readouterr()
    assert "lost.json cannot be read" in told.err
    assert "error R2" in told.out


def test_findings_as_json_have_places_and_answers(write, capsys):
    path = write("bad.json", ERROR, DEBUG)
    assert main(["check", "--format", "json", path]) == cli.BAD
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["file"], told["accepted_by_coordinator"], told["counts"]["error"]) == (path, False, 1)
    first = told["findings"][0]
    assert (first["rule"], first["severity"], first["path"]) == ("R2", "error", "Marbles.plate.Package")
    assert first["answer"] == "checking manifest: manifest does not contain marble package Camera"
    line = encoded(bent(ERROR, DEBUG)).decode().splitlines()[first["start"]["line"] - 1]
    assert line[first["start"]["column"] - 1 : first["end"]["column"] - 1] == '"Camera"'


def test_findings_as_markdown_are_a_table_that_no_name_breaks(write, capsys):
    assert main(["check", "--format", "markdown", write("some.json", UNKNOWN)]) == cli.GOOD
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert all(row.replace("\\|", "").count("|") == 6 for row in rows)
    assert "Vendor\\|" in rows[1]


def test_accepted_advice_is_counted_and_no_longer_listed(write, tmp_path, capsys):
    path = write("sky.json", DEBUG)
    entry = Acceptance("sky.json", "A1", "Packages.dome.Debug", "A test rig.")
    (tmp_path / FILE_NAME).write_bytes(written_acceptances([entry]))
    assert main(["check", path]) == cli.GOOD
    told = capsys.readouterr().out
    assert "A1" not in told
    assert "1 advice is accepted" in told
    assert main(["check", "--format", "markdown", path]) == cli.GOOD
    assert "Accepted: A test rig" in capsys.readouterr().out


def test_a_broken_file_of_acceptances_is_not_passed_over(write, tmp_path, capsys):
    (tmp_path / FILE_NAME).write_bytes(b"[]")
    assert main(["check", write("sky.json")]) == cli.UNASKED
    assert FILE_NAME in capsys.readouterr().err


def test_standard_input_is_a_file_too(monkeypatch, capsys):
    class Input:
        buffer = io.BytesIO(encoded(observatory()))

    monkeypatch.setattr(sys, "stdin", Input)
    assert main(["check", "-"]) == cli.GOOD


def test_the_terminal_loads_nothing_that_draws(write):
    code = (
        "import sys; from marble_console.main import main;"
        f"main(['check', {write('good.json')!r}]); sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_yaml_is_judged_as_the_json_it_becomes(tmp_path, capsys):
    path = tmp_path / "sky.yaml"
    path.write_text("Packages:\n  p: {UniqueID: aa}\nMarbles:\n  m:\n    Package: q\n")
    assert main(["check", str(path)]) == cli.BAD
    assert f"{path}:5:14: error R2: No package “q”." in capsys.readouterr().out
    path.write_text("Packages: no\n")
    assert main(["check", str(path)]) == cli.BAD
    assert f"{path}:1:11: error Y0: “no” is read as text by some" in capsys.readouterr().out


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at the end", "at once"])
def test_a_reader_that_leaves_early_is_no_fault(write, unbuffered):
    """As in `marble-console check manifest.json | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "marble_console.main", "check", write("good.json")]
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=env, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (cli.UNASKED, b"")
