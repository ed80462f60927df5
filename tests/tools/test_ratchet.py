"""The floor of coverage goes up and never down."""

import shutil
import subprocess

import pytest

FLOOR = "[tool.coverage.report]\nfail_under = {}\n"


@pytest.fixture
def ratchet(tool):
    return tool("ratchet")


@pytest.fixture
def history(tmp_path):
    """`history(80, 85)` is a repository whose commits had these floors."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")

    def commit(*floors):
        def git(*arguments):
            options = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
            subprocess.run(["git", *options, *arguments], cwd=tmp_path, check=True, capture_output=True)

        git("init", "--quiet")
        for floor in floors:
            (tmp_path / "pyproject.toml").write_text(FLOOR.format(floor))
            git("add", "pyproject.toml")
            git("commit", "--quiet", "-m", f"floor {floor}")
        return tmp_path

    return commit


@pytest.mark.parametrize(
    ("measured", "wanted", "says"), [(85.9, 85, None), (86.0, 85, "to 86"), (91.7, 85, "to 91")]
)
def test_a_whole_point_gained_is_said(ratchet, measured, wanted, says):
    sentence = ratchet.advice(measured, wanted)
    assert (sentence is None) if says is None else (says in sentence)


def test_every_earlier_floor_is_known(ratchet, history):
    assert max(ratchet.earlier_floors(history(80, 85, 82))) == 85


def test_a_folder_without_git_has_no_history(ratchet, tmp_path):
    assert ratchet.earlier_floors(tmp_path) == []


def test_the_floor_is_read_where_coverage_reads_it(ratchet):
    assert ratchet.floor(FLOOR.format("88.5 # only goes up")) == 88.5


def test_the_floor_of_the_project_was_never_lowered(ratchet):
    assert ratchet.main(["--history"]) == 0
