"""When the page looks after what nobody asked for: text that was typed, drafts, and files on disk."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

CHECK_AFTER_MS = 300  # after the last key, so that no check runs in the middle of a word
DRAFT_AFTER_MS = 2000
LOOK_EVERY_MS = 3000  # at the files on disk


class Rhythm(QObject):
    """`take_text` follows a pause in typing, `keep_draft` comes now and then while somebody types."""

    def __init__(
        self,
        page: QObject,
        *,
        take_text: Callable[[], None],
        keep_draft: Callable[[], None],
        look_at_disk: Callable[[], None],
    ) -> None:
        super().__init__(page)
        self._pause = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._pause.timeout.connect(take_text)
        self._draft = QTimer(self, singleShot=True, interval=DRAFT_AFTER_MS)
        self._draft.timeout.connect(keep_draft)
        self._disk = QTimer(self, interval=LOOK_EVERY_MS)
        self._disk.timeout.connect(look_at_disk)

    def typed(self) -> None:
        self._pause.start()
        if not self._draft.isActive():
            self._draft.start()

    def text_taken(self) -> None:
        """The text was taken over before the pause came."""
        self._pause.stop()

    def look_at_files(self, *, on: bool) -> None:
        """Look at the files on disk as long as the page is in front."""
        if on:
            self._disk.start()
        else:
            self._disk.stop()
