"""What the console keeps of coordinators for the day of a recovery: what was in force, its manifest, who has practised."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from marble_client.answers import CoordinatorState, ServedManifest
from marble_client.trust import Trust
from marble_console.coordinators.deployments import DeploymentStore, Drill
from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import Kind, ProfileId, ProfilesError, ProfileStore
from marble_console.coordinators.watch import Observation
from marble_console.recovering.known import Deployment

_NOTED_EVERY = dt.timedelta(minutes=1)


class Kept:
    """Reads the database once for each connection. Without it the wizards work, and say what they do not know."""

    def __init__(self, profiles: ProfileStore) -> None:
        self._profiles = profiles
        self._store = DeploymentStore(profiles.database)
        self._known: dict[ProfileId, Deployment | None] = {}
        self._practised: dict[ProfileId, Mapping[str, Drill]] = {}
        self._served: dict[ProfileId, ServedManifest] = {}

    def deployment(self, connection: ProfileId) -> Deployment | None:
        """What the coordinator had in force when it last ran."""
        if connection not in self._known:
            self._known[connection] = None
            with contextlib.suppress(ProfilesError):
                self._known[connection] = self._store.get(connection)
        return self._known[connection]

    def note(self, connection: ProfileId, seen: Observation, trust: Trust) -> bool:
        """Keep what is in force, once a minute and at every change; says whether the coordinator runs."""
        if seen.status.state is not CoordinatorState.RUNNING or seen.served is None or seen.manifest is None:
            return False
        self._served[connection] = seen.served
        found = Deployment.of(seen.manifest, seen.served.fingerprint, trust.root_der, seen.at)
        before = self.deployment(connection)
        is_as_before = before is not None and replace(before, seen=found.seen) == found
        if before is None or not is_as_before or found.seen - before.seen >= _NOTED_EVERY:
            self._known[connection] = found
            with contextlib.suppress(
                ProfilesError
            ):  # a full disk is no reason to stop showing the coordinator
                self._store.keep(connection, found)
        return True

    def lasting_root(self, connection: ProfileId) -> bytes:
        """The root before the recovery: as it was seen when the coordinator ran, or else the kept one of a remote one."""
        known = self.deployment(connection)
        if known is not None:
            return known.root_der
        kept = None
        with contextlib.suppress(ProfilesError):
            kept = self._profiles.get(connection)
        return kept.root_der if kept is not None and kept.kind is Kind.REMOTE else b""

    def served(self, connection: ProfileId) -> ServedManifest | None:
        """The manifest that this window has seen in force."""
        return self._served.get(connection)

    def last_manifest(self, connection: ProfileId) -> ServedManifest | None:
        """The bytes of the last known manifest: as this window saw them in force, or as this console has deployed them."""
        known, served = self._known.get(connection), self._served.get(connection)
        if known is None or (served is not None and served.fingerprint == known.manifest):
            return served
        history = DeployedHistory(self._profiles.path)
        for deployed in history.of(connection):
            if deployed.fingerprint == known.manifest and (raw := history.load(deployed.id)):
                return ServedManifest(raw, deployed.fingerprint, b"")
        return None

    def drills(self, connection: ProfileId) -> Mapping[str, Drill]:
        """Who has practised, by the fingerprints of their keys."""
        if connection not in self._practised:
            self._practised[connection] = {}
            with contextlib.suppress(ProfilesError):
                self._practised[connection] = self._store.drills(connection)
        return self._practised[connection]

    def add_drill(self, connection: ProfileId, drill: Drill) -> None:
        """Raises ProfilesError."""
        self._store.add_drill(connection, drill)
        self._practised.pop(connection, None)
