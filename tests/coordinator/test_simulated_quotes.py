"""The simulated platform: what its quotes say, what they are worth, and how it lasts."""

import base64
import datetime as dt
import os
import re
import stat
from hashlib import sha256

import pytest
from structlog.testing import capture_logs

from marble_coordinator.adapters.seal_directory import LocalDirectory
from marble_coordinator.adapters.simulated_quotes import PLATFORM, RENEWAL, SimulatedPlatform
from marble_coordinator.pki.authority import new_authority
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.evidence import Evidence, Expectations
from marble_core.attestation.policy import Policy, read_policy
from marble_core.attestation.quote import parse_quote
from marble_core.attestation.simulation import load_pki, new_collateral
from marble_core.attestation.simulation.coordinator import COORDINATOR
from marble_core.attestation.steps import Outcome, Step, Verdict
from marble_core.attestation.verify import verify
from tests.fakes.simulated_directory import Fault, PowerCut, SimulatedDirectory

NOW = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
POLICY = Policy(
    unique_id=COORDINATOR.unique_id,
    signer_id=COORDINATOR.signer_id,
    product_id=COORDINATOR.product_id,
    security_version=COORDINATOR.security_version,
)


class Clock:
    """Stands still until it is set."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def log_lines():
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="module")
def authority():
    return new_authority(["localhost"], NOW)


@pytest.fixture
def platform(directory, clock):
    return SimulatedPlatform.open(directory, clock)


def judged(platform, authority, quote, directory, *, nonce=b"", anchor=None, at=NOW):
    evidence = Evidence(
        quote=quote,
        certificates=authority.chain_pem,
        tls_peer=authority.root.der,
        nonce=nonce,
        collateral=new_collateral(kept_pki(directory), NOW),
    )
    anchor = anchor or TrustAnchor.from_der(platform.root_der)
    return verify(evidence, anchor, at, Expectations(POLICY))


def kept_pki(directory):
    return load_pki(base64.b64decode(directory.files[PLATFORM].partition(b"\n")[2]))


def test_a_quote_binds_the_root_certificate_in_an_open_enclave_envelope(platform, authority):
    quote = parse_quote(platform.issue(authority.root.der))
    assert quote.wrapped
    assert quote.report_data == sha256(authority.root.der).digest() + bytes(32)


def test_a_quote_with_a_nonce_binds_root_and_nonce(platform, authority):
    quote = parse_quote(platform.issue(authority.root.der, b"\0nonce"))
    assert quote.report_data == sha256(authority.root.der + b"\0nonce").digest() + bytes(32)


def test_certificates_and_user_data_say_that_it_is_a_simulation(platform, authority, directory):
    assert b"SIMULATED" in parse_quote(platform.issue(authority.root.der)).header["user_data"]
    pki = kept_pki(directory)
    for one in (pki.root, pki.authority, pki.platform, pki.tcb_signing):
        assert "SIMULATED" in one.certificate.subject.rfc4514_string()


@pytest.mark.parametrize("nonce", [b"", b"fresh"], ids=["plain", "nonce"])
def test_its_quote_is_simulated_under_its_own_root(platform, authority, directory, nonce):
    report = judged(platform, authority, platform.issue(authority.root.der, nonce), directory, nonce=nonce)
    assert report.verdict is Verdict.SIMULATED
    assert all(step.outcome is not Outcome.FAIL for step in report.steps)


def test_its_quote_fails_under_the_root_of_intel(platform, authority, directory):
    report = judged(platform, authority, platform.issue(authority.root.der), directory, anchor=INTEL)
    assert report.verdict is Verdict.FAILED
    assert report.steps[Step.CHAIN_TO_ROOT - 1].outcome is Outcome.FAIL


def test_its_quote_fails_under_the_root_of_another_simulation(platform, authority, directory, clock):
    other = SimulatedPlatform.open(SimulatedDirectory(), clock)
    anchor = TrustAnchor.from_der(other.root_der)
    report = judged(platform, authority, platform.issue(authority.root.der), directory, anchor=anchor)
    assert report.verdict is Verdict.FAILED


def test_a_restart_keeps_the_root_and_shows_the_same_quote(platform, authority, directory, clock):
    clock.now += 400 * DAY
    again = SimulatedPlatform.open(directory, clock)
    assert again.root_der == platform.root_der
    assert again.issue(authority.root.der, b"n") == platform.issue(authority.root.der, b"n")


def test_the_file_is_for_its_owner_only(tmp_path, clock):
    SimulatedPlatform.open(LocalDirectory.make(tmp_path / "seal"), clock)
    (file,) = (tmp_path / "seal").iterdir()
    assert file.name == PLATFORM
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def _cut(data):
    return data[: len(data) // 2]


def _flipped(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _no_platform(data):
    del data
    return sha256(b"bm9uZQ==").hexdigest().encode() + b"\nbm9uZQ=="


def _no_base64(data):
    del data
    return sha256(b"#").hexdigest().encode() + b"\n#"


@pytest.mark.parametrize(
    "bend",
    [lambda _: b"", _cut, _flipped, _no_platform, _no_base64],
    ids=["empty", "cut", "flipped", "other", "text"],
)
def test_a_damaged_platform_is_made_anew_and_the_log_says_so(platform, directory, clock, log_lines, bend):
    bent = SimulatedDirectory({PLATFORM: bend(directory.files[PLATFORM])})
    log_lines.clear()
    made = SimulatedPlatform.open(bent, clock)
    assert [(line["log_level"], "made anew" in line["event"]) for line in log_lines] == [("warning", True)]
    assert made.root_der != platform.root_der
    assert SimulatedPlatform.open(bent, clock).root_der == made.root_der


def test_a_flipped_bit_anywhere_is_noticed(platform, directory, clock):
    data = directory.files[PLATFORM]
    for at in range(0, len(data), 397):
        bent = SimulatedDirectory({PLATFORM: data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :]})
        assert SimulatedPlatform.open(bent, clock).root_der != platform.root_der


def test_nothing_in_the_file_looks_like_a_leaked_key(platform, directory):
    assert platform.root_der
    assert b"PRIVATE KEY" not in directory.files[PLATFORM]


@pytest.mark.parametrize("later", [7 * 365 * DAY, -2 * DAY], ids=["at its end", "before it began"])
def test_a_platform_out_of_its_time_is_made_anew(platform, directory, clock, log_lines, later):
    clock.now += later
    log_lines.clear()
    made = SimulatedPlatform.open(directory, clock)
    assert ["made anew" in line["event"] for line in log_lines] == [True]
    assert made.root_der != platform.root_der


def test_a_first_platform_is_no_warning(directory, clock, log_lines):
    SimulatedPlatform.open(directory, clock)
    assert [line["log_level"] for line in log_lines] == ["info"]


@pytest.mark.parametrize("step", [1, 2, 3, 4, -5, -4, -3, -2, -1])
@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_ON])
def test_a_platform_that_cannot_be_kept_works_all_the_same(
    directory, clock, authority, log_lines, step, fault
):
    unharmed = SimulatedDirectory()
    SimulatedPlatform.open(unharmed, clock)
    directory.plan(step % unharmed.step, fault)
    platform = SimulatedPlatform.open(directory, clock)
    assert log_lines[-1]["log_level"] == "warning"
    quote = parse_quote(platform.issue(authority.root.der))
    assert quote.report_data.startswith(sha256(authority.root.der).digest())
    assert directory.open_files == 0
    directory.repair()
    kept = SimulatedPlatform.open(directory, clock)
    assert SimulatedPlatform.open(directory, clock).root_der == kept.root_der


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.CUT_LATE])
def test_a_power_cut_leaves_no_platform_or_a_whole_one(clock, log_lines, fault):
    unharmed = SimulatedDirectory()
    SimulatedPlatform.open(unharmed, clock)
    last = unharmed.step
    # Most steps write one more piece of the same file: some of those will do.
    for step in (*range(5), *range(5, last - 6, 100), *range(last - 6, last)):
        directory = SimulatedDirectory()
        directory.plan(step, fault)
        with pytest.raises(PowerCut):
            SimulatedPlatform.open(directory, clock)
        for survivor in directory.survivors():
            log_lines.clear()
            SimulatedPlatform.open(survivor, clock)
            assert {line["log_level"] for line in log_lines} <= {"info"}, "what is found is whole"


def test_collateral_is_kept_for_a_day_and_then_made_anew(platform, clock):
    first = platform.collateral()
    clock.now += RENEWAL - dt.timedelta(seconds=1)
    assert platform.collateral() is first
    clock.now += dt.timedelta(seconds=1)
    assert platform.collateral() is not first


def test_collateral_is_made_anew_when_the_clock_is_set_back(platform, clock):
    first = platform.collateral()
    clock.now -= 10 * DAY
    assert platform.collateral() is not first


def test_the_guide_gives_the_policy_of_simulated_coordinators(repository):
    guide = (repository / "docs" / "guide" / "README.md").read_text("utf-8")
    (given,) = re.findall(r'^\{\n  "UniqueID".*?^\}$', guide, re.DOTALL | re.MULTILINE)
    assert read_policy(given.encode()) == POLICY
