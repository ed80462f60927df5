"""Desktop entry, metadata and bundle name the same things."""

import configparser
import shutil
import subprocess
import tomllib
import xml.etree.ElementTree as ET

import pytest

APP_ID = "org.marble_console.MarbleConsole"


@pytest.fixture
def entry(repository):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(repository / "packaging" / f"{APP_ID}.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


@pytest.fixture
def metadata(repository):
    return ET.parse(repository / "packaging" / f"{APP_ID}.metainfo.xml").getroot()


@pytest.fixture
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


def test_the_entry_starts_a_program_that_the_project_installs(entry, project):
    assert entry["Exec"].split()[0] in project["gui-scripts"]


def test_icon_id_and_launchable_agree(entry, metadata):
    assert entry["Icon"] == metadata.findtext("id") == APP_ID
    assert metadata.findtext("launchable") == f"{APP_ID}.desktop"


def test_the_programs_named_are_all_that_are_installed(metadata, project):
    named = {element.text for element in metadata.findall("provides/binary")}
    assert named == set(project["gui-scripts"]) | set(project["scripts"])


def test_the_licence_is_that_of_the_project(metadata, project):
    assert metadata.findtext("project_license") == project["license"]


def test_the_newest_release_is_the_version_of_the_project(metadata, project):
    assert metadata.find("releases/release").get("version") == project["version"]


@pytest.mark.parametrize(
    "command",
    [
        ["desktop-file-validate", f"{APP_ID}.desktop"],
        ["appstreamcli", "validate", "--no-net", f"{APP_ID}.metainfo.xml"],
    ],
    ids=lambda command: command[0],
)
def test_the_validators_of_the_desktop_agree(repository, command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=repository / "packaging", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
