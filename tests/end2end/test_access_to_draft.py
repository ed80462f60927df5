"""A role that is looked at on the page of access is changed by pick lists, in a draft of the manifest in force."""

import json

import pytest

from marble_console.pages.manifest.page import ManifestPage
from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow


def test_a_role_is_edited_from_the_page_of_access(console, tmp_path):
    content = observatory()
    del content["RecoveryKeys"]
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(content, indent=2))
    with console("--local", str(path)) as person:
        person.set_manifest_without_keys()
        person.go_to("Access")
        person.until_shown("from the manifest in force")
        person.tab_to("access:tabs")
        for _ in range(2):
            person.press("Right")
        person.tab_to("Roles")
        person.press("Home")
        role = person.focus.current_key()
        person.press("Return")
        page = person.shell.findChild(ManifestPage)
        person.until(lambda: page.pane.workspace._form_state.chosen == ("Roles", role))
        assert page.pane.workspace.form.isVisible()
        # What is edited is the manifest in force in a tab of its own, not the file that was opened.
        assert json.loads(page.pane.workspace.present_text()) == content
