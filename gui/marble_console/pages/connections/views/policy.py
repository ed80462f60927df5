"""A policy in a window of its own, while a connection is being filled in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from marble_console.pages.attestation.policydraft import PolicyDraft
from marble_console.pages.attestation.policyform import policy_state
from marble_console.pages.attestation.views.policy import PolicyView
from marble_console.parts import Action
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.words import tr

_SIZE = QSize(980, 680)


class PolicyDialog(Framed):
    """Edits a draft and gives it to `taken` when the operator is done."""

    def __init__(
        self, draft: PolicyDraft, taken: Callable[[PolicyDraft], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(_SIZE, parent)
        self.setObjectName("policy")
        self.setWindowTitle(tr("Attestation policy"))
        self._before = self._draft = draft
        self._taken = taken
        self._view = PolicyView(self)
        scroll = self._scroll = PageBody(limited=False)
        scroll.column.addWidget(self._view)
        self.body.addWidget(PlainLabel(tr("Attestation policy"), "title"))
        self.body.addWidget(scroll, 1)
        self._gate = PlainLabel(colour="text2", wrap=True)
        cancel = Button(tr("Cancel"), "quiet", name="policy:cancel")
        cancel.clicked.connect(self.reject)
        self._take = Button(tr("Take it over"), "primary", name="policy:take")
        self._take.clicked.connect(self._finish)
        self.foot.addWidget(self._gate, 1)
        self.foot.addWidget(cancel)
        self.foot.addWidget(self._take)
        follow(self._tighten)
        self._show()

    # -- what the editor tells ------------------------------------------------------------------------------------
    def edit_policy_text(self, text: str) -> None:
        self._put(self._draft.with_text(text))

    def edit_policy_line(self, name: str, line: str) -> None:
        if self._draft.values.get(name) != line:
            self._put(self._draft.with_line(name, line))

    def edit_policy_debug(self, allowed: bool) -> None:
        self._put(self._draft.with_debug(allowed=allowed))

    def edit_policy_status(self, status: str, accepted: bool) -> None:
        self._put(self._draft.with_status(status, accepted=accepted))

    def policy_act(self, key: str) -> None:
        if key == "revert":
            self._put(self._before)

    # -- inside ---------------------------------------------------------------------------------------------------
    def _put(self, draft: PolicyDraft) -> None:
        self._draft = draft
        self._show()

    def _show(self) -> None:
        draft = self._draft
        actions = (Action("revert", tr("Undo changes"), icon="undo-2", enabled=draft != self._before),)
        self._view.show_policy(policy_state(draft, "", actions))
        gate = tr("The policy does not name an enclave yet.") if draft.objection else ""
        self._gate.setText(gate)
        self._take.setEnabled(not gate)

    def _finish(self) -> None:
        self._taken(self._draft)
        self.accept()

    def _tighten(self, theme: Theme) -> None:
        self._scroll.column.setContentsMargins(1, 1, theme.pad(12), 1)
