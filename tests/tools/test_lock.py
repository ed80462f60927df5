"""The lock answers what pyproject.toml asks for."""

import pytest


@pytest.fixture
def lock(tool):
    return tool("lock")


@pytest.fixture
def pyproject():
    return {
        "project": {
            "requires-python": ">=3.11",
            "dependencies": ["requests>=2.32", "uvloop>=0.21; sys_platform != 'win32'"],
        },
        "dependency-groups": {"test": ["pytest>=8"]},
    }


@pytest.fixture
def text(lock, pyproject):
    pins = "requests==2.33.0 \\\n    --hash=sha256:00\nuvloop==0.23.0 ; sys_platform != 'win32' \\\npytest==9.0.1 \\\n"
    return f"{lock.MARK}{lock.fingerprint(pyproject)}\n{pins}"


def test_a_lock_in_step_has_no_complaint(lock, pyproject, text):
    assert list(lock.complaints(pyproject, text)) == []


def test_the_order_in_pyproject_does_not_matter(lock, pyproject, text):
    pyproject["project"]["dependencies"].reverse()
    assert list(lock.complaints(pyproject, text)) == []


def added(pyproject):
    pyproject["project"]["dependencies"].append("attrs>=24")


def dropped(pyproject):
    pyproject["project"]["dependencies"].pop()


def raised(pyproject):
    pyproject["dependency-groups"]["test"] = ["pytest>=10"]


def loosened(pyproject):
    pyproject["dependency-groups"]["test"] = ["pytest"]


def newer_python(pyproject):
    pyproject["project"]["requires-python"] = ">=3.12"


@pytest.mark.parametrize("change", [added, dropped, raised, loosened, newer_python], ids=lambda f: f.__name__)
def test_each_change_of_the_requirements_is_noticed(lock, pyproject, text, change):
    change(pyproject)
    assert list(lock.complaints(pyproject, text))


def test_a_pin_below_what_is_asked_is_named(lock, pyproject, text):
    assert any(
        "requests 1.0" in each
        for each in lock.complaints(pyproject, text.replace("requests==2.33.0", "requests==1.0"))
    )


def test_a_host_in_the_lock_is_refused(lock, pyproject, text):
    assert any(
        "host" in each
        for each in lock.complaints(pyproject, text + "--index-url https://example.org/simple\n")
    )


def test_the_lock_of_the_project_is_in_step(lock):
    assert lock.main(["check"]) == 0
