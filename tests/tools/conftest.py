import importlib.util

import pytest


@pytest.fixture
def tool(repository, monkeypatch):
    """`tool("lock")` is the module tools/lock.py."""

    def load(name):
        spec = importlib.util.spec_from_file_location(
            f"marble_tool_{name}", repository / "tools" / f"{name}.py"
        )
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(__import__("sys").modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load
