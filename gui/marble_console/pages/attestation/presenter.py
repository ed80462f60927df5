"""Decides what the attestation page says and does. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from marble_client.errors import NameMismatch
from marble_console.coordinators.attested import KeptVerification, Terms
from marble_console.notary import TrustState
from marble_console.pages.attestation import examined as jobs
from marble_console.pages.attestation.certificates import pem_of
from marble_console.pages.attestation.composing import Desk, attestation_state
from marble_console.pages.attestation.examined import Examined
from marble_console.pages.attestation.history import BOTH
from marble_console.pages.attestation.inspector import field_at
from marble_console.pages.attestation.policydraft import PolicyDraft, suggested_name
from marble_console.pages.attestation.state import AttestationState, Shown, Tab
from marble_console.parts import Notice, Tone
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.errors import ReportUnreadable
from marble_core.attestation.policy import Acceptance, Policy
from marble_core.attestation.quote import EnclaveReport, parse_quote
from marble_core.attestation.report import Report, read_report, render_html, write_report
from marble_core.errors import MarbleError

_MAX_POLICY: Final = 256 * 1024


class View(Protocol):
    def show_state(self, state: AttestationState) -> None: ...


class Notary(Protocol):
    """What the page needs of the connection in hand."""

    @property
    def state(self) -> TrustState: ...

    def verify(
        self,
        manifest_fingerprint: bytes | None = None,
        *,
        collateral: Collateral | None = None,
        refresh: bool = False,
    ) -> None: ...

    def set_terms(self, terms: Terms) -> None: ...

    def trust_root(self) -> None: ...

    def leave(self) -> None: ...

    def history(self) -> tuple[KeptVerification, ...]: ...

    def kept(self, verification: int) -> KeptVerification | None: ...


class Elsewhere(Protocol):
    """What the page asks of the rest of the console."""

    def edit_connection(self, names: tuple[str, ...] = ()) -> None: ...


class AttestationPresenter:
    """One page: the connection in hand, or a file of evidence. `print_pdf` writes HTML as PDF, on a worker."""

    def __init__(
        self,
        notary: Notary,
        runner: Runner,
        elsewhere: Elsewhere,
        *,
        clock: Callable[[], dt.datetime],
        print_pdf: Callable[[str, Path], Path],
    ) -> None:
        self._notary = notary
        self._runner = runner
        self._elsewhere = elsewhere
        self._clock = clock
        self._print_pdf = print_pdf
        self._generation = Generation()
        self._view: View | None = None
        self._desk = Desk(TrustState(), begun=False)
        self.state = attestation_state(self._desk, clock())

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    # -- what the connection in hand does -------------------------------------------------------------------------
    def set_trust(self, trust: TrustState) -> None:
        """The notary tells how the connection in hand stands."""
        before, desk = self._desk.trust, replace(self._desk, trust=trust, begun=True)
        if _connection(trust) != _connection(before):
            desk = Desk(trust, tab=desk.tab, draft=_draft(trust), opened=desk.opened)
        elif trust.terms != before.terms and not desk.draft.is_changed:
            desk = replace(desk, draft=_draft(trust))
        if trust.attestation is not before.attestation:
            live = Examined.live(trust.attestation) if trust.attestation is not None else None
            desk = replace(desk, live=live, unfolded=frozenset(), adjusted=None)
        self._desk = desk
        self._read_history()
        self._show()

    # -- what the operator does: the verdict ----------------------------------------------------------------------
    def act(self, key: str) -> None:
        """An action that needs no further answer from the operator."""
        match key:
            case "verify" | "verify-refresh":
                self._verify(refresh=key == "verify-refresh")
            case "leave":
                self._notary.leave()
            case "trust":
                self._try(self._notary.trust_root)
            case "connection":
                self._edit_connection()
            case "back":
                adjusted = self._desk.adjusted if self._desk.opened is not None else None
                self._put(opened=None, adjusted=adjusted, problem=None, done="")
            case "now":
                self._judge(lambda one: jobs.as_of(one, self._clock()))
            case "evidence-root":
                self._judge(jobs.under_named_root)
            case "dismiss":
                self._put(problem=None)
            case "policy" | "tcb" | "certificates":
                self.choose_tab(Tab(key))
            case _:
                raise ValueError(key)

    def verify_expected(self, manifest: Path) -> None:
        """Verify everything, and that the manifest in force is the one in this file."""
        self._put(opened=None, adjusted=None, problem=None, done="")
        self._runner.read(
            partial(jobs.manifest_fingerprint, manifest), then=self._notary.verify, failed=self._failed
        )

    def choose_tab(self, tab: Tab) -> None:
        self._put(tab=tab)

    def show_steps(self, shown: Shown) -> None:
        self._put(shown=shown)

    def fold(self, key: str) -> None:
        """Open the row that stands for several steps, or close it."""
        self._put(unfolded=self._desk.unfolded ^ {key})

    # -- files ----------------------------------------------------------------------------------------------------
    def open_evidence(self, path: Path) -> None:
        """Judge a file, without any connection."""
        current = self._generation.next()
        self._put(busy=True, problem=None, done="")
        self._runner.read(
            partial(jobs.open_evidence, path, self._clock()),
            then=current(self._opened),
            failed=current(self._failed),
        )

    def load_collateral(self, path: Path) -> None:
        """Judge by collateral from a file: the connection if it can be asked, else what is on the table."""
        one = self._desk.examined
        if one is not None and one.is_live and self._notary.state.can_verify:
            self._put(problem=None, done="")
            self._runner.read(
                partial(jobs.collateral_of, path),
                then=lambda collateral: self._notary.verify(collateral=collateral),
                failed=self._failed,
            )
        else:
            self._judge(lambda one: jobs.with_collateral(one, path))

    def save_evidence(self, path: Path) -> None:
        if (one := self._desk.examined) is not None:
            self._write(partial(jobs.save_evidence, one, path))

    def save_report(self, path: Path, kind: str) -> None:
        """Write the report as `html`, `pdf` or `json`."""
        one = self._desk.examined
        if one is None:
            return
        match kind:
            case "json":
                self._write(lambda: jobs.write(path, write_report(one.report)))
            case "html":
                self._write(lambda: jobs.write(path, render_html(one.report).encode()))
            case "pdf":
                self._write(lambda: self._print_pdf(render_html(one.report), path))
            case _:
                raise ValueError(kind)

    def suggested_name(self, ending: str) -> str:
        """A file name that tells of whom and when: "coordinator.example-2026-11-20.json"."""
        one = self._desk.examined
        address = one.report.address if one is not None else ""
        name = "".join(c if c.isalnum() or c in ".-" else "-" for c in address) or "coordinator"
        at = one.report.at if one is not None else self._clock()
        return f"{name}-{at:%Y-%m-%d}{ending}"

    # -- the policy -----------------------------------------------------------------------------------------------
    def edit_policy_text(self, text: str) -> None:
        self._put(draft=self._desk.draft.with_text(text))

    def edit_policy_line(self, name: str, line: str) -> None:
        if self._desk.draft.values.get(name) != line:
            self._put(draft=self._desk.draft.with_line(name, line))

    def edit_policy_debug(self, allowed: bool) -> None:
        self._put(draft=self._desk.draft.with_debug(allowed=allowed))

    def edit_policy_status(self, status: str, accepted: bool) -> None:
        self._put(draft=self._desk.draft.with_status(status, accepted=accepted))

    def load_policy(self, path: Path) -> None:
        self._runner.read(
            partial(jobs.read_text, path, _MAX_POLICY),
            then=lambda text: self._put(
                draft=replace(self._desk.draft, text=text, name=path.name), problem=None
            ),
            failed=self._failed,
        )

    def save_policy(self, path: Path) -> None:
        text = self._desk.draft.text
        self._write(partial(jobs.write, path, text.encode()))

    def policy_act(self, key: str) -> None:
        match key:
            case "use":
                self._use_policy()
            case "revert":
                self._put(draft=_draft(self._desk.trust))
            case "from-quote":
                self._policy_from_quote()
            case "remove":
                self._put(draft=replace(self._desk.draft, text="", name=""))
                self._use_policy()
            case _:
                raise ValueError(key)

    def policy_file_name(self) -> str:
        profile = self._desk.trust.profile
        return self._desk.draft.name or suggested_name(profile.name if profile is not None else "")

    # -- TCB and advisories ---------------------------------------------------------------------------------------
    def choose_subject(self, key: str) -> None:
        self._put(subject=key)

    def accept(self, reason: str, days: int | None) -> None:
        """Accept the subject in hand for a reason, for some days or without an end."""
        until = self._clock() + dt.timedelta(days=days) if days is not None else None
        acceptance = Acceptance(self._desk.subject, reason.strip(), until)
        others = [one for one in self._desk.trust.terms.acceptances if not one.is_about(acceptance.subject)]
        self._accept((*others, acceptance))

    def withdraw(self) -> None:
        """No longer accept the subject in hand."""
        subject = self._desk.subject
        self._accept(tuple(one for one in self._desk.trust.terms.acceptances if not one.is_about(subject)))

    # -- certificates, quote, history -----------------------------------------------------------------------------
    def choose_certificate(self, key: str) -> None:
        self._put(certificate=key)

    def save_certificate(self, path: Path) -> None:
        one = self._desk.examined
        pem = pem_of(one.groups, self.state.certificates.chosen) if one is not None else b""
        if pem:
            self._write(partial(jobs.write, path, pem))

    def share_chain(self, path: Path) -> None:
        """Let the command line trust the coordinator that was attested."""
        attestation = self._desk.trust.attestation
        if attestation is not None:
            self._write(partial(jobs.share_chain, attestation, path))

    def choose_field(self, key: str) -> None:
        self._put(field=key)

    def choose_byte(self, place: int) -> None:
        """Mark the field that holds a byte."""
        self._put(field=field_at(self.state.quote.fields, place))

    def tick(self, key: str, is_ticked: bool) -> None:
        """Choose a past result to compare, or no longer; a third one takes the place of the first."""
        ticked = tuple(one for one in self._desk.ticked if one != key)
        if is_ticked:
            ticked = (*ticked, key)[-BOTH:]
        self._put(ticked=ticked)
        reports: list[Report] = []
        for one in ticked:
            report = self._kept_report(int(one))
            if report is not None:
                reports.append(report)
        self._put(reports=tuple(reports))

    # -- inside ---------------------------------------------------------------------------------------------------
    def _verify(self, *, refresh: bool) -> None:
        self._put(opened=None, adjusted=None, problem=None, done="")
        self._notary.verify(refresh=refresh)

    def _edit_connection(self) -> None:
        attestation = self._desk.trust.attestation
        blocked = attestation.blocked if attestation is not None else None
        self._elsewhere.edit_connection(blocked.names if isinstance(blocked, NameMismatch) else ())

    def _judge(self, job: Callable[[Examined], Examined]) -> None:
        """Judge what is on the table anew, off this thread."""
        one = self._desk.examined
        if one is None:
            return
        current = self._generation.next()
        self._put(busy=True, problem=None, done="")
        self._runner.read(partial(job, one), then=current(self._judged), failed=current(self._failed))

    def _opened(self, one: Examined) -> None:
        self._put(opened=one, busy=False, unfolded=frozenset(), field="", certificate="", tab=Tab.STEPS)

    def _judged(self, one: Examined) -> None:
        # What is judged anew by hand is no verification of the connection: its badge stays as it was.
        if one.is_live:
            self._put(adjusted=one, busy=False, unfolded=frozenset())
        else:
            self._put(opened=one, busy=False, unfolded=frozenset())

    def _use_policy(self) -> None:
        draft, terms = self._desk.draft, self._desk.trust.terms
        self._try(
            lambda: self._notary.set_terms(replace(terms, policy=draft.text.strip(), policy_name=draft.name))
        )
        self._put(draft=_draft(self._notary.state))
        if self._notary.state.can_verify:
            self._notary.verify()

    def _policy_from_quote(self) -> None:
        one = self._desk.examined
        if one is None or not one.evidence.quote:
            return
        try:
            report = parse_quote(one.evidence.quote).report
        except MarbleError as error:
            self._failed(error)
            return
        if isinstance(report, EnclaveReport):
            identity = Policy(report.unique_id, report.signer_id, report.product_id, report.security_version)
            self._put(draft=self._desk.draft.with_identity_of(identity))

    def _accept(self, acceptances: tuple[Acceptance, ...]) -> None:
        terms = replace(self._desk.trust.terms, acceptances=acceptances)
        self._try(lambda: self._notary.set_terms(terms))
        one = self._desk.examined
        if one is not None and not one.is_live:
            self._judge(lambda examined: jobs.with_acceptances(examined, acceptances))
        elif self._notary.state.can_verify:
            self._notary.verify()

    def _kept_report(self, verification: int) -> Report | None:
        try:
            kept = self._notary.kept(verification)
            return read_report(kept.report) if kept is not None else None
        except (MarbleError, ReportUnreadable) as error:
            self._failed(error)
            return None

    def _read_history(self) -> None:
        try:
            self._desk = replace(self._desk, history=self._notary.history())
        except MarbleError as error:
            self._desk = replace(self._desk, history=(), problem=_notice(error))

    def _write(self, job: Callable[[], Path]) -> None:
        self._put(problem=None, done="")
        self._runner.write(job, lane="attestation files", then=self._written, failed=self._failed)

    def _written(self, path: Path) -> None:
        self._put(done=tr("Saved {name}", name=path.name))

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except MarbleError as error:
            self._failed(error)

    def _failed(self, error: MarbleError) -> None:
        self._put(problem=_notice(error), busy=False)

    def _put(self, **changes: object) -> None:
        self._desk = replace(self._desk, **changes)  # type: ignore[arg-type]  # names and types are those of Desk
        self._show()

    def _show(self) -> None:
        self.state = attestation_state(self._desk, self._clock())
        if self._view is not None:
            self._view.show_state(self.state)


def _connection(trust: TrustState) -> object:
    return trust.profile.id if trust.profile is not None else None


def _draft(trust: TrustState) -> PolicyDraft:
    text, name = trust.terms.policy, trust.terms.policy_name
    return PolicyDraft(text, name, text, name)


def _notice(error: MarbleError) -> Notice:
    return Notice(error.sentence, error.hint, "circle-x", Tone.FAILED)
