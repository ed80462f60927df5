"""Reports: the same after a round through JSON, and harmless as a page."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest

from marble_core.attestation.anchors import INTEL
from marble_core.attestation.errors import ReportUnreadable
from marble_core.attestation.evidence import Evidence, Expectations
from marble_core.attestation.report import read_report, render_html, write_report
from marble_core.attestation.report.model import Root, verdict
from marble_core.attestation.steps import OPTIONAL_STEPS, Comparison, Outcome, Step, StepResult, Verdict
from tests.fakes.attested import evidence_with, expectations, good_policy, judged

HOSTILE = "<script>alert(1)</script>&\"'"
REPORTS = {
    "simulated": judged(),
    "failed": judged(None, expectations(policy=good_policy(unique_id=bytes(32)))),
    "not verified": judged(evidence_with(collateral=None)),
    "nothing": judged(Evidence(b""), Expectations()),
    "hostile": judged(evidence_with(address=HOSTILE), expectations(policy=good_policy(name=HOSTILE))),
}


def bent(report=REPORTS["failed"], **changes):
    return json.dumps(json.loads(write_report(report)) | changes).encode()


def steps_of(report, **changes):
    steps = json.loads(write_report(report))["steps"]
    return [*steps[:10], steps[10] | changes, *steps[11:]]


def results(outcome=Outcome.PASS, **others):
    return [StepResult(step, others.get(step.name, outcome), "") for step in Step]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_report_reads_the_same_as_it_was_written(report):
    again = read_report(write_report(report))
    assert again == report
    assert (again.headline, again.line) == (report.headline, report.line)


def test_a_report_says_everything_to_other_programs():
    record = json.loads(write_report(REPORTS["failed"]))
    assert record["verdict"] == "failed"
    step = record["steps"][10]
    assert (step["step"], step["outcome"], step["reason"]) == (11, "fail", "identity.unique_id")
    assert step["comparisons"][2]["expected"] == "00" * 32
    assert record["root"]["simulation"] is True
    assert record["quote"]["fields"][0]["label"] == "Version"
    assert record["collateral"]["until"] == "2026-12-20T12:00:00+00:00"
    assert record["platform"]["tcb_status"] == "UpToDate"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "no JSON"),
        (b"{}", "no marble-console attestation report"),
        (bent(version=99), "version that is not known"),
        (bent(steps=[]), "does not have the 16 steps"),
        (bent(steps=steps_of(REPORTS["failed"], step=17)), "step that is not known"),
        (bent(steps=steps_of(REPORTS["failed"], reason="none.such")), "reason has a value that is not known"),
        (bent(steps=steps_of(REPORTS["failed"], outcome="pass")), "does not follow from its steps"),
        (
            bent(
                steps=steps_of(
                    REPORTS["failed"],
                    comparisons=[{"label": "x", "expected": "<b>", "found": "", "bytes": True}],
                )
            ),
            "expected is not hex",
        ),
        (bent(verdict="verified"), "does not follow from its steps"),
        (bent(root=None), "does not name the root"),
        (bent(platform={"fmspc": "", "tcb_date": "never"}), "tcb_date is no date"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_report_that_does_not_fit_is_refused(raw, said):
    with pytest.raises(ReportUnreadable, match=said):
        read_report(raw)


def test_a_file_cannot_call_its_root_genuine():
    root = json.loads(write_report(REPORTS["simulated"]))["root"]
    claimed = bent(REPORTS["simulated"], root=root | {"simulation": False}, verdict="verified")
    with pytest.raises(ReportUnreadable, match="does not follow"):
        read_report(claimed)


def test_simulated_steps_cannot_stand_under_a_genuine_root():
    root = {"name": INTEL.name, "fingerprint": INTEL.fingerprint, "simulation": False}
    with pytest.raises(ReportUnreadable, match="simulated steps"):
        read_report(bent(REPORTS["simulated"], root=root, verdict="verified"))


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_page_is_well_formed_and_loads_nothing(report):
    page = render_html(report)
    opened = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert tag not in {"script", "img", "a", "link", "iframe", "object"}
            assert not {name for name, _ in attrs if name.startswith("on") or name in {"src", "href"}}
            if tag not in {"meta", "br"}:
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Checker().feed(page)
    assert not opened
    assert "http" not in re.sub(r"http-equiv", "", page)
    for result in report.steps:
        assert result.step.title in page


def test_nothing_from_outside_reaches_the_page_unescaped():
    assert HOSTILE not in render_html(REPORTS["hostile"])
    assert "&lt;script&gt;" in render_html(REPORTS["hostile"])


@pytest.mark.parametrize("is_bytes", [True, False])
def test_comparisons_are_escaped_as_well(is_bytes):
    hostile = Comparison(HOSTILE, HOSTILE, HOSTILE[1:], is_bytes)
    report = REPORTS["failed"]
    steps = [dataclasses.replace(report.steps[0], comparisons=(hostile,)), *report.steps[1:]]
    page = render_html(dataclasses.replace(report, steps=tuple(steps)))
    assert "<sc" not in page.split("<h2>Steps")[1]
    assert "<script" not in page


def test_a_simulated_page_has_no_green_head_and_says_what_it_is():
    head = render_html(REPORTS["simulated"]).split("<h2>")[0]
    assert "Simulated · not verified" in head
    assert "dashed" in head
    assert "simulation root, no hardware proof" in head
    assert "#0A684D" not in head


def test_bytes_that_differ_are_marked_and_others_are_not():
    page = render_html(REPORTS["failed"])
    assert page.count('class="other"') == 32


@pytest.mark.parametrize(
    ("steps", "is_simulation", "wanted"),
    [
        (results(), False, Verdict.VERIFIED),
        (results(Outcome.NOTE), False, Verdict.VERIFIED),
        (results(), True, Verdict.SIMULATED),
        (results(NONCE=Outcome.NOT_CHECKED), False, Verdict.VERIFIED),
        (results(MANIFEST_SIGNATURE=Outcome.NOT_CHECKED), True, Verdict.SIMULATED),
        (results(NONCE=Outcome.FAIL), False, Verdict.FAILED),
        (results(MANIFEST_FINGERPRINT=Outcome.FAIL, ADVISORIES=Outcome.NOT_CHECKED), True, Verdict.FAILED),
    ],
)
def test_the_verdict_follows_the_rule(steps, is_simulation, wanted):
    assert verdict(steps, is_simulation=is_simulation) is wanted


@pytest.mark.parametrize("step", Step)
def test_any_failure_fails_and_any_gap_but_three_is_not_verified(step):
    failed = results(**{step.name: Outcome.FAIL})
    gap = results(**{step.name: Outcome.NOT_CHECKED})
    assert verdict(failed, is_simulation=False) is Verdict.FAILED
    expected = Verdict.VERIFIED if step in OPTIONAL_STEPS else Verdict.NOT_VERIFIED
    assert verdict(gap, is_simulation=False) is expected


def test_the_line_of_a_failure_names_the_first_step_and_counts_the_others():
    assert (
        REPORTS["failed"].line == "Step 11, Enclave identity: MRENCLAVE (UniqueID) differs from the policy."
    )
    two = judged(evidence_with(tls_peer=b"other"), expectations(policy=good_policy(unique_id=bytes(32))))
    assert two.line.endswith("1 more failed.")


def test_a_verified_report_names_the_hardware():
    """No genuine quote comes with its root, so this report is put together for the picture."""
    simulated = REPORTS["simulated"]
    steps = tuple(
        dataclasses.replace(one, outcome=Outcome.PASS) if one.outcome is Outcome.SIMULATED else one
        for one in simulated.steps
    )
    report = dataclasses.replace(
        simulated,
        verdict=Verdict.VERIFIED,
        steps=steps,
        root=Root(INTEL.name, INTEL.fingerprint),
    )
    assert (report.headline, report.line) == ("Verified", "Hardware: Intel SGX.")
    assert read_report(write_report(report)) == report
