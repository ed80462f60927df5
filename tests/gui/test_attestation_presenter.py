"""What the attestation page decides: the connection in hand, files of evidence, policy, acceptances, history."""

import dataclasses
import datetime as dt
import json

import pytest

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.errors import RootChanged
from marble_console.attesting import Attestation, Origin, Subject
from marble_console.attesting.sharing import import_chain
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.profiles import Kind, Profile, ProfileId
from marble_console.notary import TrustState
from marble_console.pages.attestation.presenter import AttestationPresenter
from marble_console.pages.attestation.state import Tab
from marble_console.tasks import InlineRunner
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.collateral import write_collateral
from marble_core.attestation.evidence import EvidenceFile, read_evidence, write_evidence
from marble_core.attestation.policy import Acceptance, read_policy, write_policy
from marble_core.attestation.report import read_report
from marble_core.attestation.simulation import tcb_info_record
from marble_core.attestation.steps import Step, Verdict
from tests.fakes.attested import (
    MANIFEST,
    NOW,
    collateral,
    collateral_with,
    coordinator,
    evidence_with,
    expectations,
    good_evidence,
    good_policy,
    judged,
    pki,
)

PROFILE = Profile(
    "observatory",
    Kind.REMOTE,
    Address("observatory.example", 4433),
    NOW,
    root_der=coordinator().root,
    id=ProfileId(1),
)


class FakeNotary:
    """Keeps what it is told; `becomes` are the verifications to come."""

    def __init__(self, state):
        self.state = state
        self.listener = None
        self.asked, self.kept_ones = [], []
        self.left = self.trusted = False

    def verify(self, manifest_fingerprint=None, *, collateral=None):
        self.asked.append((manifest_fingerprint, collateral))

    def set_terms(self, terms):
        self.tell(terms=terms)

    def trust_root(self):
        self.trusted = True

    def leave(self):
        self.left = True

    def history(self):
        return tuple(dataclasses.replace(one, report=b"") for one in self.kept_ones)

    def kept(self, verification):
        return next(one for one in self.kept_ones if one.id == verification)

    def tell(self, **changes):
        self.state = dataclasses.replace(self.state, **changes)
        if self.listener:
            self.listener(self.state)


def attestation(evidence=None, *, anchor=None, blocked=None, expected=None, root=None):
    anchor = anchor or pki().anchor
    seen = evidence or good_evidence()
    subject = Subject(PROFILE.address, anchor=anchor, expectations=expected or expectations())
    report = judged(seen, expected, anchor=anchor)
    found = root or coordinator().root
    return Attestation(
        subject, report, seen, found, True, Origin.SERVICE, NOW, CoordinatorState.RUNNING, blocked
    )


class Elsewhere:
    def __init__(self):
        self.names = None

    def edit_connection(self, names=()):
        self.names = names


@pytest.fixture
def notary():
    terms = Terms(policy=write_policy(good_policy()).decode(), policy_name="observatory.json")
    return FakeNotary(TrustState(PROFILE, terms, is_reachable=True))


@pytest.fixture
def presenter(notary):
    presenter = AttestationPresenter(
        notary,
        InlineRunner(),
        Elsewhere(),
        clock=lambda: NOW,
        print_pdf=lambda html, path: path.write_text(html) and path,
    )
    notary.listener = presenter.set_trust
    presenter.set_trust(notary.state)
    return presenter


@pytest.fixture
def evidence_file(tmp_path):
    path = tmp_path / "orders.evidence.json"
    path.write_bytes(write_evidence(EvidenceFile(good_evidence(), expectations(), NOW, pki().root.der)))
    return path


def outcome(presenter, step):
    return next(line.word for line in presenter.state.steps.lines if line.key == str(int(step)))


def actions(presenter):
    return [action.key for action in presenter.state.actions]


def test_before_the_first_verification_the_page_says_not_verified(presenter):
    assert presenter.state.verdict.word == "Not verified"
    assert presenter.state.verdict.actions[-1].key == "verify"
    assert presenter.state.steps.lines == ()


def test_the_last_verification_of_the_connection_is_shown(presenter, notary):
    notary.tell(attestation=attestation())
    assert presenter.state.verdict.word == "Simulated · not verified"
    assert len(presenter.state.steps.lines) == 16
    assert presenter.state.right == "No hardware proof"


