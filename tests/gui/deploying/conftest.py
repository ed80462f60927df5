"""The deploy wizard, opened on a draft."""

import pytest

from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.tasks import InlineRunner
from tests.fakes.deploying import NOW, Around, View, first, walk


@pytest.fixture
def open_wizard():
    def open_wizard(draft, coordinator, *, history=None, runner=None):
        view = View()
        presenter = DeployPresenter(
            draft, Around(coordinator), runner or InlineRunner(), clock=lambda: NOW, history=history
        )
        presenter.attach(view)
        return presenter, view

    return open_wizard


@pytest.fixture
def begin(open_wizard):
    """A first manifest, at the page that confirms."""

    def begin(coordinator, **draft):
        presenter, view = open_wizard(first(**draft), coordinator)
        walk(presenter, "confirm")
        return presenter, view

    return begin
