"""From what is known of secrets to what the page shows. Pure functions; no Qt, no clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from marble_client.answers import CoordinatorState
from marble_client.errors import Refused
from marble_console.coordinators.watch import Observation, Phase
from marble_console.pages.secrets.listing import Filter, Listing, SecretItem, Status, who_may
from marble_console.pages.secrets.reading import Value
from marble_console.pages.secrets.showing import MOST_SHOWN, Form, certificate_facts, is_cut, shown
from marble_console.pages.secrets.state import DetailState, SecretsState
from marble_console.parts import Action, ChipState, Fact, Notice, Tone
from marble_console.session import SessionState
from marble_console.times import clock, moment
from marble_console.wallet import WalletState
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import Action as Right
from marble_core.manifest.model import SecretName

_SHOWN_USES = 6
_NAMED_USERS = 3


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of the secret in front. `value` while it is revealed; `known` what is public of it, without the value."""

    value: Value | None = field(default=None, repr=False)
    known: Value | None = None
    fingerprint: str = ""
    forms: tuple[Form, ...] = ()
    form: Form | None = None
    is_revealed: bool = False
    is_empty: bool = False
    busy: bool = False
    remark: str = ""
    problem: MarbleError | None = None
    seconds: int = 0
    of_seconds: int = 1


def compose(
    session: SessionState,
    wallet: WalletState,
    listing: Listing | None,
    held: Held,
    item: SecretItem | None,
    filtered: tuple[Filter, str],
    now: dt.datetime,
) -> SecretsState:
    """The whole page."""
    notice = _notice(session, listing)
    if notice is not None:
        return SecretsState(notice=notice)
    seen = session.watch.observation
    if listing is None:
        return SecretsState(loading=True, subtitle=tr("Loading…") if seen is None else "")
    which, text = filtered
    hint, way = _hint(wallet)
    stale = "" if session.watch.phase is Phase.FRESH or seen is None else clock(seen.at)
    return SecretsState(
        stale_since=stale,
        subtitle=_subtitle(listing),
        rows=listing.shown(which, text),
        counts=listing.counts,
        filter=which,
        text=text,
        current=item.name if item is not None else "",
        hint=hint,
        hint_action=way,
        actions=_actions(session, wallet, listing, item),
        detail=_detail(session, wallet, listing, held, item, now) if item is not None else None,
    )


def _notice(session: SessionState, listing: Listing | None) -> Notice | None:
    if session.profile is None:
        return Notice(
            tr("No connection"),
            tr("Secrets belong to the manifest of a coordinator."),
            "plug",
            actions=(Action("connect", tr("Connect…"), "primary", "plug"),),
        )
    seen, failure = session.watch.observation, session.watch.failure
    if seen is None:
        if failure is None:
            return None
        return Notice(
            failure.sentence,
            failure.hint,
            "wifi-off",
            Tone.FAILED,
            (Action("retry", tr("Try again"), "primary"),),
        )
    if seen.status.state is not CoordinatorState.RUNNING:
        why = (
            tr("The coordinator is in recovery state: its secrets are locked until the holders bring theirs.")
            if seen.status.state is CoordinatorState.RECOVERY
            else tr("The coordinator waits for its first manifest, which declares the secrets.")
        )
        return Notice(tr("No secrets yet"), why, "key-round")
    return _no_list(seen, listing)


def _no_list(seen: Observation, listing: Listing | None) -> Notice | None:
    if seen.manifest is None:
        problem = next(iter(seen.problems), None)
        return Notice(
            tr("The manifest in force cannot be used"),
            f"{problem.sentence} {problem.hint}" if problem is not None else "",
            "circle-x",
            Tone.FAILED,
        )
    if listing is not None and not listing.items:
        return Notice(
            tr("The manifest declares no secrets"),
            tr("Secrets are declared in the manifest. A new one takes effect when the manifest is replaced."),
            "key-round",
            actions=(Action("manifest", tr("Show the manifest"), icon="file-code-2"),),
        )
    return None


