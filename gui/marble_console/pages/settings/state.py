"""What the page of settings shows, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from marble_console.parts import Fact


@dataclass(frozen=True, slots=True)
class SettingState:
    """One setting. With `choices`, pairs of value and words, one is `chosen`; without, it is on or off.

    `reason` tells why it cannot be chosen here; `caution` what the present choice costs.
    """

    key: str
    title: str
    why: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    is_on: bool = False
    reason: str = ""
    caution: str = ""
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class SectionState:
    """`can_restore` while something in it is not as usual."""

    key: str
    title: str
    icon: str
    settings: tuple[SettingState, ...]
    can_restore: bool = False

    @property
    def is_shown(self) -> bool:
        return any(each.is_shown for each in self.settings)


@dataclass(frozen=True, slots=True)
class AdvancedState:
    """The words of what is seldom needed. `can_restore` while any setting is not as usual."""

    title: str
    bundle: str
    bundle_why: str
    restore: str
    restore_why: str
    can_restore: bool = False


@dataclass(frozen=True, slots=True)
class SettingsState:
    """`advanced` is None while a search hides it. `places` are the folders that the console keeps its things in; empty while a search hides them."""

    sections: tuple[SectionState, ...] = ()
    places: tuple[Fact, ...] = ()
    advanced: AdvancedState | None = None

    @property
    def finds_nothing(self) -> bool:
        return (
            not self.places
            and self.advanced is None
            and not any(section.is_shown for section in self.sections)
        )
