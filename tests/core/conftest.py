import pytest


def pytest_configure(config: pytest.Config) -> None:
    # The shared conformance cases are imported here, and their modules wear marks of their own.
    for mark in ("v1only", "v2", "exclusive", "beyond", "marble"):
        config.addinivalue_line("markers", f"{mark}: a mark of the shared conformance tests")
