"""Ties what the operator can set into the console: the look of the window, and the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from marble_console.composition.settings import Settings
from marble_console.coordinators.folders import (
    collateral_folder,
    data_folder,
    drafts_folder,
    local_state_folder,
    profiles_file,
)
from marble_console.desktop.capture import CAPTURE, is_possible
from marble_console.page import Page
from marble_console.parts import Fact
from marble_console.preferences import COLOURS, HIDE_FROM_CAPTURE, MODE, ON, TEXT_SIZE, Preferences
from marble_console.tasks import Runner
from marble_console.theme import Mode, Palette, controller, display
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.coordinators.logline import LogLine


class Choices:
    """`preferences` for whoever follows one; the look of the window follows here. `log` gives that of the local coordinator."""

    def __init__(self, settings: Settings, runner: Runner, log: Callable[[], Sequence[LogLine]]) -> None:
        self._runner = runner
        self._log = log
        self.preferences = Preferences(settings)
        theme = controller()
        self.preferences.follow(MODE, lambda mode: theme.set_mode(Mode(mode)))
        self.preferences.follow(TEXT_SIZE, lambda percent: theme.set_text_percent(int(percent)))
        self.preferences.follow(COLOURS, lambda colours: theme.set_palette(Palette(colours)))
        self.preferences.follow(HIDE_FROM_CAPTURE, _keep_out)

    def build_page(self) -> Page:
        from marble_console.pages.settings.page import SettingsPage  # noqa: PLC0415  a page loads when it is opened
        from marble_console.pages.settings.presenter import SettingsPresenter  # noqa: PLC0415  as above
        from marble_console.pages.settings.support import SupportPresenter  # noqa: PLC0415  as above
        from marble_console.support.bundle import gather  # noqa: PLC0415  as above

        unavailable = {}
        if not is_possible():
            unavailable[HIDE_FROM_CAPTURE] = tr(
                "Not here: only Windows and macOS let a window ask for it. Others can record what is shown."
            )
        places = (
            Fact(tr("Connections and settings"), str(profiles_file()), mono=True),
            Fact(tr("State of the local coordinator"), str(local_state_folder()), mono=True),
            Fact(tr("Drafts of manifests"), str(drafts_folder()), mono=True),
            Fact(tr("Collateral"), str(collateral_folder()), mono=True),
        )
        presenter = SettingsPresenter(self.preferences, unavailable=unavailable, places=places)

        def support() -> SupportPresenter:
            chosen = {each.name: self.preferences.value(each) for each in presenter.preferences}
            job = partial(gather, profiles_file(), chosen, tuple(self._log()), display())
            return SupportPresenter(job, self._runner)

        return SettingsPage(presenter, str(data_folder()), support)


def _keep_out(chosen: str) -> None:
    CAPTURE.wanted = chosen == ON
