"""Fixtures for every test: quiet (tests/noise.py), a clean environment, short and long proofs, the shared folder."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.holders import key_of
from tests.fakes.patience import PATIENCE
from tests.fakes.softhsm import MODULE, TOOL, SoftHsm

pytest_plugins = ["pytester", "tests.noise"]

# Before any QApplication: tests need no display. Set another platform to watch a test at work.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No deadlines: machines of all speeds run this, and neither a slow example nor one that is slow to make is wrong.
AT_ANY_SPEED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("fast", max_examples=60, **AT_ANY_SPEED)
settings.register_profile("deep", max_examples=3000, **AT_ANY_SPEED)
settings.load_profile("fast")

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--prove", action="store_true", help="run the long proofs too, and the short ones at full length"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--prove"):
        settings.load_profile("deep")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--prove"):
        return
    proofs = [item for item in items if item.get_closest_marker("prove")]
    if proofs:
        config.hook.pytest_deselected(items=proofs)
        items[:] = [item for item in items if item not in proofs]


@pytest.fixture(scope="session")
def proving(request: pytest.FixtureRequest) -> bool:
    """Whether this is `make prove`: a test that has a short and a long form chooses by it."""
    return bool(request.config.getoption("--prove"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of specification, vectors and conformance tests; the test is skipped where it is absent."""
    folder = Path(os.environ.get("MARBLE_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("the shared folder is not there; MARBLE_SHARED names it")
    return folder


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's reaches a test, and no test writes into the developer's home."""
    for name in [name for name in os.environ if name.startswith(("EDG_", "MARBLE_CONSOLE_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    for variable, folder in {
        "XDG_CACHE_HOME": ".cache",
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_RUNTIME_DIR": ".run",
    }.items():
        path = home / folder
        path.mkdir(mode=0o700, parents=True)
        monkeypatch.setenv(variable, str(path))


@pytest.fixture
def qtbot(qtbot):
    """As pytest-qt makes it, but patient: its five seconds are short for a machine that has other things to do."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitActive", "waitExposed"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=int(PATIENCE * 1000)))
    return qtbot


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    """Three tokens: `holder` with the keys vault and spare, `ada` with hers and another, `empty` with none."""
    if MODULE is None or TOOL is None:
        pytest.skip("SoftHSM is not installed")
    tokens = SoftHsm(tmp_path_factory.mktemp("softhsm"), MODULE)
    tokens.prepare()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(tokens.configuration))
        tokens.make_token("holder", {name: key_of(name) for name in ("vault", "spare")})
        tokens.make_token("ada", {name: key_of(name) for name in ("old key", "ada")})
        tokens.make_token("empty", {})
        yield tokens
