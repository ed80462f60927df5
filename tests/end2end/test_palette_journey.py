"""The palette in the real window: from any page to any other, to an action, a secret, and back."""

import json

from marble_console.pages.secrets.page import SecretsPage
from tests.fakes.manifests import observatory


def test_pages_actions_and_secrets_are_a_few_keys_away(console, tmp_path):
    manifest = tmp_path / "observatory.json"
    manifest.write_text(json.dumps(observatory(), indent=2))
    with console("--local") as person:
        person.until_shown("State 2 · Waiting for a manifest", "Simulated")

        def run(query):
            person.press("Ctrl+K")
            person.until(lambda: person.focus.objectName() == "palette:field")
            person.type(query)
            person.press("Return")

        run("manif")
        person.until(lambda: person.shell.state.page == "manifest")
        person.will_choose(manifest)
        run("open a man")
        person.until_shown("No errors")
        person.set_manifest(save_as=tmp_path / "recovery.json")
        person.until_shown("State 3 · Running")
        secret = next(iter(observatory()["Secrets"]))
        run(secret)
        page = person.until(lambda: person.shell.findChild(SecretsPage)) or person.shell.findChild(
            SecretsPage
        )
        person.until(lambda: page._table.current_key() == secret)
        run("verify exp")  # of another page: not offered here
        person.press("Escape")
        run("attestation")
        person.until_shown("Simulated · not verified")
        run("new recovery key")
        person.until(lambda: person.wizard)
        person.press("Escape")
        person.until(lambda: not person.wizard)
