"""The black-box cases of the shared conformance tests, run inside the process: quick to repeat while working on a rule."""

import importlib
import json
import os
import sys
from pathlib import Path

import pytest

from marble_core.manifest.check import check_manifest

FOLDER = (
    Path(os.environ.get("MARBLE_SHARED") or Path(__file__).resolve().parents[3] / "shared") / "conformance"
)
if not FOLDER.is_dir():
    pytest.skip("the shared folder is not there; MARBLE_SHARED names it", allow_module_level=True)


def _load(*names):
    """Import modules of that folder, and leave no trace of the helpers they import by bare names."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        return [importlib.import_module(name) for name in names]
    finally:
        sys.path.remove(str(FOLDER))
        for name in set(sys.modules) - before:
            if (FOLDER / f"{name}.py").exists():
                del sys.modules[name]


REJECTED, ACCEPTED, SAMPLES = _load("test_manifest_rejected", "test_manifest_set", "samples")


def _arguments(test):
    """The values that a parametrised test of that folder runs with."""
    return next(mark for mark in test.pytestmark if mark.name == "parametrize").args[1]


def _raw(body):
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in REJECTED.cases()])
def test_what_the_reference_rejects_is_rejected(body):
    assert check_manifest(_raw(body)).refusal is not None


@pytest.mark.parametrize(
    "manifest", [pytest.param(manifest, id=name) for name, manifest in ACCEPTED.accepted()]
)
def test_what_the_reference_accepts_is_accepted(manifest):
    assert check_manifest(_raw(manifest)).refusal is None


@pytest.mark.parametrize(("section", "value"), _arguments(ACCEPTED.test_accepted_parameters))
def test_parameters_that_the_reference_accepts_are_accepted(section, value):
    assert check_manifest(_raw(ACCEPTED.with_parameter(section, value))).refusal is None


@pytest.mark.parametrize("secret", _arguments(ACCEPTED.test_accepted_secrets))
def test_secrets_that_the_reference_accepts_are_accepted(secret):
    assert check_manifest(_raw(SAMPLES.with_secrets({"it": secret}))).refusal is None