def _subtitle(listing: Listing) -> str:
    parts = [ntr("{count} secret", "{count} secrets", len(listing.items))]
    if missing := listing.counts.get(Filter.NOT_SET, 0):
        parts.append(ntr("{count} not set yet", "{count} not set yet", missing))
    parts.append(tr("values only on request"))
    return " · ".join(parts)


def _hint(wallet: WalletState) -> tuple[str, Action | None]:
    """What stands against reading and setting, whatever the secret, and the way on."""
    acting = wallet.acting
    identities = Action("identities", tr("Identities…"), icon="user")
    if acting is None and not wallet.known.users:
        return (
            tr("The manifest has no users, so nobody can read or set secrets over the network."),
            Action("access", tr("Show access"), icon="users"),
        )
    if acting is None:
        return tr("Nobody acts. Choose an identity to read and set secrets."), identities
    if acting.is_locked:
        return tr("{name} is locked.", name=acting.name), Action("unlock", tr("Unlock…"), icon="key-round")
    if acting.user is None:
        return tr("No user of the manifest has the certificate of {name}.", name=acting.subject), identities
    return "", None


def _actions(
    session: SessionState, wallet: WalletState, listing: Listing, item: SecretItem | None
) -> tuple[Action, ...]:
    general = _unreachable(session) or _hint(wallet)[0]
    writes = any(each.may_write for each in listing.items)
    reads = any(each.may_read for each in listing.items)
    no_write = general or ("" if writes else tr("You may set none of the secrets."))
    no_read = general or ("" if reads else tr("You may read none of the secrets."))
    no_set = tr("Choose a secret first.") if item is None else why_not_set(session, wallet, item)
    return (
        Action("export", tr("Export…"), icon="download", enabled=not no_read, reason=no_read),
        Action("batch", tr("Load batch…"), icon="file-up", enabled=not no_write, reason=no_write),
        Action("set", tr("Set…"), "primary", "pencil", enabled=not no_set, reason=no_set),
    )


def _unreachable(session: SessionState) -> str:
    if session.watch.phase is Phase.FRESH:
        return ""
    name = session.profile.name if session.profile is not None else ""
    return tr("{name} cannot be reached.", name=name)


def why_not_read(session: SessionState, wallet: WalletState, item: SecretItem) -> str:
    """Why a secret cannot be read now; empty if it can."""
    if item.status is Status.PER_MARBLE:
        return tr("Each marble gets its own at its activation. Nobody can read it.")
    if away := _unreachable(session):
        return away
    if nobody := _hint(wallet)[0]:
        return nobody
    return "" if item.may_read else _no_right(wallet, Right.READ_SECRET, item.name)


def why_not_set(session: SessionState, wallet: WalletState, item: SecretItem) -> str:
    """Why a secret cannot be set now; empty if it can."""
    if not item.definition.user_defined:
        return tr("The coordinator generates it. Only user-defined secrets are set.")
    if away := _unreachable(session):
        return away
    if nobody := _hint(wallet)[0]:
        return nobody
    return "" if item.may_write else _no_right(wallet, Right.WRITE_SECRET, item.name)


def _no_right(wallet: WalletState, right: Right, name: SecretName) -> str:
    user = wallet.acting.user if wallet.acting is not None else None
    who = who_may(right, name, wallet.known)
    lacks = tr("{user} has no right {right} on it.", user=user, right=right.value)
    if not who:
        return f"{lacks} {tr('Nobody has.')}"
    names = ", ".join(who[:_NAMED_USERS]) + ("…" if len(who) > _NAMED_USERS else "")
    return f"{lacks} {tr('{names} could.', names=names)}"


