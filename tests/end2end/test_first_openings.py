"""A page that is opened for the first time is made while the window goes on turning."""

import json

import pytest

from marble_console.console import Console
from tests.fakes.manifests import observatory
from tests.fakes.turns import Turns

SOME_TURNS = 50  # by then a page has made what it makes in the turns after it appeared


@pytest.fixture
def turns(request, qapp, proving):
    """Every turn computes within the limit of the design, and a machine that does other things gets more."""
    measured = Turns(limit=0.05 if proving else 0.12)
    yield measured
    measured.stop()
    print(f"\n{request.node.name}: {measured.summary()}")  # noqa: T201 # figures are what it is for


@pytest.fixture
def at_rest(console):
    """The window, with everything loaded that pages are made of, and no work under way."""
    with console("--local") as person:
        loading = person.shell.findChild(Console)
        person.until(lambda: not loading._to_load)
        person.settle()
        yield person


@pytest.mark.parametrize(
    ("page", "shown"),
    [("Manifest", "No manifest is open"), ("Secrets", "No secrets yet")],
)
def test_the_first_opening_of_a_page_holds_up_nobody(at_rest, turns, page, shown):
    turns.start()
    at_rest.go_to(page)
    at_rest.until_shown(shown)
    at_rest.until(lambda: len(turns.gaps) > SOME_TURNS)
    turns.stop()
    turns.judge()


def test_nor_does_the_first_document_nor_any_view_of_it(at_rest, turns, tmp_path):
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(observatory(), indent=2))
    at_rest.go_to("Manifest")
    at_rest.until_shown("No manifest is open")
    at_rest.will_choose(path)
    turns.start()
    at_rest.press("Ctrl+O")
    at_rest.until_shown("{", "No errors")
    for keys, shown in (
        ("Alt+2", "Packages / dome"),
        ("Alt+3", "Packages  "),
        ("Alt+1", "Outline"),
        ("Ctrl+H", "Replace all"),
    ):
        at_rest.press(keys)
        at_rest.until_shown(shown)
        at_rest.settle()
    turns.stop()
    turns.judge()
