"""From a lost key to a coordinator that runs again, by keyboard alone, with the real window and the real coordinator."""

import base64
import os
import signal

import pytest
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from marble_console.console import Console
from marble_console.pages.deploy import recovery_file
from marble_core.recovery import decrypt, encrypt_to
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import PASSPHRASE, key_of, write_manifest
from tests.fakes.night import Night
from tests.fakes.softhsm import PIN

pytestmark = pytest.mark.slow


def test_one_holder_with_a_passphrase_and_no_secret_is_left_anywhere(
    console, home, keys, saved, tmp_path, capfd
):
    path = write_manifest(tmp_path / "observatory.json", "ada")
    key = keys.locked("ada")
    log = tmp_path / "log.jsonl"
    said = []
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.begin()
        night.bring(key, passphrase=PASSPHRASE)
        night.see("0 of 1", "Send the share of ada")
        said.append(everything_said(person.wizard))
        night.send()
        said.append(everything_said(person.wizard))
        night.close_recovered()
        said.append(everything_said(person.shell))
        person.go_to("Coordinator")
        person.will_choose(log)
        person.push("log:save")
        person.until(log.exists)
    places = where_it_may_be(home, said, log, capfd)
    secrets = {
        "passphrase": PASSPHRASE.encode(),
        "private key": key_of("ada").private_numbers().d.to_bytes(256),
        "key file": key.read_bytes(),
    }
    nothing_of_it_is_left(saved, secrets, places)


def where_it_may_be(home, said, log, capfd):
    """All that is left of a session, by where it lies."""
    out, err = capfd.readouterr()
    places = {
        "accessible text and titles": "\n".join(said).encode(),
        "log": log.read_bytes(),
        "standard output": out.encode(),
        "standard error": err.encode(),
        "clipboard": QGuiApplication.clipboard().text().encode(),
        **{str(each.relative_to(home)): each.read_bytes() for each in home.rglob("*") if each.is_file()},
    }
    assert {"console.sqlite3", "coordinator/sealed_data"} <= places.keys()
    return places


def nothing_of_it_is_left(saved, secrets, places):
    """Neither what the holder of ada has brought nor what it opens."""
    encrypted = recovery_file.decode(saved.read_bytes())["ada"]
    for name, secret in {**secrets, "share": encrypted}.items():
        assert holding(secret, places) == [], name
    # The recovery secret is the seal key, which lies in the open beside the state, as the console says; nowhere else.
    assert holding(decrypt(key_of("ada"), encrypted).reveal(), places) == ["coordinator/sealed_key"]


def everything_said(place):
    """All that a screen reader could read out, and the titles of windows."""
    texts = []
    for widget in (place, *place.findChildren(QWidget)):
        interface = QAccessible.queryAccessibleInterface(widget)
        texts.append(widget.windowTitle())
        if interface is not None:
            texts += [interface.text(role) for role in QAccessible.Text]
    return "\n".join(texts)


def holding(secret, places):
    encoded = base64.b64encode(secret)
    forms = (secret, secret.hex().encode(), encoded, encoded[4:-4])
    return [place for place, content in places.items() if any(form in content for form in forms)]


