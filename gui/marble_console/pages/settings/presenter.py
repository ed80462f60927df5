"""The page of settings: every preference in words, what is chosen, and the way back to what is usual. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from marble_console.pages.settings.state import AdvancedState, SectionState, SettingsState, SettingState
from marble_console.parts import Fact
from marble_console.preferences import (
    CLIPBOARD_SECONDS,
    COLOURS,
    HIDE_FROM_CAPTURE,
    IDLE_MINUTES,
    JOURNAL,
    KEEP_DEPLOYED,
    LOCK_WITH_DESKTOP,
    MODE,
    NEVER,
    NEW_PROXY,
    NEW_TIMEOUT,
    OFF,
    ON,
    REFRESH_SECONDS,
    REVEAL_SECONDS,
    START_PAGE,
    TEXT_SIZE,
    Preference,
    Preferences,
)
from marble_console.words import ntr, tr


class View(Protocol):
    def show_state(self, state: SettingsState) -> None: ...


@dataclass(frozen=True, slots=True)
class _Item:
    """A preference on the page: `words` gives those of a value; None where it is on or off."""

    preference: Preference
    title: str
    why: str
    words: Callable[[str], str] | None = None
    cautions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Section:
    key: str
    title: str
    icon: str
    items: tuple[_Item, ...]


def _seconds(value: str) -> str:
    return ntr("{count} second", "{count} seconds", int(value))


def _minutes(value: str) -> str:
    return tr("Never") if value == NEVER else ntr("after {count} minute", "after {count} minutes", int(value))


_MODES = {"system": tr("Follow the system"), "light": tr("Light"), "dark": tr("Dark")}
_COLOURS = {
    "usual": tr("Usual"),
    "no-red-green": tr("Without red against green"),
    "contrast": tr("High contrast"),
}

_ADVANCED = (
    tr("Advanced"),
    tr("Support bundle"),
    tr(
        "Versions, platform and settings as a file for whoever helps you; you see all of it before it is saved."
    ),
    tr("Restore all defaults"),
    tr("Every setting above as it is usual. Connections, documents and the journal stay."),
)
_PROXIES = {"none": tr("None"), "system": tr("That of the system")}
_PAGES = {
    "overview": tr("Overview"),
    "manifest": tr("Manifest"),
    "compare": tr("Compare"),
    "attestation": tr("Attestation"),
    "secrets": tr("Secrets"),
    "access": tr("Access"),
    "recovery": tr("Recovery"),
    "audit": tr("Audit log"),
}

_SECTIONS = (
    _Section(
        "general",
        tr("General"),
        "layout-dashboard",
        (
            _Item(
                START_PAGE,
                tr("Start with"),
                tr("The page that is in front when the console opens on a coordinator."),
                _PAGES.__getitem__,
            ),
        ),
    ),
    _Section(
        "appearance",
        tr("Appearance"),
        "eye",
        (
            _Item(MODE, tr("Theme"), tr("Light or dark."), _MODES.__getitem__),
            _Item(
                TEXT_SIZE,
                tr("Text size"),
                tr("Of the size that the system asks for."),
                lambda value: f"{value} %",
            ),
            _Item(
                COLOURS,
                tr("Colours"),
                tr(
                    "Blue and rust in place of green and red, or black on white with strong edges. Words and icons say the same either way."
                ),
                _COLOURS.__getitem__,
            ),
        ),
    ),
    _Section(
        "security",
        tr("Security"),
        "lock",
        (
            _Item(
                IDLE_MINUTES,
                tr("Lock when idle"),
                tr("Without a key or a click for so long, keys, passphrases and values are forgotten."),
                _minutes,
                {
                    NEVER: tr(
                        "Whoever comes to this computer can act as you until it is locked by hand (Ctrl+L)."
                    )
                },
            ),
            _Item(
                LOCK_WITH_DESKTOP,
                tr("Lock with the desktop"),
                tr("Also when the session of the desktop is locked, and before the computer sleeps."),
            ),
            _Item(
                REVEAL_SECONDS,
                tr("Show a value for"),
                tr("A revealed value is hidden and forgotten after this time."),
                _seconds,
            ),
            _Item(
                CLIPBOARD_SECONDS,
                tr("Clear the clipboard after"),
                tr("Only a copied value is cleared, and only if it is still there."),
                _seconds,
            ),
            _Item(
                HIDE_FROM_CAPTURE,
                tr("Keep revealed values out of screen recordings"),
                tr(
                    "The window is left out of pictures, recordings and shared screens while a value is shown."
                ),
            ),
            _Item(
                JOURNAL,
                tr("Keep a journal of what this console does"),
                tr(
                    "Names and outcomes, no values. Audit log, My actions shows it, and whether it was tampered with."
                ),
            ),
        ),
    ),
    _Section(
        "network",
        tr("Network"),
        "server",
        (
            _Item(
                NEW_PROXY,
                tr("Proxy of new connections"),
                tr("What the form of a new connection begins with. Each connection keeps its own."),
                _PROXIES.__getitem__,
            ),
            _Item(
                NEW_TIMEOUT,
                tr("Patience of new connections"),
                tr("How long connecting may take. Each connection keeps its own."),
                _seconds,
            ),
        ),
    ),
    _Section(
        "work",
        tr("Coordinators and manifests"),
        "server",
        (
            _Item(
                REFRESH_SECONDS,
                tr("Ask the coordinator every"),
                tr("Its state and log. While the window is hidden, every 30 seconds or less often."),
                _seconds,
            ),
            _Item(
                KEEP_DEPLOYED,
                tr("Keep deployed manifests, to compare with later"),
                tr("Unencrypted, beside the connections. Those that carry values of secrets are never kept."),
            ),
        ),
    ),
)


class SettingsPresenter:
    """`unavailable` gives the reasons of preferences that mean nothing on this platform; `places` are shown below."""

    def __init__(
        self,
        preferences: Preferences,
        *,
        unavailable: dict[Preference, str],
        places: Sequence[Fact] = (),
    ) -> None:
        self._preferences = preferences
        self._unavailable = unavailable
        self._places = tuple(places)
        self._view: View | None = None
        self._text = ""
        self._by_key = {item.preference.name: item.preference for each in _SECTIONS for item in each.items}
        self.state = SettingsState()
        for preference in self._by_key.values():
            preferences.follow(preference, lambda _: self._show())

    @property
    def preferences(self) -> tuple[Preference, ...]:
        """All that can be set on the page."""
        return tuple(self._by_key.values())

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    def choose(self, key: str, value: str) -> None:
        self._preferences.choose(self._by_key[key], value)

    def switch(self, key: str, *, on: bool) -> None:
        self.choose(key, ON if on else OFF)

    def restore(self, section: str) -> None:
        """Choose what is usual in all of a section."""
        for item in next(each for each in _SECTIONS if each.key == section).items:
            self._preferences.choose(item.preference, item.preference.usual)

    def restore_all(self) -> None:
        """Choose what is usual everywhere."""
        for section in _SECTIONS:
            self.restore(section.key)

    def search(self, text: str) -> None:
        """Show only what has this text in it; an empty one shows all."""
        self._text = text.strip().casefold()
        self._show()

    def _show(self) -> None:
        found = tuple(fact for fact in self._places if self._has(fact.key, fact.value))
        self.state = SettingsState(tuple(map(self._section, _SECTIONS)), found, self._advanced())
        if self._view is not None:
            self._view.show_state(self.state)

    def _advanced(self) -> AdvancedState | None:
        title, bundle, bundle_why, restore, restore_why = _ADVANCED
        if not self._has(*_ADVANCED):
            return None
        usual = all(
            self._preferences.value(preference) == preference.usual for preference in self._by_key.values()
        )
        return AdvancedState(title, bundle, bundle_why, restore, restore_why, can_restore=not usual)

    def _section(self, section: _Section) -> SectionState:
        return SectionState(
            section.key,
            section.title,
            section.icon,
            tuple(map(partial(self._setting, section), section.items)),
            any(self._preferences.value(item.preference) != item.preference.usual for item in section.items),
        )

    def _setting(self, section: _Section, item: _Item) -> SettingState:
        preference, words = item.preference, item.words
        value = self._preferences.value(preference)
        reason = self._unavailable.get(preference, "")
        return SettingState(
            preference.name,
            item.title,
            item.why,
            tuple((each, words(each)) for each in preference.allowed) if words else (),
            value,
            is_on=value == ON and not reason,
            reason=reason,
            caution=item.cautions.get(value, ""),
            is_shown=self._has(section.title, item.title, item.why),
        )

    def _has(self, *texts: str) -> bool:
        return any(self._text in text.casefold() for text in texts)
