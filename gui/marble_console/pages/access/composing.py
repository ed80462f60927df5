"""From a manifest to what the page of access says of it. Pure functions, for workers; no Qt, no clock."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography import x509

from marble_console.pages.access.state import Answer, MatrixState, QuestionState, UserHead
from marble_console.parts import Cell, ChipState, Fact, FindingState, Row, Tone
from marble_console.times import expiry
from marble_console.words import ntr, tr
from marble_core.keypair import key_words
from marble_core.manifest.access import Access, LockOut, Risk, lock_outs, through
from marble_core.manifest.model import Action, Manifest, ResourceType, UserName
from marble_core.manifest.users import users_by_fingerprint
from marble_core.pem import first_block
from marble_core.recovery import effective_threshold

_NAMED = 4


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What is known of a user's certificate; None where it cannot be read. `fingerprint` in hex."""

    name: UserName
    certificate: x509.Certificate | None
    fingerprint: str
    is_duplicate: bool = False


@dataclass(frozen=True)
class Laid:
    """All that is worked out of a manifest, for as long as it is in force."""

    manifest: Manifest = field(default_factory=Manifest)
    access: Access = field(default_factory=Access)
    users: tuple[UserFacts, ...] = ()
    lock_outs: tuple[LockOut, ...] = ()


def lay_out(manifest: Manifest) -> Laid:
    """Work out the rights and read the certificates of a manifest."""
    access = Access.of(manifest)
    owners = users_by_fingerprint(manifest)
    fingerprints = {name: fingerprint for fingerprint, name in owners.items()}
    ders = {name: first_block(user.certificate) for name, user in manifest.users.items()}
    counted = Counter(block.der for block in ders.values() if block is not None)
    users = []
    for name in sorted(manifest.users):
        block = ders[name]
        try:
            certificate = x509.load_der_x509_certificate(block.der) if block is not None else None
        except (ValueError, x509.InvalidVersion):
            certificate = None
        duplicate = block is not None and counted[block.der] > 1
        users.append(UserFacts(name, certificate, fingerprints.get(name, ""), duplicate))
    return Laid(manifest, access, tuple(users), lock_outs(manifest, access))


def user_rows(laid: Laid, me: UserName | None, now: dt.datetime) -> tuple[Row, ...]:
    return tuple(_user_row(each, laid, me, now) for each in laid.users)


def _user_row(user: UserFacts, laid: Laid, me: UserName | None, now: dt.datetime) -> Row:
    ends, soon = (
        expiry(user.certificate.not_valid_after_utc, now) if user.certificate else (tr("unreadable"), True)
    )
    roles = laid.manifest.users[user.name].roles
    chip = None
    if user.name == me:
        chip = ChipState(tr("you"), Tone.INFO, "user-round-check")
    elif user.is_duplicate:
        chip = ChipState(tr("duplicate"), Tone.FAILED, "octagon-alert")
    return Row(
        user.name,
        (
            Cell(
                user.name, _subject(user), icon="user-round-check" if user.name == me else "user", strong=True
            ),
            Cell(key_words(user.certificate.public_key()) if user.certificate else "–", colour="text2"),
            Cell(ends, tone=Tone.CAUTION if soon else None, colour="text2"),
            Cell(", ".join(roles) or tr("none"), colour="text2" if roles else "text3"),
            Cell(chip=chip) if chip is not None else Cell(""),
        ),
    )


def user_facts(laid: Laid, name: str, now: dt.datetime) -> tuple[Fact, ...]:
    """The certificate of one user."""
    user = next((each for each in laid.users if each.name == name), None)
    if user is None or user.certificate is None:
        return ()
    certificate = user.certificate
    ends, soon = expiry(certificate.not_valid_after_utc, now)
    return (
        Fact(tr("SHA-256"), user.fingerprint, fingerprint=True),
        Fact(tr("Subject"), certificate.subject.rfc4514_string() or tr("empty")),
        Fact(tr("Issuer"), certificate.issuer.rfc4514_string() or tr("empty")),
        Fact(tr("Key"), key_words(certificate.public_key())),
        Fact(tr("Ends"), ends, Tone.CAUTION if soon else None),
    )


