"""Decides what the form of a connection accepts, and tries one out. No Qt, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar, Unpack

from marble_client.address import Address
from marble_client.collateral import ServiceAddress
from marble_client.proxies import ProxyChoice
from marble_client.trust import Trust
from marble_console.attesting import Phase
from marble_console.attesting.contact import Contact, further, under_way
from marble_console.attesting.sharing import import_chain
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.profiles import Kind, NameTaken, Profile, ProfileId, ProfilesError
from marble_console.files import reason
from marble_console.pages.attestation.policydraft import PolicyDraft
from marble_console.pages.connections.checks import what_is_wrong
from marble_console.pages.connections.composing import (
    anchor_facts,
    authority_facts,
    policy_facts,
    policy_remark,
    root_facts,
)
from marble_console.pages.connections.presenter import Store
from marble_console.pages.connections.probe import Trial, try_out
from marble_console.pages.connections.state import Changes, Draft, FormState, TrustBy
from marble_console.tasks import Generation, Runner
from marble_console.wizard.flow import OPEN, Gate, shut
from marble_console.words import tr
from marble_core.errors import MarbleError

_LARGEST_FILE = 1 << 20  # bytes; a file beyond that is neither certificate nor policy
_TRIED = (
    "address",
    "root",
    "policy",
    "service",
    "collateral_proxy",
    "proxy",
    "timeout",
)  # what a test depends on
_OFFERED = 8  # names of a certificate that are offered; it may hold hundreds


class FormView(Protocol):
    def show_state(self, state: FormState) -> None: ...

    def finish(self) -> None: ...


class TermsStore(Protocol):
    """Where the form keeps how a connection is attested. Methods raise ProfilesError."""

    def terms(self, connection: ProfileId) -> Terms: ...

    def set_terms(self, connection: ProfileId, terms: Terms) -> None: ...


class FileUnreadable(MarbleError):
    """A file that was chosen in the form cannot be read."""

    code = "form_file_unreadable"


_T = TypeVar("_T")
Prober = Callable[[Trial, Callable[[Phase], None]], Contact]


class FormPresenter:
    """One connection, new or kept. `saved` gets it once it is in the store.

    `names` are those that its certificate is valid for, where its address is known to be none of them. `new` is what a new one
    begins with.
    """

    def __init__(
        self,
        store: Store,
        attested: TermsStore,
        runner: Runner,
        profile: Profile | None,
        *,
        saved: Callable[[Profile], None],
        now: Callable[[], dt.datetime],
        names: tuple[str, ...] = (),
        new: Draft | None = None,
        prober: Prober = try_out,
    ) -> None:
        self._store = store
        self._attested = attested
        self._runner = runner
        self._profile = profile
        self._saved = saved
        self._now = now
        self._prober = prober
        self._view: FormView | None = None
        self._generation = Generation()
        self._visited: set[str] = set()
        self._problems: dict[str, str] = {}
        self._contact = Contact(names=names)
        self._phase: Phase | None = None
        self._busy = ""
        self._terms = Terms()
        if profile is not None:
            self._read_terms(profile.id)
        self.draft = draft_of(profile, self._terms) if profile is not None else new or Draft()

    def attach(self, view: FormView) -> None:
        self._view = view
        self._show()

    @property
    def state(self) -> FormState:
        draft, wrong = self.draft, self._wrong()
        missing = next(iter(wrong.values()), "")
        return FormState(
            title=tr("Edit connection") if self._profile is not None else tr("Add connection"),
            draft=draft,
            wrong={name: text for name, text in wrong.items() if name in self._visited},
            root=root_facts(draft.root_der, self._now()),
            policy=policy_facts(draft.policy),
            policy_remark=policy_remark(draft),
            anchor=anchor_facts(draft.anchor_der),
            authority=authority_facts(draft.authority_der),
            offered=self._contact.names[:_OFFERED],
            groups=self._groups(),
            steps=self._contact.steps,
            busy=self._busy,
            gate=self._gate(missing),
            can_test=not self._busy and wrong.keys().isdisjoint(_TRIED),
        )

    # -- what the operator does -----------------------------------------------------------------------------------
    def change(self, **given: Unpack[Changes]) -> None:
        """Take over what was typed or chosen. An outcome of what it was before no longer counts."""
        self._visited |= given.keys()
        for field in given:
            self._problems.pop(field, None)
        if given.keys() - {"name", "group", "environment", "read_only", "recheck"}:
            self._drop_test()
        self.draft = replace(self.draft, **given)
        self._show()

    def load_root(self, path: Path) -> None:
        """Read the root certificate from a PEM or DER file."""
        self._load("root", partial(_read_certificate, path), lambda der: replace(self.draft, root_der=der))

    def load_chain(self, path: Path) -> None:
        """Take over the root that the command line trusts."""
        self._load("root", lambda: import_chain(path).root_der, lambda der: replace(self.draft, root_der=der))

    def forget_root(self) -> None:
        """Let the coordinator prove its root anew at the next connection."""
        self._drop_test()
        self.draft = replace(self.draft, root_der=b"")
        self._show()

    def load_anchor(self, path: Path) -> None:
        """Trust the simulation root in a file in place of Intel's."""
        self._load(
            "anchor", partial(_read_certificate, path), lambda der: replace(self.draft, anchor_der=der)
        )

    def trust_intel(self) -> None:
        self._drop_test()
        self.draft = replace(self.draft, anchor_der=b"")
        self._show()

    def load_authority(self, path: Path) -> None:
        """Trust a certificate for the collateral service alone."""
        self._load(
            "service", partial(_read_certificate, path), lambda der: replace(self.draft, authority_der=der)
        )

    def forget_authority(self) -> None:
        self._drop_test()
        self.draft = replace(self.draft, authority_der=b"")
        self._show()

    def load_policy(self, path: Path) -> None:
        """Read a `coordinator-era.json`."""

        def with_policy(text: str) -> Draft:
            return replace(self.draft, policy=replace(self.draft.policy, text=text, name=path.name))

        self._load("policy", partial(_read_text, path), with_policy)

    def remove_policy(self) -> None:
        self.change(policy=replace(self.draft.policy, text="", name=""))

    def use_name(self, name: str) -> None:
        """Expect this name in the certificate."""
        self.change(server_name=name)

    def test(self) -> None:
        """Try the connection out as it is in the form."""
        if not self.state.can_test:
            return
        trial = self._trial()
        self._busy = tr("Trying {address}…", address=trial.address)
        self._phase = None
        self._contact = under_way(None, str(trial.address)) if trial.is_attested else Contact()
        current = self._generation.next()
        reached = self._runner.relay(current(partial(self._reached, trial)))
        self._runner.read(
            partial(self._prober, trial, reached),
            then=current(self._tested),
            failed=current(self._test_failed),
        )
        self._show()

    def save(self) -> None:
        """Keep the connection, and finish; stays where the store refuses it."""
        wrong = self._wrong()
        self._visited |= {"name", *wrong}
        if wrong:
            self._show()
            return
        try:
            profile = self._keep()
        except NameTaken as error:
            self._problems["name"] = error.sentence
            self._show()
            return
        except ProfilesError as error:
            self._problems["store"] = f"{error.sentence} {error.hint}"
            self._visited.add("store")
            self._show()
            return
        self._saved(profile)
        if self._view is not None:
            self._view.finish()

    # -- inside ---------------------------------------------------------------------------------------------------
    def _read_terms(self, connection: ProfileId) -> None:
        try:
            self._terms = self._attested.terms(connection)
        except MarbleError as error:  # the store, or a part of the terms that cannot be read
            self._problems["store"] = f"{error.sentence} {error.hint}"
            self._visited.add("store")

    def _keep(self) -> Profile:
        profile = self._made()
        if self._profile is None:
            profile = self._store.add(profile)
        else:
            self._store.save(profile)
        if profile.kind is Kind.REMOTE and "store" not in self._problems:
            self._attested.set_terms(profile.id, self._made_terms())
        return profile

    def _made(self) -> Profile:
        draft = self.draft
        base = self._profile or Profile("", Kind.REMOTE, Address("localhost"), self._now())
        common = replace(
            base,
            name=draft.name.strip(),
            group=draft.group.strip(),
            environment=draft.environment,
            read_only=draft.read_only,
        )
        if draft.kind is Kind.LOCAL:  # the console itself decides where it listens and what it trusts
            return common
        return replace(
            common,
            address=Address.parse(draft.address),
            server_name=draft.server_name.strip(),
            root_der=draft.root_der,
            proxy=str(ProxyChoice.parse(draft.proxy or "none")),
            timeout=int(draft.timeout) if draft.timeout.strip() else None,
        )

    def _made_terms(self) -> Terms:
        draft = self.draft
        return replace(
            self._terms,
            policy=draft.policy.text.strip(),
            policy_name=draft.policy.name if draft.policy.text.strip() else "",
            anchor_der=draft.anchor_der or None,
            service=ServiceAddress.parse(draft.service) if draft.service.strip() else None,
            service_authority_der=draft.authority_der,
            proxy=ProxyChoice.parse(draft.collateral_proxy),
            recheck=dt.timedelta(seconds=draft.recheck) if draft.recheck else None,
        )

    def _trial(self) -> Trial:
        return Trial(replace(self._made(), name=""), self._made_terms())

    def _wrong(self) -> dict[str, str]:
        return dict(self._problems) | {
            field: self._problems.get(field) or text for field, text in what_is_wrong(self.draft).items()
        }

    def _gate(self, missing: str) -> Gate:
        if self._busy:
            return shut(self._busy)
        return shut(missing) if missing else OPEN

    def _groups(self) -> tuple[str, ...]:
        """The groups that there are already, to choose from."""
        try:
            return tuple(sorted({each.group for each in self._store.all() if each.group}, key=str.casefold))
        except ProfilesError:
            return ()

    def _load(self, field: str, job: Callable[[], _T], taken: Callable[[_T], Draft]) -> None:
        def then(content: _T) -> None:
            self._problems.pop(field, None)
            self._drop_test()
            self.draft = taken(content)
            self._show()

        def failed(error: MarbleError) -> None:
            self._problems[field] = f"{error.sentence} {error.hint}".strip()
            self._show()

        self._visited.add(field)
        self._runner.read(job, then=then, failed=failed)

    def _reached(self, trial: Trial, phase: Phase) -> None:
        self._phase = further(self._phase, phase)
        self._contact = under_way(self._phase, str(trial.address))
        self._show()

    def _tested(self, contact: Contact) -> None:
        self._busy = ""
        self._contact = contact
        self._show()

    def _test_failed(self, error: MarbleError) -> None:
        self._busy = ""
        self._contact = Contact()
        self._problems["test"] = error.sentence
        self._visited.add("test")
        self._show()

    def _drop_test(self) -> None:
        self._generation.next()
        self._busy = ""
        self._problems.pop("test", None)
        self._contact = Contact()

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self.state)


