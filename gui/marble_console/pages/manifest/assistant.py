"""Work on the text in front that takes time on a large one, done on a worker: fixes, names, completion, layout. No Qt.

Each job gets the text as it stood and gives places in that text; who asked looks whether it still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from marble_console.pages.manifest.references import names_of
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.gojson import TextEdit
from marble_core.gojson.edits import indent_unit
from marble_core.gojson.layout import laid_out
from marble_core.manifest.completion import Proposal, complete
from marble_core.manifest.findings import Finding
from marble_core.manifest.fixes import Fix, Fixer
from marble_core.manifest.names import Mention, Names, YamlNames
from marble_core.manifest.yamlfixes import YamlFixer


class NoName(MarbleError):
    """The cursor is not at a name."""

    code = "no_name"


class NotInYaml(MarbleError):
    """The fix can be made in the JSON alone."""

    code = "not_in_yaml"


class Assistant:
    """`failed` takes the reason where there is nothing to do. A newer question of a kind drops the older one."""

    def __init__(self, runner: Runner, failed: Callable[[MarbleError], None]) -> None:
        self._runner = runner
        self._failed = failed
        self._completing = Generation()
        self._asking = Generation()

    def fix(
        self, text: str, finding: Finding, then: Callable[[Fix | None], None], *, is_yaml: bool = False
    ) -> None:
        job = partial(_fix_in_yaml if is_yaml else _fix, text, finding)
        self._runner.read(job, then=self._asking.next()(then), failed=self._failed)

    def complete(self, text: str, offset: int, then: Callable[[Sequence[Proposal]], None]) -> None:
        job = partial(complete, text, offset)
        self._runner.read(job, then=self._completing.next()(then), failed=self._failed)

    def definition(
        self, text: str, offset: int, then: Callable[[Mention], None], *, is_yaml: bool = False
    ) -> None:
        job = partial(_definition, text, offset, is_yaml=is_yaml)
        self._runner.read(job, then=self._asking.next()(then), failed=self._failed)

    def usages(
        self, text: str, offset: int, then: Callable[[Sequence[Mention]], None], *, is_yaml: bool = False
    ) -> None:
        job = partial(_usages, text, offset, is_yaml=is_yaml)
        self._runner.read(job, then=self._asking.next()(then), failed=self._failed)

    def name(self, text: str, offset: int, then: Callable[[Mention], None], *, is_yaml: bool = False) -> None:
        job = partial(_name, text, offset, is_yaml=is_yaml)
        self._runner.read(job, then=self._asking.next()(then), failed=self._failed)

    def rename(
        self,
        text: str,
        mention: Mention,
        name: str,
        then: Callable[[Sequence[TextEdit]], None],
        *,
        is_yaml: bool = False,
    ) -> None:
        job = partial(_rename, text, mention, name, is_yaml=is_yaml)
        self._runner.read(job, then=self._asking.next()(then), failed=self._failed)

    def layout(self, text: str, then: Callable[[str], None]) -> None:
        job = partial(_layout, text)
        self._runner.read(job, then=self._asking.next()(then), failed=self._failed)


def _fix(text: str, finding: Finding) -> Fix | None:
    return Fixer(text).fix(finding)


def _fix_in_yaml(text: str, finding: Finding) -> Fix | None:
    fixer = YamlFixer(text)
    fix = fixer.fix(finding)
    if fix is None and fixer.json_fix(finding) is not None:
        raise NotInYaml(
            tr("This fix cannot be made line by line in YAML."),
            hint=tr("Change it by hand, or fix the JSON that Ctrl+J shows."),
        )
    return fix


def _at(names: Names | YamlNames, offset: int) -> Mention:
    found = names.at(offset)
    if found is None:
        raise NoName(tr("There is no name at the cursor."))
    return found


def _name(text: str, offset: int, *, is_yaml: bool) -> Mention:
    return _at(names_of(text, is_yaml=is_yaml), offset)


def _definition(text: str, offset: int, *, is_yaml: bool) -> Mention:
    names = names_of(text, is_yaml=is_yaml)
    found = _at(names, offset)
    defined = names.definition(found)
    if defined is None:
        raise NoName(tr("“{name}” is not defined in {section}.", name=found.name, section=found.kind.value))
    return defined


def _usages(text: str, offset: int, *, is_yaml: bool) -> Sequence[Mention]:
    names = names_of(text, is_yaml=is_yaml)
    return names.usages(_at(names, offset))


def _rename(text: str, mention: Mention, name: str, *, is_yaml: bool) -> Sequence[TextEdit]:
    return names_of(text, is_yaml=is_yaml).rename(mention, name)


def _layout(text: str) -> str:
    return laid_out(text, indent_unit(text) or "  ")
