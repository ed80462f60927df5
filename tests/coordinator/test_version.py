from importlib.metadata import version

from marble_coordinator.version import VERSION


def test_the_version_is_that_of_the_distribution():
    assert version("marble-console") == VERSION
