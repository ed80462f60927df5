"""The wheel holds what both programs need, and nothing of the checkout is needed beside it."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_module_of_the_checkout_is_in_the_wheel(repository, names):
    for root in (repository / "backend", repository / "gui"):
        modules = {path.relative_to(root).as_posix() for path in root.rglob("*.py")}
        assert modules <= names


def test_assets_and_licences_come_along(repository, names):
    assets = {
        f"marble_console/assets/{path.relative_to(repository / 'assets').as_posix()}"
        for path in (repository / "assets").rglob("*")
        if path.is_file()
    }
    assert assets <= names
    guide = {f"marble_console/guide/{path.name}" for path in (repository / "docs" / "guide").glob("*.md")}
    assert guide
    assert guide <= names
    assert {"LICENSE", "NOTICE"} <= {name.rpartition("/")[2] for name in names if "/licenses/" in name}


def test_tests_and_tools_stay_at_home(names):
    tops = {name.partition("/")[0] for name in names}
    packages = {"marble_core", "marble_client", "marble_coordinator", "marble_console"}
    assert {top for top in tops if not top.endswith(".dist-info")} == packages


def test_both_programs_can_be_imported_from_the_wheel_alone(wheel, tmp_path):
    """The packages of the wheel come before those of the checkout; libraries are this environment's.

    Not measured for coverage, or every module would count twice.
    """
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import marble_console.main, marble_coordinator.main, marble_console.assets as a;"
        "print(marble_console.main.__file__, marble_coordinator.main.__file__, a.assets_folder())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={name: value for name, value in os.environ.items() if not name.startswith("COV")}
        | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [Path(path).is_relative_to(tmp_path) for path in done.stdout.split()] == [True] * 3


@pytest.mark.prove
def test_a_fresh_environment_runs_both_programs(wheel, repository, tmp_path):
    """As `pip install marble-console` does it, with the versions of the lock."""
    venv.create(tmp_path / "env", with_pip=True)
    programs = tmp_path / "env" / "bin"
    pins = re.sub(r" *\\\n( +--hash.*\n?)+", "\n", (repository / "requirements.lock").read_text())
    (tmp_path / "pins.txt").write_text(re.sub(r" \\\n.*", "", pins))
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", tmp_path / "pins.txt", wheel], check=True)
    smoke = [programs / "python", repository / "packaging" / "smoke.py"]
    subprocess.run(
        [*smoke, programs / "marble-console", programs / "marble-coordinator"], check=True, cwd=tmp_path
    )