def role_rows(manifest: Manifest) -> tuple[Row, ...]:
    holders: dict[str, list[UserName]] = {}
    for user, entry in manifest.users.items():
        for role in entry.roles:
            holders.setdefault(role, []).append(user)
    return tuple(
        Row(
            name,
            (
                Cell(name, icon="list-checks", strong=True),
                Cell(role.resource_type, colour="text2"),
                Cell(", ".join(role.resource_names) or _all_of(role.resource_type), colour="text2"),
                Cell(", ".join(role.actions), colour="text2"),
                Cell(
                    ", ".join(holders.get(name, ())) or tr("nobody"),
                    colour="text2" if holders.get(name) else "text3",
                ),
            ),
        )
        for name, role in sorted(manifest.roles.items())
    )


def _all_of(resource_type: str) -> str:
    return tr("complete") if resource_type == ResourceType.MANIFEST else tr("none")


def matrix(laid: Laid, me: UserName | None, now: dt.datetime) -> MatrixState:
    return MatrixState(tuple(_head(each, me, now) for each in laid.users), laid.access)


def _head(user: UserFacts, me: UserName | None, now: dt.datetime) -> UserHead:
    ends, soon = expiry(user.certificate.not_valid_after_utc, now) if user.certificate else ("", False)
    parts = [tr("you")] if user.name == me else []
    parts.append(ends if soon else _subject(user))
    return UserHead(user.name, " · ".join(parts), Tone.CAUTION if soon else None, is_me=user.name == me)


def _subject(user: UserFacts) -> str:
    if user.certificate is None:
        return tr("certificate unreadable")
    return user.certificate.subject.rfc4514_string() or tr("no subject")


# -- questions ----------------------------------------------------------------------------------------------------

_ASKED = {
    "read": Action.READ_SECRET,
    "write": Action.WRITE_SECRET,
    "raise": Action.UPDATE_SECURITY_VERSION,
    "replace": Action.UPDATE_MANIFEST,
}


def question_words() -> Mapping[str, str]:
    """The questions by key."""
    return {
        "read": tr("Who can read secret"),
        "write": tr("Who can write secret"),
        "raise": tr("Who can raise package"),
        "replace": tr("Who can replace the manifest"),
        "recover": tr("Who can recover the coordinator"),
        "user": tr("What can user do:"),
    }


def choices(laid: Laid, kind: str) -> tuple[str, ...]:
    """The names that a question can be about."""
    kinds = {"read": ResourceType.SECRETS, "write": ResourceType.SECRETS, "raise": ResourceType.PACKAGES}
    if kind in kinds:
        found = (each.name for each in laid.access.resources if each.kind is kinds[kind])
        secrets = laid.manifest.secrets
        return tuple(
            name
            for name in found
            if kind != "write" or (name in secrets and secrets[name].user_defined)  # type: ignore[index] # the names of resources
        )
    return tuple(laid.access.users) if kind == "user" else ()


def answer(laid: Laid, kind: str, name: str) -> QuestionState:
    """Answer a question about a name, by the rights that the coordinator goes by."""
    names = choices(laid, kind)
    name = name if name in names else next(iter(names), "")
    if kind == "recover":
        return QuestionState(
            kind, "", (), _recoverers(laid), tr("Nobody can: the manifest has no recovery key.")
        )
    if kind == "user":
        return QuestionState(
            kind, name, names, _of_user(laid, UserName(name)), tr("Nothing: no role gives a right.")
        )
    action = _ASKED[kind]
    if not name and kind != "replace":
        return QuestionState(kind, "", names, (), tr("There is nothing to ask about."))
    who = laid.access.who(action, name) if name else laid.access.who(action)
    answers = tuple(Answer(user, _how(laid, user, action, name)) for user in who)
    return QuestionState(kind, name, names, answers, tr("Nobody can."))


def _how(laid: Laid, user: UserName, action: Action, name: str) -> str:
    grants = through(laid.manifest, user, action, name) if name else through(laid.manifest, user, action)
    parts = [
        tr(
            "through role {role} · {names} · {actions}",
            role=grant.role,
            names=_listed(grant.names) or tr("complete"),
            actions=", ".join(grant.actions),
        )
        for grant in grants
    ]
    return "; ".join(parts)