def test_of_a_failed_connection_the_primary_way_is_to_leave(presenter, notary):
    notary.tell(attestation=attestation(anchor=INTEL))
    presenter.act(presenter.state.verdict.actions[-1].key)
    assert notary.left
    assert "verify" in actions(presenter)


def test_an_attested_root_that_does_not_answer_is_a_failure_though_all_steps_passed(presenter, notary):
    blocked = RootChanged("Another root answers.", hint="Compare.", pinned="a", presented="b")
    notary.tell(attestation=attestation(blocked=blocked))
    assert (presenter.state.verdict.word, presenter.state.verdict.line) == ("Failed", "Another root answers.")
    assert presenter.state.verdict.actions[-1].key == "leave"


def test_a_new_root_can_be_trusted_and_the_old_one_needs_no_button(presenter, notary):
    notary.tell(attestation=attestation())
    assert "trust" not in actions(presenter)
    notary.tell(attestation=attestation(root=b"another root"))
    assert "trust" in actions(presenter)
    presenter.act("trust")
    assert notary.trusted


def test_an_expected_manifest_is_verified_in_one_go(presenter, notary, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_bytes(MANIFEST)
    presenter.verify_expected(path)
    assert notary.asked == [(expectations().manifest_fingerprint, None)]


# -- evidence ----------------------------------------------------------------------------------------------------
def test_evidence_is_judged_under_intels_root_until_its_own_is_chosen(presenter, evidence_file):
    presenter.open_evidence(evidence_file)
    assert presenter.state.verdict.word == "Failed"
    assert "observatory.evidence" not in presenter.state.source
    assert presenter.state.source.startswith("From orders.evidence.json, judged as of")
    presenter.act("evidence-root")
    assert presenter.state.verdict.word == "Simulated · not verified"


def test_evidence_never_changes_what_is_said_of_the_connection(presenter, notary, evidence_file):
    notary.tell(attestation=attestation(evidence_with(collateral=None)))
    presenter.open_evidence(evidence_file)
    presenter.act("evidence-root")
    assert notary.state.attestation.verdict is Verdict.NOT_VERIFIED
    presenter.act("back")
    assert presenter.state.verdict.word == "Not verified"


def test_evidence_needs_no_connection(evidence_file):
    presenter = AttestationPresenter(
        FakeNotary(TrustState()),
        InlineRunner(),
        Elsewhere(),
        clock=lambda: NOW,
        print_pdf=lambda _, path: path,
    )
    presenter.set_trust(TrustState())
    presenter.open_evidence(evidence_file)
    presenter.act("evidence-root")
    assert presenter.state.verdict.word == "Simulated · not verified"
    assert [action.key for action in presenter.state.verdict.actions] == ["save", "report"]


def test_evidence_can_be_judged_as_of_now(evidence_file):
    later = NOW + dt.timedelta(days=60)
    presenter = AttestationPresenter(
        FakeNotary(TrustState()),
        InlineRunner(),
        Elsewhere(),
        clock=lambda: later,
        print_pdf=lambda _, path: path,
    )
    presenter.open_evidence(evidence_file)
    presenter.act("evidence-root")
    presenter.act("now")
    assert presenter.state.verdict.word == "Failed"
    assert outcome(presenter, Step.REVOCATION_LISTS) == "Fail"


def test_a_quote_alone_is_opened_and_judged_as_of_now(presenter, tmp_path):
    path = tmp_path / "quote.bin"
    path.write_bytes(evidence_with().quote)
    presenter.open_evidence(path)
    assert presenter.state.source.startswith("From quote.bin, judged as of")
    assert outcome(presenter, Step.QUOTE_WELL_FORMED) == "Pass"
    assert outcome(presenter, Step.ROOT_BINDING) == "Not checked"


def test_a_file_that_is_no_evidence_is_told_and_changes_nothing(presenter, notary, tmp_path):
    notary.tell(attestation=attestation())
    path = tmp_path / "other.json"
    path.write_text("{}")
    presenter.open_evidence(path)
    assert presenter.state.problem.title == "The file is no marble-console evidence."
    assert presenter.state.verdict.word == "Simulated · not verified"
    presenter.act("dismiss")
    assert presenter.state.problem is None


def test_a_file_that_is_not_there_is_told(presenter, tmp_path):
    presenter.open_evidence(tmp_path / "gone.json")
    assert presenter.state.problem.title == "gone.json cannot be read: no such file or directory."


def test_saved_evidence_repeats_the_verification(presenter, notary, tmp_path):
    notary.tell(attestation=attestation())
    path = tmp_path / "saved.json"
    presenter.save_evidence(path)
    assert read_evidence(path.read_bytes()).evidence == good_evidence()
    assert presenter.state.left == "Saved saved.json"


@pytest.mark.parametrize("kind", ["html", "pdf", "json"])
def test_a_report_is_saved_in_every_form(presenter, notary, tmp_path, kind):
    notary.tell(attestation=attestation())
    path = tmp_path / f"report.{kind}"
    presenter.save_report(path, kind)
    content = path.read_bytes()
    if kind == "json":
        assert read_report(content) == notary.state.attestation.report
    else:
        assert b"Simulated" in content


# -- collateral --------------------------------------------------------------------------------------------------
def test_collateral_from_a_file_verifies_the_connection_again(presenter, notary, tmp_path):
    notary.tell(attestation=attestation(evidence_with(collateral=None)))
    path = tmp_path / "collateral.json"
    path.write_bytes(write_collateral(collateral()))
    presenter.load_collateral(path)
    assert notary.asked == [(None, collateral())]


def test_without_the_coordinator_its_kept_quote_is_judged_and_the_badge_stays(presenter, notary, tmp_path):
    notary.tell(attestation=attestation(evidence_with(collateral=None)), is_reachable=False)
    path = tmp_path / "collateral.json"
    path.write_bytes(write_collateral(collateral()))
    presenter.load_collateral(path)
    assert presenter.state.verdict.word == "Simulated · not verified"
    assert "badge of the connection stays" in presenter.state.source
    presenter.act("back")
    assert presenter.state.verdict.word == "Not verified"


# -- policy ------------------------------------------------------------------------------------------------------
def test_a_policy_is_put_in_force_and_the_connection_verified_by_it(presenter, notary):
    presenter.edit_policy_line("SecurityVersion", "4")
    assert presenter.state.policy.is_changed
    presenter.policy_act("use")
    assert read_policy(notary.state.terms.policy.encode()).security_version == 4
    assert len(notary.asked) == 1
    assert not presenter.state.policy.is_changed


def test_a_policy_that_names_no_enclave_cannot_be_put_in_force(presenter):
    for name in ("UniqueID", "SignerID"):
        presenter.edit_policy_line(name, "")
    use = next(action for action in presenter.state.policy.actions if action.key == "use")
    assert (use.enabled, use.reason) == (False, "The policy does not name an enclave yet.")


def test_what_is_typed_survives_a_verification_and_not_another_connection(presenter, notary):
    presenter.edit_policy_line("ProductID", "9")
    notary.tell(attestation=attestation())
    assert presenter.state.policy.values["ProductID"] == "9"
    notary.tell(profile=dataclasses.replace(PROFILE, id=ProfileId(2)))
    assert presenter.state.policy.values["ProductID"] == "3"


def test_the_identity_of_the_quote_can_be_filled_in(presenter, notary):
    notary.tell(attestation=attestation(), terms=Terms())
    presenter.policy_act("from-quote")
    assert presenter.state.policy.values["UniqueID"] == good_policy().unique_id.hex()


def test_a_policy_file_is_loaded_and_saved(presenter, tmp_path):
    given, saved = tmp_path / "coordinator-era.json", tmp_path / "saved.json"
    given.write_text('{"UniqueID": "' + "5e" * 32 + '", "Remark": 1}')
    presenter.load_policy(given)
    assert presenter.state.policy.name == "coordinator-era.json"
    presenter.save_policy(saved)
    assert json.loads(saved.read_text()) == json.loads(given.read_text())


# -- TCB ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def outdated():
    record = tcb_info_record(NOW)
    record["tcbLevels"][0] |= {"tcbStatus": "OutOfDate", "advisoryIDs": ["INTEL-SA-00615"]}
    return evidence_with(collateral=collateral_with(tcb_info=record))


def test_a_status_is_accepted_with_a_reason_and_an_end(presenter, notary, outdated):
    notary.tell(attestation=attestation(outdated))
    presenter.choose_subject("OutOfDate")
    presenter.accept(" patched by Friday ", 7)
    assert notary.state.terms.acceptances == (
        Acceptance("OutOfDate", "patched by Friday", NOW + dt.timedelta(days=7)),
    )
    assert len(notary.asked) == 1
    rows = {row.key: [cell.text for cell in row.cells] for row in presenter.state.tcb.rows}
    assert rows["OutOfDate"][1] == "accepted by you until 27 Nov"
    presenter.withdraw()
    assert notary.state.terms.acceptances == ()


def test_an_acceptance_that_ended_is_named(presenter, notary, outdated):
    ended = Acceptance("OutOfDate", "patched by Friday", NOW)
    notary.tell(attestation=attestation(outdated), terms=Terms(acceptances=(ended,)))
    rows = {row.key: [cell.text for cell in row.cells] for row in presenter.state.tcb.rows}
    assert rows["OutOfDate"][1] == "your acceptance has ended"


def test_nothing_is_asked_of_a_platform_that_is_up_to_date(presenter, notary):
    notary.tell(attestation=attestation())
    presenter.choose_subject("UpToDate")
    assert (presenter.state.tcb.chosen, presenter.state.tcb.question) == ("UpToDate", "")


# -- certificates, quote, history --------------------------------------------------------------------------------
def test_the_root_that_the_quote_names_is_in_hand_and_can_be_saved(presenter, notary, tmp_path):
    notary.tell(attestation=attestation())
    assert presenter.state.certificates.facts[0].value == "CN=Observatory root"
    path = tmp_path / presenter.state.certificates.file_name
    presenter.save_certificate(path)
    assert path.name == "observatory-root.pem"
    assert path.read_text() in coordinator().chain


def test_what_was_attested_is_shared_with_the_command_line(presenter, notary, tmp_path):
    notary.tell(attestation=attestation())
    assert presenter.state.certificates.share.enabled
    presenter.share_chain(tmp_path / "coordinator-cert.pem")
    assert import_chain(tmp_path / "coordinator-cert.pem").root_der == coordinator().root


def test_what_failed_is_not_shared_with_the_command_line(presenter, notary, tmp_path):
    notary.tell(attestation=attestation(anchor=INTEL))
    share = presenter.state.certificates.share
    assert not share.enabled
    assert share.reason
    presenter.share_chain(tmp_path / "coordinator-cert.pem")
    assert not (tmp_path / "coordinator-cert.pem").exists()


def test_field_and_bytes_are_one_choice(presenter, notary):
    notary.tell(attestation=attestation())
    presenter.choose_byte(150 - 7)
    assert presenter.state.quote.chosen == "112:mr_enclave"
    presenter.choose_field("368:report_data")
    assert presenter.state.quote.value[0].value.startswith("REPORTDATA, bytes 368–431")


def test_two_past_results_are_compared_and_a_third_takes_the_place_of_the_first(presenter, notary):
    good, bad = attestation(), attestation(anchor=INTEL)
    notary.kept_ones = [
        dataclasses.replace(one.kept, id=number, at=NOW - dt.timedelta(days=number))
        for number, one in enumerate((good, good, bad))
    ]
    notary.tell(attestation=good)
    for key in ("0", "1"):
        presenter.tick(key, True)
    assert presenter.state.history.hint == "Both came to the same result in every step."
    presenter.tick("2", True)
    assert [row.key for row in presenter.state.history.rows if row.checked] == ["1", "2"]
    assert presenter.state.history.hint.startswith("The results differ in steps 3, 4, 5")
    presenter.tick("2", False)
    assert presenter.state.history.compared == ()


def test_the_tab_stays_when_the_connection_is_verified_again(presenter, notary):
    presenter.choose_tab(Tab.QUOTE)
    notary.tell(attestation=attestation())
    assert presenter.state.tab is Tab.QUOTE
