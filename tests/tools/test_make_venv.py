"""tools/make-venv, with interpreters that only play their part."""

import shutil
import subprocess

import pytest


@pytest.fixture
def run(repository, tmp_path):
    """`run(python3="3.9.2")` runs the script where PATH has these interpreters; each writes its arguments to calls."""
    calls = tmp_path / "calls"
    path = tmp_path / "bin"
    path.mkdir()
    for name in ("sh", "env", "mkdir", "dirname", "cp", "chmod"):
        (path / name).symlink_to(shutil.which(name))

    def run(venv=None, **interpreters):
        for name, version in interpreters.items():
            usable = int(tuple(map(int, version.split("."))) < (3, 11))
            script = path / name.replace("_", ".")
            script.write_text(
                "#!/bin/sh\n"
                f'echo "{script.name} $*" >> {calls}\n'
                f'case "$1" in --version) echo "Python {version}";; -c) exit {usable};; esac\n'
                f'case "$2" in venv) mkdir -p "$4/bin"; cp "$0" "$4/bin/python";; esac\n'
            )
            script.chmod(0o755)
        target = str(venv or tmp_path / "venv")
        done = subprocess.run(
            ["sh", "tools/make-venv", target],
            cwd=repository,
            env={"PATH": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )
        done.calls = calls.read_text().splitlines() if calls.exists() else []
        return done

    return run


def test_a_usable_python3_makes_the_environment_from_the_lock(run):
    done = run(python3="3.12.4")
    assert done.returncode == 0, done.stderr
    assert any("-m venv --clear" in call for call in done.calls)
    assert any("--require-hashes -r requirements.lock" in call for call in done.calls)
    assert any("--no-deps --no-build-isolation -e ." in call for call in done.calls)


def test_the_newest_other_python_helps_where_python3_is_old(run):
    done = run(python3="3.9.2", python3_12="3.12.4", python3_11="3.11.2")
    assert done.returncode == 0, done.stderr
    assert next(call for call in done.calls if "-m venv" in call).startswith("python3.12 ")


def test_an_old_python_gives_one_sentence_with_both_versions(run):
    done = run(python3="3.9.2")
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "3.11" in line
    assert "Python 3.9.2" in line


def test_no_python_at_all_gives_one_sentence(run):
    done = run()
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "install python3" in line


def test_an_environment_that_works_is_kept_and_brought_up_to_date(run, tmp_path):
    run(python3="3.12.4")
    (tmp_path / "calls").unlink()
    done = run(python3="3.12.4")
    assert done.returncode == 0, done.stderr
    assert not any("-m venv" in call for call in done.calls)
    assert any("-r requirements.lock" in call for call in done.calls)