def test_one_holder_with_a_key_on_a_token_and_no_pin_is_left_anywhere(
    console, home, saved, tmp_path, softhsm, capfd
):
    path = write_manifest(tmp_path / "observatory.json", "ada")
    log = tmp_path / "log.jsonl"
    said = []
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        person.go_to("Recovery")
        person.push("party:ada:act")
        person.until(lambda: person.wizard)
        night.choose_share()
        night.see("1 share: ada")
        night.forward()
        choose_token(night, softhsm, "ada")
        night.use_token(PIN)
        night.see("The drill has passed", "the recovery key of ada in the manifest")
        night.forward()
        night.lose_the_key()
        night.begin()
        night.choose_share()
        night.see("1 share: ada")
        night.forward()
        choose_token(night, softhsm, "holder")
        night.use_token(PIN)
        night.see("The key is none of the recovery keys of the last known manifest")
        choose_in_list(night, "token:token", "ada · ")
        night.use_token("1111-canary")
        night.see("The token refused the PIN.", "After a few wrong PINs a token locks itself.")
        said.append(everything_said(person.wizard))
        person.tab_to("token:pin")
        person.type(PIN)
        person.press("Ctrl+L")  # the console is locked: what was typed and read is gone
        night.see("The share of a holder", "Nothing chosen yet.")
        night.choose_share()
        night.see("1 share: ada")
        night.forward()
        choose_token(night, softhsm, "ada")
        night.use_token(PIN)
        night.see("The key fits. Nothing was sent yet.")
        said.append(everything_said(person.wizard))
        night.forward()
        night.send()
        night.close_recovered()
        person.go_to("Coordinator")
        person.will_choose(log)
        person.push("log:save")
        person.until(log.exists)
    secrets = {"PIN": PIN.encode(), "wrong PIN": b"1111-canary"}
    nothing_of_it_is_left(saved, secrets, where_it_may_be(home, said, log, capfd))


def choose_token(night, softhsm, label):
    """On the page of the key: the library by its file, then the token from the list."""
    night.person.tab_to("Where the key is:file")
    night.person.press("Right")
    night.see("Key on a token")
    night.person.until(lambda: not night.person.wizard.state.busy)
    night.person.will_choose(softhsm.module)
    night.person.push("token:other-module")
    night.see("The PIN is kept nowhere.")
    choose_in_list(night, "token:token", f"{label} · ")


def choose_in_list(night, name, start):
    """Move in a list by its arrow keys until what is wanted is chosen."""
    select = night.person.tab_to(name)
    wanted = next(at for at in range(select.count()) if select.itemText(at).startswith(start))
    for _ in range(select.count()):
        night.person.press("Up")
    for _ in range(wanted):
        night.person.press("Down")
    night.person.until(lambda: select.currentText().startswith(start))


