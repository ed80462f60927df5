"""The palette in the real window: from any page to any other, to an action, a secret, and back."""

import json

from marble_console.pages.secrets.page import SecretsPage
from tests.fakes.manifests import observatory


def test_pages_actions_and_secrets_are_a_few_keys_away(console, tmp_path):
    manifest = tmp_path / "observatory.json"
    manifest.write_text(json.dumps(observatory(), indent=2))
    with console("--local") as person:
        person.until_shown("State 2 · Waiting for a manifest", "Simulated")
        person.command("manif")
        person.until(lambda: person.shell.state.page == "manifest")
        person.will_choose(manifest)
        person.command("open a man")
        person.until_shown("No errors")
        person.set_manifest(save_as=tmp_path / "recovery.json")
        person.until_shown("State 3 · Running")
        secret = next(iter(observatory()["Secrets"]))
        person.command(secret)
        person.until(lambda: person.shell.findChild(SecretsPage))
        page = person.shell.findChild(SecretsPage)
        person.until(lambda: page._table.current_key() == secret)
        person.command("verify exp")  # of another page: not offered here
        person.press("Escape")
        person.command("attestation")
        person.until_shown("Simulated · not verified")
        person.command("new recovery key")
        person.until(lambda: person.wizard)
        person.press("Escape")
        person.until(lambda: not person.wizard)
