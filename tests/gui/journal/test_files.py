"""The journal outside of the window: its files can be checked anywhere, and the terminal says what the page says."""

import csv
import io
import json
import os
import signal
import subprocess
import sys

import pytest

from marble_client.errors import Refused
from marble_client.witness import Deed, Sent
from marble_console.coordinators.folders import profiles_file
from marble_console.journal.chain import Chain, Where
from marble_console.journal.deeds import Done
from marble_console.journal.files import JournalUnreadable, as_lines, as_table, read_lines
from marble_console.journal.recorder import Recorder
from marble_console.main import main
from tests.fakes.journals import told_in
from tools.journal_scenes import Keeper
from tools.scenes import NOW

CHAIN = Keeper(NOW).read()
SHIP = Where("Ship", "ship.example:4433", "ab" * 32)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A journal with two deeds in it."""
    monkeypatch.setenv("MARBLE_CONSOLE_HOME", str(tmp_path))
    recorder = Recorder(profiles_file(), clock=lambda: NOW)
    witness = recorder.witness(SHIP)
    with pytest.raises(Refused), witness.during(Deed.of(Sent.RAISE_PACKAGES, ["dome"], b"update")):
        raise Refused("No.", status=400, server_text="")
    witness.note(Deed.of(Done.COPY, ["=evil\x1b[31m"]))
    recorder.close()
    return tmp_path


def test_exported_lines_are_the_chain_again():
    assert read_lines(as_lines(CHAIN)) == CHAIN


@pytest.mark.parametrize("at", range(len(CHAIN.entries) + 1))
def test_lines_that_lost_one_are_found_broken(at):
    lines = as_lines(CHAIN).splitlines()
    assert not read_lines("\n".join(lines[:at] + lines[at + 1 :])).check().is_intact


def test_a_broken_chain_stays_broken_in_the_file():
    edited = Keeper(NOW, edited=13).read()
    assert read_lines(as_lines(edited)).check().broken_at == 13


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"head": 3}', '{"number": 1}', "[" * 5000])
def test_what_is_no_journal_is_refused(text):
    with pytest.raises(JournalUnreadable, match="Line 1"):
        read_lines(text)


def test_a_table_has_a_line_for_each_deed_with_its_outcome():
    rows = list(csv.DictReader(io.StringIO(as_table(CHAIN.entries))))
    assert [row["outcome"] for row in rows].count("succeeded") == 7
    last = rows[-1]
    assert (last["action"], last["objects"], last["outcome"]) == ("set-secrets", "license", "unknown")


def test_the_terminal_checks_and_prints(kept, capsys):
    assert main(["journal", "verify"]) == 0
    said = capsys.readouterr().out
    head = said.split()[-1]
    assert "all 3 entries follow each other" in said
    assert main(["journal", "verify", "--head", head.upper(), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["goes_on_from_head"] is True
    assert main(["journal", "verify", "--head", "0" * 64]) == 1
    assert "begun anew" in capsys.readouterr().out
    assert main(["journal", "export"]) == 0
    said = capsys.readouterr().out
    assert "Raise packages  ·  dome  ·  Ship  ·  refused (400)" in said
    assert "\x1b" not in said
    assert main(["journal", "export", "--format", "csv"]) == 0
    assert "'=evil" in capsys.readouterr().out


def test_the_terminal_checks_an_exported_file(kept, capsys):
    main(["journal", "export", "--format", "jsonl"])
    lines = capsys.readouterr().out
    (kept / "journal.jsonl").write_text(lines)
    assert main(["journal", "verify", str(kept / "journal.jsonl")]) == 0
    (kept / "journal.jsonl").write_text(lines.replace("dome", "mode"))
    assert main(["journal", "verify", str(kept / "journal.jsonl")]) == 1
    assert "broken at entry 1: it was edited" in capsys.readouterr().out
    (kept / "journal.jsonl").write_text("something else")
    assert main(["journal", "verify", str(kept / "journal.jsonl")]) == 2


def test_where_there_is_no_journal_nothing_was_done(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MARBLE_CONSOLE_HOME", str(tmp_path / "nothing"))
    assert main(["journal", "verify"]) == 0
    assert capsys.readouterr().out == "Nothing was done yet.\n"
    assert not (tmp_path / "nothing").exists()
    assert read_lines("") == Chain()


def test_a_process_that_is_killed_in_the_middle_leaves_an_open_outcome(tmp_path):
    program = """
import datetime, pathlib, sys, time
from marble_client.witness import Deed
from marble_console.journal.chain import Where
from marble_console.journal.recorder import Recorder
recorder = Recorder(pathlib.Path(sys.argv[1]), clock=lambda: datetime.datetime.now(datetime.UTC))
with recorder.witness(Where()).during(Deed("set-manifest")):
    print("sending", flush=True)
    time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "console.sqlite3")], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"sending\n"
        os.kill(process.pid, signal.SIGKILL)
    assert told_in(tmp_path) == [("set-manifest", (), "unknown")]
