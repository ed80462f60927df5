"""Decides what the form shows and turns what is done in it into new text. No Qt."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path as FilePath
from typing import Protocol

from marble_console.files import reason
from marble_console.pages.manifest.form import editing
from marble_console.pages.manifest.form.reading import read_form
from marble_console.pages.manifest.form.state import FieldState, FormState
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.enclave import EnclaveIdentity, read_enclave
from marble_core.errors import MarbleError
from marble_core.gojson import Path, apply_edits
from marble_core.manifest.changing import REMOVED, Change, changed
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.findings import Finding
from marble_core.manifest.names import Names, RenameRefused
from marble_core.pem import first_block

_LARGEST_PEM = 1 << 20
_LARGEST_ENCLAVE = 1 << 30


class FileUnfit(MarbleError):
    """The file is not what the field takes."""

    code = "file_unfit"


class View(Protocol):
    """What the form wants of the page."""

    def show_form(self, state: FormState) -> None: ...

    def document_key(self) -> str:
        """Which document is in front."""
        ...

    def present_text(self) -> str: ...

    def put_text(self, text: str) -> None:
        """Make this the text, as one step that can be undone."""
        ...

    def say(self, sentence: str) -> None: ...

    def choose_identity(self, identity: EnclaveIdentity) -> str:
        """By `code` or by `signer`; empty where the operator gave up."""
        ...


@dataclass(frozen=True, slots=True)
class _Edit:
    """An edit on its way: `make` gives the new text of a document from its present one."""

    document: str
    make: Callable[[str], str]
    before: Callable[[], None] | None


class FormPresenter:
    """One entry at a time. A newer question drops the answer to an older one; edits are made one after the other."""

    def __init__(self, runner: Runner, view: View, now: Callable[[], dt.datetime]) -> None:
        self._runner = runner
        self._view = view
        self._now = now
        self._chosen: Path = ()
        self._reading = Generation()
        self._edits: deque[_Edit] = deque()
        self._findings: Sequence[Finding] = ()
        self._read_only = self._yaml = False
        self.state = FormState()

    def show(self, findings: Sequence[Finding], *, read_only: bool, yaml: bool = False) -> None:
        """Read the present text anew."""
        self._findings, self._read_only, self._yaml = findings, read_only, yaml
        if yaml:
            why = tr("YAML has no form. Ctrl+J shows it as JSON, which has one.")
            self._reading.next()(self._shown)(FormState(why_not=why))
            return
        job = partial(
            read_form, self._view.present_text(), self._chosen, findings, self._now(), is_read_only=read_only
        )
        self._runner.read(job, then=self._reading.next()(self._shown), failed=self._failed)

    def choose(self, path: Path) -> None:
        """Show another entry, or a section that is one."""
        if path != self._chosen:
            self._chosen = path
            self.show(self._findings, read_only=self._read_only, yaml=self._yaml)

    def _shown(self, state: FormState) -> None:
        self.state = state
        self._chosen = state.chosen or self._chosen
        self._view.show_form(state)

    # -- edits ----------------------------------------------------------------------------------------------------
    def edit(self, field: FieldState, value: str) -> None:
        self._change(editing.change_for(field, value))

    def toggle(self, field: FieldState, name: str, *, on: bool) -> None:
        self._write(lambda text: changed(text, editing.toggled(text, field.path, name, on=on)))

    def remove(self, path: Path) -> None:
        """Take out a field, an element of a list, or the entry itself."""
        if path == self._chosen:
            self._chosen = path[:1]
        self._change(((path, REMOVED),))

    def add_entry(self, section: str, name: str) -> None:
        """Put a new entry into a section and show it."""
        there = next((it for it in self.state.sections if it.name == section), None)
        if not name or (there is not None and any(entry.name == name for entry in there.entries)):
            self._view.say(tr("“{name}” is in {section} already.", name=name, section=section))
            return
        self._chosen = (section, name)
        self._write(
            lambda text: changed(
                text, editing.new_entry(section, name, decode_manifest(text.encode()).manifest)
            )
        )

    def add_item(self, path: Path) -> None:
        """Put a new element behind those of a list of structures."""
        count = sum(
            field.path[:-1] == path and isinstance(field.path[-1], int) for field in self.state.fields
        )
        self._change(editing.new_item(path, count))

    def add_parameter(self, path: Path, name: str) -> None:
        if any(field.path == (*path, name) for field in self.state.fields):
            self._view.say(tr("{name} is there already.", name=name))
        elif name:
            self._change((((*path, name), ""),))

    def rename(self, name: str) -> None:
        """Give the shown entry another name, everywhere."""
        path = self._chosen
        if len(path) != 2 or name == path[1]:  # noqa: PLR2004 # a section and an entry
            return

        def renamed(text: str) -> str:
            names = Names(text)
            mention = next(
                (it for it in names.all if it.is_definition and (it.kind.value, it.name) == path), None
            )
            if mention is None:
                raise RenameRefused(tr("The text has no such entry any more."))
            return apply_edits(text, names.rename(mention, name))

        def then() -> None:
            self._chosen = (path[0], name)

        self._write(renamed, before=then)

    def _change(self, changes: Sequence[Change]) -> None:
        if changes:
            self._write(lambda text: changed(text, changes))

    def _write(self, make: Callable[[str], str], before: Callable[[], None] | None = None) -> None:
        if self._read_only:
            self._view.say(tr("This document cannot be edited."))
            return
        self._edits.append(_Edit(self._view.document_key(), make, before))
        if len(self._edits) == 1:
            self._make_next()

    def _make_next(self) -> None:
        """Make the first of the edits that wait. Each begins with the text that the one before has left."""
        edit, text = self._edits[0], self._view.present_text()

        def made(new: str) -> None:
            if self._view.document_key() == edit.document and self._view.present_text() != text:
                self._make_next()  # somebody typed meanwhile
                return
            self._edits.popleft()
            if self._view.document_key() != edit.document:
                self._view.say(tr("The last edit was not made: another document came to the front."))
            else:
                if edit.before is not None:
                    edit.before()
                self._view.put_text(new)
            self._go_on()

        def failed(error: MarbleError) -> None:
            self._edits.popleft()
            self._failed(error)
            self._go_on()

        self._runner.read(partial(edit.make, text), then=made, failed=failed)

    def _go_on(self) -> None:
        here = self._view.document_key()
        while self._edits and self._edits[0].document != here:
            self._edits.popleft()
        if self._edits:
            self._make_next()

    # -- files ----------------------------------------------------------------------------------------------------
    def insert_pem(self, field: FieldState, file: FilePath) -> None:
        """Put the PEM of a file into a field."""
        wanted = "CERTIFICATE" if field.path[0] == "Users" else "PUBLIC KEY"
        job = partial(_pem_of, file, wanted)
        self._runner.read(job, then=lambda pem: self._change(((field.path, pem),)), failed=self._failed)

    def read_identity(self, file: FilePath) -> None:
        """Put the identity of an enclave into the package that is shown."""
        path = self._chosen

        def read(identity: EnclaveIdentity) -> None:
            by = self._view.choose_identity(identity)
            if by:
                package = identity.package_by_code() if by == "code" else identity.package_by_signer()
                self._change(editing.of_package(path, package))

        self._runner.read(partial(_enclave_of, file), then=read, failed=self._failed)

    def _failed(self, error: MarbleError) -> None:
        self._view.say(f"{error.sentence} {error.hint}".rstrip())
        self.show(self._findings, read_only=self._read_only, yaml=self._yaml)


def _content(file: FilePath, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            raw = opened.read(most + 1)
    except OSError as error:
        raise FileUnfit(
            tr("{name} cannot be read: {reason}.", name=file.name, reason=reason(error))
        ) from error
    if len(raw) > most:
        raise FileUnfit(tr("{name} is too large.", name=file.name))
    return raw


def _pem_of(file: FilePath, wanted: str) -> str:
    """The first PEM block of a file, if it is of the kind that is wanted. A private key is never taken."""
    text = _content(file, _LARGEST_PEM).decode("utf-8", "replace").replace("\r\n", "\n")
    block = first_block(text)
    if block is None or block.label != wanted:
        found = tr("It holds a {label}.", label=block.label) if block else tr("It holds no PEM block.")
        raise FileUnfit(
            tr("{name} is not the file that is wanted here. {found}", name=file.name, found=found),
            hint=tr("Wanted: -----BEGIN {label}-----.", label=wanted),
        )
    begin = text.index(f"-----BEGIN {wanted}-----")
    end = text.index(f"-----END {wanted}-----", begin) + len(f"-----END {wanted}-----")
    return text[begin:end] + "\n"


def _enclave_of(file: FilePath) -> EnclaveIdentity:
    return read_enclave(_content(file, _LARGEST_ENCLAVE))
