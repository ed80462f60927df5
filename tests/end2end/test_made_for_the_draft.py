"""A user certificate from the form of the user, in the real window."""

import json

from cryptography import x509

from marble_console.pages.manifest.page import ManifestPage
from tests.fakes.manifests import observatory


def test_a_user_gets_a_certificate_without_leaving_the_form(console, tmp_path):
    content = observatory()
    content["Users"]["vera"]["Certificate"] = ""
    path = tmp_path / "sky.json"
    path.write_text(json.dumps(content, indent=2))
    with console("--local") as person:
        person.go_to("Manifest")
        person.until_shown("No manifest is open")
        person.will_choose(path)
        person.press("Ctrl+O")
        person.until_shown("blocks setting")
        person.press("Alt+2")
        page = person.shell.findChild(ManifestPage)
        page.pane.workspace.choose(("Users", "vera"))
        person.until_shown("Users / vera")
        person.push("field:Users/vera/Certificate:new")
        person.until(lambda: person.dialog("make-certificate"))
        person.will_choose(tmp_path)
        person.push("make:folder:choose")
        for name in ("make:passphrase", "make:again"):
            person.tab_to(name)
            person.type("seven grey herons")
        person.push("make:make")
        dialog = person.dialog("make-certificate")
        person.until_shown("Put into sky.json, where Ctrl+Z takes it back.", within=dialog)
        person.push("make:close")
        person.until_shown("No errors")
        text = page.editor.toPlainText()
        page.forget_edits()
    pem = json.loads(text)["Users"]["vera"]["Certificate"]
    assert x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string() == "CN=vera"
    assert (tmp_path / "vera.key").read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
