"""The form of a package update: what is typed for each package, and what a coordinator would make of it. No Qt."""

from __future__ import annotations

from marble_console.pages.deploy.state import Draft, Package, VersionLine
from marble_console.parts import Tone
from marble_console.wizard.flow import OPEN, Gate, shut
from marble_console.words import tr
from marble_core.manifest.model import Action, PackageName
from marble_core.manifest.permissions import Permissions

_LARGEST = 0xFFFF_FFFF  # what the coordinators of other languages keep a version in


def lines(draft: Draft) -> tuple[VersionLine, ...]:
    """Every package with its remark."""
    return tuple(_line(draft, package) for package in draft.packages)


def chosen(draft: Draft) -> dict[PackageName, int]:
    """The versions that were typed and can be read, in the order of the manifest."""
    typed = ((package.name, draft.versions.get(package.name, "").strip()) for package in draft.packages)
    return {name: int(text) for name, text in typed if text.isascii() and text.isdecimal()}


def gate(draft: Draft) -> Gate:
    """Open once something is raised and nothing typed stands against it."""
    faulty = next((line for line in lines(draft) if line.tone is Tone.FAILED), None)
    if faulty is not None:
        return shut(tr("{package}: {remark}", package=faulty.key, remark=faulty.remark))
    return OPEN if chosen(draft) else shut(tr("Type the new version of at least one package."))


def may_raise(draft: Draft, package: PackageName) -> bool:
    """Whether the user who acts may raise the package."""
    user = draft.acting.user if draft.acting is not None else None
    granted: Permissions = draft.permissions.get(user, {}) if user is not None else {}
    return package in granted.get(Action.UPDATE_SECURITY_VERSION, frozenset())


def _line(draft: Draft, package: Package) -> VersionLine:
    typed = draft.versions.get(package.name, "")
    at = tr("no version") if package.version is None else tr("at {version}", version=package.version)
    facts = " · ".join([at, ", ".join(package.marbles) or tr("no marble runs it")])
    if package.fixed:
        remark = tr("Known by its UniqueID: there is no version to raise.")
        return VersionLine(
            package.name, facts, typed, remark, Tone.FAILED if typed else None, enabled=bool(typed)
        )
    if not may_raise(draft, package.name):
        remark = tr(
            "{user} may not raise it.", user=draft.acting.name if draft.acting is not None else tr("Nobody")
        )
        return VersionLine(
            package.name, facts, typed, remark, Tone.FAILED if typed else None, enabled=bool(typed)
        )
    remark, tone = _remark(package, typed.strip())
    return VersionLine(package.name, facts, typed, remark, tone)


def _remark(package: Package, typed: str) -> tuple[str, Tone | None]:
    if not typed:
        return "", None
    if not (typed.isascii() and typed.isdecimal()) or int(typed) > _LARGEST:
        return tr("A version is a whole number up to 4,294,967,295."), Tone.FAILED
    current = package.version
    if current is not None and int(typed) < current:
        return (
            tr("Lowering is refused: it is at {current}, you say {typed}.", current=current, typed=typed),
            Tone.FAILED,
        )
    if current is not None and int(typed) == current:
        return (
            tr(
                "It is at {current} already. Raising it to the same would only issue certificates anew.",
                current=current,
            ),
            Tone.FAILED,
        )
    return tr("Enclaves below {typed} are refused from then on.", typed=typed), None
