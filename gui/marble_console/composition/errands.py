"""What pages and parts ask of the rest of the console."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from marble_console.coordinators.profiles import Profile
from marble_console.navigation import Place

if TYPE_CHECKING:
    from marble_console.console import Console
    from marble_console.draftplace import DraftPlace
    from marble_console.pages.manifest.documents import Document
    from marble_core.manifest.model import PackageName


class Errands:
    """Passes on what is asked to the part that does it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def go_to(self, page: str) -> None:
        self._console.show_page(Place(page))

    def connect(self) -> None:
        self._console.connections.manage()

    def edit_connection(self, names: tuple[str, ...] = ()) -> None:
        """Open the form of the connection in hand; `names` are those that its certificate is valid for."""
        self._console.connections.edit_in_hand(names)

    def start_local(self) -> None:
        self._console.connections.open_local()

    def open_profile(self, profile: Profile) -> None:
        self._console.connections.open(profile)

    def connections_changed(self) -> None:
        self._console.connections.changed()

    def recover(self) -> None:
        self._console.recoveries.recover()

    def start_over(self) -> None:
        self._console.recoveries.start_over()

    def export_manifest(self, path: Path) -> None:
        """Write the last known manifest of a sealed state to a file."""
        self._console.recoveries.export_manifest(path)

    def pending(self) -> None:
        self._console.deployments.pending()

    def compare_pending(self, raw: bytes, fingerprint: str) -> None:
        """Compare an update that is pending with the manifest in force."""
        self._console.manifests.compare_pending(raw, fingerprint)

    def begin_manifest(self, copy: Path | None) -> None:
        """Show the page that edits manifests, with this one in it if there is one."""
        self._console.show_page(Place.MANIFEST)
        if copy is not None:
            self._console.open_file(copy)

    def open_manifest(self) -> None:
        """Let the operator choose a manifest file."""
        self._console.ask_for_file()

    def retry(self) -> None:
        self._console.ask_again()

    def renew_identity(self) -> None:
        """Make a certificate to take the place of one that ends."""
        self._console.make_certificate()

    def new_certificate(self, place: DraftPlace) -> None:
        """Make a user certificate for a place in a manifest."""
        self._console.identities.make(place)

    def new_recovery_key(self, place: DraftPlace) -> None:
        """Make a recovery key for a place in a manifest."""
        self._console.recoveries.new_key(place)

    def open_draft(self, section: str) -> DraftPlace | None:
        """Where a new entry goes, if a manifest is being edited."""
        return self._console.manifests.open_draft(section)

    def edit_running(self, entry: tuple[str, ...] = ()) -> None:
        """Open the manifest in force as a draft, at an entry if one is named."""
        self._console.manifests.edit_running(entry)

    def compare(self, document: Document) -> None:
        self._console.manifests.compare(document)

    def compare_effective(self) -> None:
        """Compare the manifest in force as it was submitted with what package updates made of it."""
        self._console.manifests.compare_effective()

    def set_manifest(self, document: Document) -> None:
        self._console.deployments.set(document)

    def raise_packages(self, versions: Mapping[PackageName, int]) -> None:
        self._console.deployments.raise_packages(versions)

    def choose_identity(self) -> None:
        """Unlock the identity that acts, or choose one where none does."""
        acting = self._console.session.state.acting
        if acting is not None and acting.is_locked:
            self._console.identities.unlock()
        else:
            self._console.identities.manage()