@pytest.mark.usefixtures("older_api")
def test_one_holder_of_a_coordinator_with_the_older_api(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada")
    alien = tmp_path / "elsewhere.json"
    alien.write_bytes(
        recovery_file.encode({"ada": encrypt_to(key_of("ada").public_key(), SecretBytes(b"x" * 32))})
    )
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.open_wizard()
        night.see("0.4.0: one holder, without a signature")
        night.forward()
        night.choose_share()
        night.see("1 share: ada")
        night.forward()
        night.choose_key(keys.pem("bo"))
        night.see("The key is none of the recovery keys of the last known manifest")
        person.push("wizard:back")
        night.bring(keys.pem("ada"), share=alien)
        night.send()
        night.see("The coordinator refused the share of ada from elsewhere.json.", "0 of 1")
        night.forward()
        night.bring(keys.pkcs12("ada"), passphrase=PASSPHRASE)
        night.send()
        night.close_recovered()


def test_three_of_three_with_every_mishap(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada", "bo", "cy")
    alien = tmp_path / "elsewhere.json"
    alien.write_bytes(
        recovery_file.encode({"bo": encrypt_to(key_of("bo").public_key(), SecretBytes(b"x" * 32))})
    )
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.open_wizard()
        night.see("all 3 holders", "never practised")
        night.forward()
        a_wrong_key_and_a_wrong_share(night, keys, alien)
        night.bring(keys.pem("ada"))
        night.send()
        night.see("1 of 3", "2 more. This manifest needs all 3 holders.", "given", "keeps the 1 share")
        person.until_shown("1 of 3 shares given", within=person.shell)
        a_repeated_share(night, keys)
        a_share_of_another_coordinator(night, keys, alien)
        night.person.press("Escape")
        person.until(lambda: person.wizard is None)
        night.begin()  # the progress is still there
        night.bring(keys.der("bo"))
        night.see("1 of 3")
        night.send()
        night.see("2 of 3", "One more.")
        night.forward()
        night.see("Inputs of bo were purged at")
        night.bring(keys.traditional("cy"))
        night.send()
        night.close_recovered()


def a_wrong_key_and_a_wrong_share(night, keys, alien):
    night.choose_share()
    night.see("3 shares: ada, bo, cy")
    night.forward()
    night.choose_key(keys.pem("dot"))
    night.see(
        "The key is none of the recovery keys of the last known manifest", "The holders are ada, bo, cy."
    )
    night.choose_key(keys.locked("ada"))
    night.see("Type the passphrase")
    night.person.tab_to("recover:passphrase")
    night.person.type("four cows on a wire")
    night.person.press("Return")
    night.see("The passphrase does not open the key in ada.locked.pem.")
    assert night.person.wizard.findChild(QLineEdit, "recover:passphrase").text() == ""
    night.choose_key(night.saved)
    night.see("recovery-secrets.json cannot be used as a key")
    night.person.push("wizard:back")
    night.choose_share(keys.pem("ada"))
    night.see("The private key comes in the next step.")
    night.choose_share(alien)
    night.see("elsewhere.json: 1 share: bo")
    night.forward()
    night.choose_key(keys.pem("ada"))
    night.see("The key is that of ada, and elsewhere.json has a share for bo only.")
    night.person.push("wizard:back")


def a_repeated_share(night, keys):
    night.forward()
    night.choose_share()
    night.forward()
    night.choose_key(keys.pem("ada"))
    night.see("Encrypted for ada, who has given a share already.", "Not sent, not counted.")
    night.person.push("wizard:back")


def a_share_of_another_coordinator(night, keys, alien):
    night.bring(keys.pem("bo"), share=alien)
    night.send()
    night.see(
        "The coordinator refused the share of bo from elsewhere.json.",
        "1 of 3",
        "The secret is none of those",
    )


def test_two_of_three_although_the_coordinator_is_restarted_in_between(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada", "bo", "cy", threshold=2)
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.begin()
        night.bring(keys.pem("cy"))
        night.send()
        night.see(
            "1 of 2",
            "One more. This manifest needs any 2 of 3 holders.",
            "it counts keys, not what is needed",
        )
        os.kill(person.coordinator_process(), signal.SIGKILL)
        person.until_shown("Crashed", "The coordinator ended by itself")
        person.shell.findChild(Console).connections.local_coordinator().coordinator.start()
        night.see(
            "The situation",
            "The coordinator was restarted",
            "the 1 share given before is forgotten",
            "Simulated",
        )
        night.forward()
        for at, name in enumerate(("ada", "cy")):
            if at:
                night.forward()
            night.bring(keys.pem(name))
            night.see(f"{at} of 2")
            night.send()
        night.close_recovered()


@pytest.mark.usefixtures("older_api")
def test_the_older_api_is_restarted_before_the_one_holder_has_given_the_share(
    console, home, keys, saved, tmp_path
):
    path = write_manifest(tmp_path / "observatory.json", "ada")
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.begin()
        night.bring(keys.pem("ada"))
        os.kill(person.coordinator_process(), signal.SIGKILL)
        person.until_shown("Crashed", "The coordinator ended by itself")
        person.shell.findChild(Console).connections.local_coordinator().coordinator.start()
        night.see("The situation", "not given", "Simulated")
        night.forward()
        night.bring(keys.pem("ada"))
        night.send()
        night.close_recovered()


@pytest.mark.parametrize("api", ["newer", "older"])
def test_starting_over_keeps_a_copy_of_the_manifest_first(api, request, console, home, saved, tmp_path):
    if api == "older":
        request.getfixturevalue("older_api")
    path = write_manifest(tmp_path / "observatory.json", "ada")
    copy = tmp_path / "copy.json"
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        person.go_to("Overview")
        person.until_shown("0 of 1 shares given", "Last known manifest")
        person.will_choose(tmp_path / "last.json")
        with person.answering("Return") as told:
            person.push("overview:export")
        assert told[1] == "It was read back."
        assert (tmp_path / "last.json").read_bytes() == path.read_bytes()
        person.push("start-over")
        person.until(lambda: person.wizard)
        night.see(
            "What is lost for good",
            "As long as the one holder can still be reached, recover the state instead.",
        )
        night.forward()
        night.see("Keep a copy of the last known manifest")
        assert not person.wizard.primary.isEnabled()
        person.will_choose(copy)
        person.push("start-over:export")
        night.see("The copy was read back")
        assert copy.read_bytes() == path.read_bytes()
        night.forward()
        person.type("Local coordinato")
        assert not person.wizard.primary.isEnabled()
        person.type("r")
        night.forward()
        person.until(lambda: person.wizard is None)
        person.until_shown("copy.json", "No errors")
        person.press("Ctrl+Shift+D")
        person.until(lambda: person.wizard)
        person.walk_to("Confirm what is sent")
        night.see("The sealed state is given up")
        person.tab_to("deploy:name")
        person.type("Local coordinator")
        night.forward()
        night.see("0 of 1 recovery secrets saved")
        person.will_choose(saved)
        person.push("deploy:save-all")
        night.see("All recovery secrets are saved")
        person.push("wizard:forward")
        person.push("wizard:forward")
        person.until_shown("State 3 · Running")


def test_a_drill_a_backup_a_rehearsal_and_a_restored_state(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada", "bo")
    copies = tmp_path / "copies"
    copies.mkdir()
    left = home / "rehearsals" / "rehearsal-1-left"  # by a console that crashed
    left.mkdir(parents=True)
    (left / "sealed_data").write_bytes(b"a state")
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        person.go_to("Recovery")
        person.until_shown(
            "all 2 holders", "never practised", "0 of 2 holders that are needed have practised lately"
        )
        assert not left.exists()
        drill_them(night, keys)
        rehearse(night, keys)
        person.will_choose(copies)
        person.push("recovery:back-up")
        person.until_shown("and was read back. It holds the key in clear")
        (backup,) = copies.iterdir()
        assert {each.name for each in backup.iterdir()} >= {"sealed_data", "sealed_key"}
        assert {each.stat().st_mode & 0o777 for each in backup.iterdir()} == {0o600}
        (home / "coordinator" / "sealed_key").unlink()  # the coordinator goes on until it is restarted
        person.will_choose(backup)
        with person.answering("Tab", "Space") as asked:
            person.push("recovery:restore")
        assert "Put the copy in the place of the present state?" in asked
        person.until_shown("The copy is in place and was read back.", "What was there before is kept in")
        person.go_to("Overview")
        person.until_shown("State 3 · Running", "Manifest set", "1 of 2 passed")


def drill_them(night, keys):
    person = night.person
    person.push("party:ada:act")
    person.until(lambda: person.wizard)
    night.choose_share()
    night.see("2 shares: ada, bo")
    night.forward()
    night.choose_key(keys.locked("ada"))
    night.see("Type the passphrase")
    person.tab_to("recover:passphrase")
    person.type(PASSPHRASE)
    person.push("recover:check-key")
    night.see("The drill has passed", "32 bytes, as this manifest gives out", "ada can open the saved share")
    night.forward()
    person.until_shown("drill passed today", "1 of 2 holders that are needed has practised lately")
    person.push("party:bo:act")
    person.until(lambda: person.wizard)
    night.choose_share()
    night.forward()
    night.choose_key(keys.pem("ada"))
    night.see("The drill has not passed", "it is the key of ada")
    night.forward()
    person.until_shown("drill failed today", "The key is not that of bo.")


def rehearse(night, keys):
    person = night.person
    person.push("recovery:practise")
    person.until(lambda: person.wizard)
    night.see("Rehearse the recovery", "a copy of the state that has lost its key")
    night.forward()
    for at, name in enumerate(("bo", "ada")):
        if at:
            night.forward()
        night.bring(keys.pem(name))
        night.send()
    night.see("The rehearsal has passed", "the one from before", "state 3, running")
    night.forward()
    person.until(lambda: person.wizard is None)
    person.until_shown("passed today", "State 3 · Running")
    person.until(lambda: not list((night.home / "rehearsals").iterdir()))
