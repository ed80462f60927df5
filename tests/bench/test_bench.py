"""The harness reports what it measured, and says so where it could not."""

import json
import subprocess
import sys

import pytest

from bench.process import Coordinator, NotAnswering
from bench.report import Cell, Row, as_json, duration, figures, table
from bench.samples import big_secrets, manifest, new_user
from bench.wire import Connection, UnexpectedAnswer


@pytest.fixture
def cell():
    cell = Cell()
    for seconds in (0.0031, 0.0029, 0.0050):
        cell.add(seconds, cpu_seconds=0.02, operations=20)
    return cell


def test_a_cell_shows_median_range_and_cpu_of_one_operation(cell):
    assert figures(cell, "ms") == "3.1 ms (2.9-5), CPU 1 ms"


def test_a_cell_without_rounds_shows_why():
    assert figures(Cell(note="refused (410)"), "s") == "refused (410)"
    assert figures(Cell(), "s") == "not measured"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(42e-6, "42 us"), (600.4e-6, "600 us"), (0.0062, "6.2 ms"), (1.4, "1.4 s"), (123.4, "123 s")],
)
def test_durations_read_well(seconds, text):
    assert duration(seconds) == text


def test_the_table_has_a_column_for_each_program(cell):
    rows = [Row("write", "ms", {"ours": cell, "other": Cell(note="refused")}, "6 ms")]
    head, _, line = table(rows, ["ours", "other"])
    assert [text.strip() for text in head.split("|")[1:-1]] == ["what", "ours", "other", "aim"]
    assert len(head) == len(line)
    assert "refused" in line


def test_all_rounds_are_in_the_json(cell):
    (row,) = as_json([Row("write", "ms", {"ours": cell})])
    assert row["programs"]["ours"]["rounds"] == cell.values


def test_the_big_sample_is_the_one_that_the_figures_speak_of(tmp_path):
    text = json.loads(manifest(new_user(tmp_path), marbles=200, secrets=big_secrets()))
    kinds = [secret["Type"] for secret in text["Secrets"].values()]
    assert len(text["Marbles"]) == 200
    assert (len(big_secrets()), kinds.count("cert-rsa")) == (300, 50)
    assert sum(kind.startswith("cert-") for kind in kinds) == 200


def test_the_filler_makes_a_manifest_of_the_size_asked_for(tmp_path):
    size = len(manifest(new_user(tmp_path), marbles=500, filler=5_000_000))
    assert 5_000_000 < size < 5_500_000


def test_a_program_that_ends_at_once_is_quoted(tmp_path):
    coordinator = Coordinator(f"{sys.executable} -c \"raise SystemExit('no such flag')\"", tmp_path / "run")
    with pytest.raises(NotAnswering, match="no such flag"):
        coordinator.start()


def test_the_cpu_time_of_a_program_is_counted(tmp_path):
    coordinator = Coordinator(sys.executable, tmp_path)
    burn = "import time\nwhile time.process_time() < 0.1: pass\nprint('done', flush=True)\ninput()"
    coordinator._process = subprocess.Popen(
        [sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    with coordinator._process as process:
        process.stdout.readline()
        assert 0.05 < coordinator.cpu_seconds() < 1
        assert coordinator.memory() > 1_000_000
        process.stdin.close()


@pytest.mark.slow
def test_every_item_is_measured_with_the_real_coordinator(repository, tmp_path):
    out = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "bench",
        "--rounds=1",
        "--seconds=0.05",
        f"--json={out}",
        f"--folder={tmp_path}",
    ]
    groups = ["start", "reads", "changes", "restarts", "verify"]
    done = subprocess.run(
        [*command, *(f"--only={group}" for group in groups)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for row in json.loads(out.read_text())["rows"]:
        ours = row["programs"]["ours"]
        assert len(ours["rounds"]) == 1, row
        assert ours["rounds"][0] > 0, row


def test_a_refusal_is_an_error_with_the_status(fake_answer):
    with pytest.raises(UnexpectedAnswer, match="status 401"):
        fake_answer(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"], b"yes"),
        ([b"HTTP/1.1 200 OK\r\ncontent-", b"length: 3\r\n\r\ny", b"es"], b"yes"),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n", b"0\r\n\r\n"],
            b"3\r\nyes\r\n0\r\n\r\n",
        ),
    ],
    ids=["at once", "in pieces", "chunked"],
)
def test_an_answer_is_read_whole(fake_answer, pieces, body):
    assert fake_answer(*pieces) == body


def test_a_connection_that_closes_early_is_an_error(fake_answer):
    with pytest.raises(UnexpectedAnswer, match="closed"):
        fake_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nyes", b"")


@pytest.fixture
def fake_answer():
    """`fake_answer(*pieces)` is what `Connection.must` makes of an answer that arrives in these pieces."""

    class Pieces:
        def __init__(self, pieces):
            self._pieces = iter(pieces)

        def sendall(self, _data):
            pass

        def recv(self, _size):
            return next(self._pieces)

    def answer(*pieces):
        connection = Connection.__new__(Connection)
        connection._socket = Pieces(pieces)
        return connection.must(b"GET / HTTP/1.1\r\n\r\n")

    return answer