def _detail(
    session: SessionState,
    wallet: WalletState,
    listing: Listing,
    held: Held,
    item: SecretItem,
    now: dt.datetime,
) -> DetailState:
    why_not = why_not_read(session, wallet, item)
    no_set = why_not_set(session, wallet, item)
    places = listing.uses.get(item.name, ())
    replaces = item.status is Status.SET
    facts, title = _facts(session, held, item, now)
    text = shown(held.value, held.form) if held.is_revealed and held.value and held.form else ""
    return DetailState(
        name=item.name,
        subtitle=_kind_line(item),
        icon=item.icon,
        value_title=tr("Private key") if item.kind.is_certificate else tr("Value"),
        text=text,
        is_revealed=held.is_revealed,
        seconds=held.seconds,
        of_seconds=held.of_seconds,
        remark=_remark(held, item),
        why_not=why_not,
        can_read=not why_not and item.status is not Status.NOT_SET,
        busy=held.busy,
        forms=held.forms,
        form=held.form,
        facts=facts,
        facts_title=title,
        can_save=held.known is not None and held.known.certificate is not None,
        uses=tuple(
            ChipState(f"{use.marble} · {_section(use.section)} {use.entry}", icon="box")
            for use in places[:_SHOWN_USES]
        ),
        more_uses=_more(len(places)),
        set_line=_set_line(item, now),
        set_action=Action(
            "set",
            tr("Replace…") if replaces else tr("Set…"),
            icon="pencil",
            enabled=not no_set,
            reason=no_set,
        ),
        can_rotate=replaces and not no_set and not item.kind.is_certificate,
        why_not_set=no_set if item.definition.user_defined and no_set != why_not else "",
        problem=_problem(held.problem),
    )


def _kind_line(item: SecretItem) -> str:
    how = {
        Status.SET: tr("user-defined"),
        Status.NOT_SET: tr("user-defined"),
        Status.GENERATED: tr("generated, shared"),
        Status.PER_MARBLE: tr("generated, per marble"),
    }[item.status]
    return f"{item.kind.value} · {item.size_words} · {how}"


def _section(section: str) -> str:
    return {"Files": tr("file"), "Env": tr("env"), "TLS": tr("port")}.get(section, section)


def _more(count: int) -> str:
    if count == 0:
        return tr("No template uses it.")
    rest = count - _SHOWN_USES
    return ntr("and {count} more place", "and {count} more places", rest) if rest > 0 else ""


def _set_line(item: SecretItem, now: dt.datetime) -> str:
    if item.status is Status.NOT_SET:
        return tr("Never set")
    if item.set_at is None:
        return tr("Set with the manifest") if item.status is Status.SET else ""
    when = moment(item.set_at, now)
    if item.set_by:
        return tr("Set {when} by {user}", when=when, user=item.set_by)
    return tr("Generated {when}", when=when)


def _remark(held: Held, item: SecretItem) -> str:
    if held.busy:
        return tr("Reading…")
    if held.is_empty:
        return tr("The coordinator has no value for it.")
    if item.status is Status.NOT_SET:
        return tr("There is no value yet.")
    if held.is_revealed and held.value is not None:
        return (
            tr("The first {count} bytes; all of it is copied.", count=MOST_SHOWN)
            if is_cut(held.value)
            else ""
        )
    return held.remark or tr("Reveal shows it for {seconds} s", seconds=held.of_seconds)


def _facts(
    session: SessionState, held: Held, item: SecretItem, now: dt.datetime
) -> tuple[tuple[Fact, ...], str]:
    known = held.known
    if known is None or held.is_empty:
        return (), ""
    if item.kind.is_certificate:
        seen = session.watch.observation
        chain = seen.quote.chain if seen is not None and seen.quote is not None else None
        return certificate_facts(known, now, chain.intermediate if chain else None), tr("Certificate")
    if not held.fingerprint:
        why = tr("not shown: a value this short could be guessed from it")
        return (Fact(tr("SHA-256"), why),), tr("Fingerprint")
    return (Fact(tr("SHA-256"), held.fingerprint, fingerprint=True),), tr("Fingerprint")


def _problem(error: MarbleError | None) -> Notice | None:
    if error is None:
        return None
    raw = error.server_text if isinstance(error, Refused) else ""
    return Notice(
        error.sentence,
        error.hint,
        "circle-x",
        Tone.FAILED,
        raw=raw,
        raw_title=tr("The coordinator's own words"),
        raw_open=bool(raw),
    )