def _of_user(laid: Laid, user: UserName) -> tuple[Answer, ...]:
    words = {
        Action.READ_SECRET: tr("read secret"),
        Action.WRITE_SECRET: tr("write secret"),
        Action.UPDATE_SECURITY_VERSION: tr("raise package"),
        Action.UPDATE_MANIFEST: tr("replace the manifest"),
    }
    by_action: dict[Action, list[str]] = {}
    for resource, actions in laid.access.of_user(user):
        for action in actions:
            by_action.setdefault(action, []).append(resource.name)
    return tuple(
        Answer(
            words[action], "" if action is Action.UPDATE_MANIFEST else ", ".join(by_action[action]), "check"
        )
        for action in words
        if action in by_action
    )


def _recoverers(laid: Laid) -> tuple[Answer, ...]:
    keys = laid.manifest.recovery_keys
    if not keys:
        return ()
    needed = effective_threshold(len(keys), laid.manifest.config.recovery_threshold)
    how = (
        tr("{needed} of {count} holders together", needed=needed, count=len(keys))
        if len(keys) > 1
        else tr("alone")
    )
    return tuple(Answer(name, how, "life-buoy") for name in keys)


# -- findings -----------------------------------------------------------------------------------------------------


def findings(laid: Laid, now: dt.datetime) -> tuple[FindingState, ...]:
    """Who could lock themselves out, and certificates that need a look; the worst first."""
    found = [_lock_out(each, at) for at, each in enumerate(laid.lock_outs)]
    duplicates = [each.name for each in laid.users if each.is_duplicate]
    if duplicates:
        found.insert(
            0,
            FindingState(
                "duplicates",
                Tone.FAILED,
                "octagon-alert",
                tr("{names} have the same certificate", names=_listed(duplicates)),
                tr("A coordinator cannot tell them apart and refuses such a manifest."),
            ),
        )
    ended = [
        each.name
        for each in laid.users
        if each.certificate is not None and each.certificate.not_valid_after_utc < now
    ]
    if ended:
        fact = ntr(
            "The certificate of {names} has ended",
            "The certificates of {names} have ended",
            len(ended),
            names=_listed(ended),
        )
        found.append(
            FindingState(
                "ended",
                Tone.CAUTION,
                "clock",
                fact,
                tr("Coordinators go on accepting them; your organisation may not."),
            )
        )
    return tuple(found)


def _lock_out(found: LockOut, at: int) -> FindingState:
    names, user = _listed(found.names), found.user or ""
    match found.risk:
        case Risk.NOBODY_WRITES:
            fact = tr("Nobody can set {names}", names=names)
            effect = tr("Marbles that use it cannot start until a new manifest gives somebody the right.")
        case Risk.ONE_WRITES:
            fact = tr("Only {user} can set {names}", user=user, names=names)
            effect = tr(
                "If the certificate of {user} is lost, nobody can set it again without a new manifest.",
                user=user,
            )
        case Risk.ONE_RAISES:
            fact = tr("Only {user} can raise {names}", user=user, names=names)
            effect = tr(
                "If the certificate of {user} is lost, no update of it is possible any more.", user=user
            )
        case Risk.NOBODY_RAISES:
            fact = tr("Nobody can raise {names}", names=names)
            effect = tr("A fixed version needs a new manifest.")
        case Risk.TOO_FEW_REPLACE:
            fact = tr(
                "{count} users can replace the manifest, and {needed} are needed",
                count=len(found.names),
                needed=found.needed,
            )
            effect = tr("No update of the whole manifest can ever be acknowledged.")
    worst = found.risk in {Risk.NOBODY_WRITES, Risk.TOO_FEW_REPLACE}
    tone = Tone.CAUTION if worst or found.risk is Risk.ONE_WRITES else Tone.INFO
    icon = "triangle-alert" if tone is Tone.CAUTION else "info"
    way = tr("Edit in draft…") if tone is Tone.CAUTION else ""
    return FindingState(f"lock-out-{at}", tone, icon, fact, effect, way)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    rest = len(names) - _NAMED
    return (
        ntr("{shown} and {count} more", "{shown} and {count} more", rest, shown=shown) if rest > 0 else shown
    )
