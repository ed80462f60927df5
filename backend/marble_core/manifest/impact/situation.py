"""What the rules look at: the difference, both manifests, and the coordinator at the other end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from marble_core.gojson import Path
from marble_core.manifest.diff import Change, ChangeKind, ManifestDiff
from marble_core.manifest.impact.model import PermissionDelta, Target, UpdateKind
from marble_core.manifest.model import Action, Manifest, MarbleType, PackageName, UserName
from marble_core.manifest.permissions import Permissions, permissions
from marble_core.pem import first_block

_DEPTH_OF_ENTRY = 2  # section, name
_NO_PERMISSIONS: Permissions = {}


class Situation:
    """An update under judgement, with what several rules want to know about it.

    `old` is the manifest in force, an empty one where there is none or none lives on.
    """

    def __init__(self, difference: ManifestDiff, old: Manifest | None, new: Manifest, target: Target) -> None:
        self.difference = difference
        self.target = target
        self.kind = _kind(difference, old, target)
        self.old = Manifest() if old is None or self.kind is UpdateKind.FIRST else old
        self.new = new

    @property
    def is_update(self) -> bool:
        """Whether a manifest in force is updated, so that the root and some secrets live on."""
        return self.kind in {UpdateKind.PACKAGES, UpdateKind.COMPLETE}

    def under(self, *paths: Path) -> tuple[Change, ...]:
        """The changes at these places or inside, on either side, each once, in the order of the difference."""
        found = {at for path in paths for at in self._by_prefix.get(path, ())}
        return tuple(self._leaves[at] for at in sorted(found))

    def touched(self, section: str) -> tuple[str, ...]:
        """The names of entries of a section in which something changes, in the order of the difference."""
        return tuple(self._touched.get(section, ()))

    @cached_property
    def runners(self) -> Mapping[PackageName, tuple[MarbleType, ...]]:
        """The marbles that may start from each package of the new manifest, in name order."""
        return runners(self.new)

    @cached_property
    def old_permissions(self) -> Mapping[UserName, Permissions]:
        return permissions(self.old)

    @cached_property
    def new_permissions(self) -> Mapping[UserName, Permissions]:
        return permissions(self.new)

    def renamed(self, section: str) -> Mapping[str, str]:
        """New names of entries that are the same as before, each with the old name."""
        return {
            str(change.new_path[1]): str(change.old_path[1])
            for change in self.under((section,))
            if change.kind is ChangeKind.MOVED
            and change.old_path
            and change.new_path
            and len(change.new_path) == _DEPTH_OF_ENTRY
        }

    @cached_property
    def renamed_users(self) -> Mapping[UserName, UserName]:
        return {UserName(new): UserName(old) for new, old in self.renamed("Users").items()}

    @cached_property
    def permission_deltas(self) -> tuple[PermissionDelta, ...]:
        """Of all users with a difference, in name order. A renamed user is compared under both names."""
        formerly = self.renamed_users
        gone = set(self.old.users) - set(self.new.users) - set(formerly.values())
        deltas = []
        for user in sorted({*self.new.users, *gone}):
            before = self.old_permissions.get(formerly.get(user, user), _NO_PERMISSIONS)
            after = self.new_permissions.get(user, _NO_PERMISSIONS)
            gained, lost = _surplus(after, before), _surplus(before, after)
            if gained or lost:
                deltas.append(PermissionDelta(user, gained, lost))
        return tuple(deltas)

    @cached_property
    def recertified(self) -> tuple[UserName, ...]:
        """Users who keep their name and get another certificate; other white space is none."""
        return tuple(
            name
            for name, user in sorted(self.new.users.items())
            if name in self.old.users
            and _certificate(user.certificate) != _certificate(self.old.users[name].certificate)
        )

    @cached_property
    def _leaves(self) -> tuple[Change, ...]:
        return tuple(self.difference.leaves())

    @cached_property
    def _by_prefix(self) -> Mapping[Path, Iterable[int]]:
        found: dict[Path, set[int]] = defaultdict(set)
        for at, change in enumerate(self._leaves):
            for path in (change.old_path, change.new_path):
                for length in range(1, len(path or ()) + 1):
                    found[(path or ())[:length]].add(at)
        return found

    @cached_property
    def _touched(self) -> Mapping[str, Iterable[str]]:
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for change in self._leaves:
            for path in (change.old_path, change.new_path):
                if path and len(path) >= _DEPTH_OF_ENTRY:
                    found[str(path[0])][str(path[1])] = None
        return found


def holders(
    permitted: Mapping[UserName, Permissions], action: Action, resource: str = ""
) -> tuple[UserName, ...]:
    """The users who may do that, on the resource if one is given, in name order."""
    return tuple(
        user
        for user, granted in sorted(permitted.items())
        if action in granted and (not resource or resource in granted[action])
    )


def runners(manifest: Manifest) -> Mapping[PackageName, tuple[MarbleType, ...]]:
    """The marbles that may start from each package, in name order."""
    found: dict[PackageName, list[MarbleType]] = defaultdict(list)
    for name, marble in sorted(manifest.marbles.items()):
        found[marble.package].append(name)
    return {package: tuple(marbles) for package, marbles in found.items()}


def _kind(difference: ManifestDiff, old: Manifest | None, target: Target) -> UpdateKind:
    if old is None or target.recovering:
        return UpdateKind.FIRST
    if difference.same_meaning:
        return UpdateKind.NONE
    if all(map(_raises_a_package, difference.leaves())):
        return UpdateKind.PACKAGES
    return UpdateKind.COMPLETE


def raised_versions(difference: ManifestDiff) -> Mapping[PackageName, int]:
    """The versions that a package update would bring, of a difference that is nothing else; see UpdateKind.PACKAGES."""
    return {
        PackageName(str(change.path[1])): change.after
        for change in difference.leaves()
        if _raises_a_package(change) and isinstance(change.after, int)
    }


def _raises_a_package(change: Change) -> bool:
    """Whether a change is what a package update may bring: a version that is higher, or new."""
    match change.new_path:
        case ("Packages", str(), "SecurityVersion"):
            before = 0 if change.before is None else change.before
            return isinstance(before, int) and isinstance(change.after, int) and before <= change.after
        case _:
            return False


def _surplus(more: Permissions, less: Permissions) -> Permissions:
    """What the first grants beyond the second."""
    surplus = {action: names - less.get(action, frozenset()) for action, names in more.items()}
    return {action: names for action, names in surplus.items() if names or action not in less}


def _certificate(text: str) -> bytes:
    block = first_block(text)
    return block.der if block else text.encode()