def draft_of(profile: Profile, terms: Terms) -> Draft:
    """A kept connection as the form begins with it."""
    by_quote = bool(terms.policy) or not profile.root_der
    return Draft(
        profile.kind,
        profile.name,
        str(profile.address),
        profile.server_name,
        profile.group,
        profile.environment,
        profile.read_only,
        TrustBy.QUOTE if by_quote else TrustBy.FILE,
        profile.root_der,
        PolicyDraft(terms.policy, terms.policy_name, terms.policy, terms.policy_name),
        int(terms.recheck.total_seconds()) if terms.recheck else 0,
        terms.anchor_der or b"",
        str(terms.service) if terms.service else "",
        terms.service_authority_der,
        "" if terms.proxy.system else str(terms.proxy),
        "" if profile.proxy == "none" else profile.proxy,
        str(profile.timeout) if profile.timeout else "",
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_FILE)
    except OSError as error:
        raise FileUnreadable(
            tr("{name} cannot be read: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another file, or change its permissions."),
        ) from error


def _read_certificate(path: Path) -> bytes:
    return Trust.from_file(_read(path)).root_der


def _read_text(path: Path) -> str:
    try:
        return _read(path).decode()
    except UnicodeDecodeError:
        raise FileUnreadable(
            tr("{name} is no text.", name=path.name), hint=tr("Choose another file.")
        ) from None
