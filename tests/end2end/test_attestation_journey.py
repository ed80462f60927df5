"""The window attests its own coordinator, keeps the evidence, and judges it again in a later session."""

import json

import pytest

from marble_console.pages.attestation.page import AttestationPage
from marble_core.attestation.evidence import read_evidence
from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow


def test_the_local_coordinator_is_simulated_and_its_evidence_can_be_judged_by_anybody(
    console, turns, tmp_path
):
    manifest, evidence = tmp_path / "observatory.json", tmp_path / "kept.evidence.json"
    manifest.write_text(json.dumps(observatory(), indent=2))
    with console("--local") as person:
        person.until_shown("State 2 · Waiting for a manifest", "Simulated")
        turns.start()
        person.go_to("Attestation")
        page = person.shell.findChild(AttestationPage)
        person.until(lambda: page.verdict.word() == "Simulated · not verified" and page.steps.is_complete)
        assert [row.line.word for row in page.steps.rows[2:11]] == ["Simulated"] * 9
        turns.stop()
        person.will_choose(manifest)
        person.press("Ctrl+O")
        person.until_shown("No errors")
        person.set_manifest(save_as=tmp_path / "recovery.json")
        person.until_shown("State 3 · Running")
        person.go_to("Attestation")
        person.will_choose(manifest)
        person.push("expected")
        person.until(lambda: page.steps.rows[-1].line.word == "Pass")
        person.will_choose(evidence)
        person.push("save")
        person.until_shown("Saved kept.evidence.json")
    assert read_evidence(evidence.read_bytes()).evidence.manifest.raw == manifest.read_bytes()
    with console() as person:
        person.go_to("Attestation")
        page = person.shell.findChild(AttestationPage)
        person.will_choose(evidence)
        person.push("open")
        person.until(lambda: page.verdict.word() == "Failed")
        person.push("evidence-root")
        person.until(lambda: page.verdict.word() == "Simulated · not verified" and page.steps.is_complete)
        assert [row.line.word for row in page.steps.rows[11:]] == ["Pass"] * 5
    turns.judge()
