"""The doctor says one sentence, and installs only where nobody has to be asked."""

import subprocess

import pytest

from marble_console.preflight import Library

LIBRARY = Library("libmarble-absent.so.9", "libmarble-absent9", "marble-absent")


@pytest.fixture
def doctor(tool):
    return tool("doctor")


@pytest.fixture
def machine(doctor, monkeypatch):
    """A machine on which a library is missing until apt-get installs it; `commands` is what was run."""

    class Machine:
        def __init__(self):
            self.commands, self.missing, self.tools = [], (LIBRARY,), {"apt-get", "sudo"}
            self.uid, self.sudo_asks, self.apt_works = 1000, True, True

        def run(self, command, **_):
            self.commands.append(command)
            failed = (self.sudo_asks and command[-1] == "true") or (
                "install" in command and not self.apt_works
            )
            if "install" in command and self.apt_works:
                self.missing = ()
            return subprocess.CompletedProcess(
                command, int(failed), "", "E: no such package" if failed else ""
            )

    machine = Machine()
    monkeypatch.setattr(doctor.subprocess, "run", machine.run)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: name if name in machine.tools else None)
    monkeypatch.setattr(doctor.os, "geteuid", lambda: machine.uid)
    monkeypatch.setattr(doctor.preflight, "missing_libraries", lambda _platforms: machine.missing)
    return machine


def test_a_complete_machine_is_left_alone(doctor, machine):
    machine.missing = ()
    assert doctor.main(["tests"]) == 0
    assert machine.commands == []


def test_root_gets_the_sentence_and_the_package(doctor, machine, capsys):
    machine.uid = 0
    assert doctor.main(["tests"]) == 0
    assert machine.commands[-1][-1] == "libmarble-absent9"
    assert "libmarble-absent.so.9" in capsys.readouterr().out


def test_sudo_without_a_password_installs_too(doctor, machine):
    machine.sudo_asks = False
    assert doctor.main(["tests"]) == 0
    assert machine.commands[-1][:3] == ["sudo", "-n", "apt-get"]


@pytest.mark.parametrize(
    "tools", [{"apt-get", "sudo"}, {"apt-get"}, set()], ids=["sudo asks", "no sudo", "no apt"]
)
def test_everybody_else_gets_the_sentence_alone(doctor, machine, capsys, tools):
    machine.tools = tools
    assert doctor.main(["tests"]) == 1
    assert not any("install" in command for command in machine.commands)
    (line,) = capsys.readouterr().err.splitlines()
    assert "libmarble-absent.so.9" in line


def test_a_failed_installation_shows_what_apt_said(doctor, machine, capsys):
    machine.uid, machine.apt_works = 0, False
    assert doctor.main(["tests"]) == 1
    assert "E: no such package" in capsys.readouterr().err


def test_an_installation_that_did_not_help_is_not_called_a_success(doctor, machine, capsys, monkeypatch):
    machine.uid = 0
    monkeypatch.setattr(doctor.preflight, "missing_libraries", lambda _platforms: (LIBRARY,))
    assert doctor.main(["tests"]) == 1
    assert "still" in capsys.readouterr().err


def test_a_python_without_ensurepip_names_the_package(doctor, machine, capsys, monkeypatch):
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(doctor.os.path, "realpath", lambda _path: "the same")
    machine.tools = {"python3"}
    assert doctor.main(["venv"]) == 1
    assert "python3-venv" in capsys.readouterr().err


def test_a_second_python_names_the_package_of_its_version(doctor, machine, capsys, monkeypatch):
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda _name: None)
    machine.tools = set()
    assert doctor.main(["venv"]) == 1
    version = f"{doctor.sys.version_info.major}.{doctor.sys.version_info.minor}"
    assert f"python{version}-venv" in capsys.readouterr().err


def test_a_bundle_needs_the_programs_of_binutils(doctor, machine, capsys):
    machine.missing = ()
    assert doctor.main(["bundle"]) == 1
    assert "binutils" in capsys.readouterr().err
    machine.tools |= {"objcopy", "objdump"}
    assert doctor.main(["bundle"]) == 0


def test_without_a_display_no_window_is_tried(doctor, machine, capsys, monkeypatch):
    machine.missing = ()
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    assert doctor.main(["window"]) == 1
    assert "marble-coordinator" in capsys.readouterr().err
