"""Holders whose keys stay on a machine without a connection: requests and answers as files and QR codes."""

import pytest
from PySide6.QtWidgets import QLabel

from tests.fakes.holders import PASSPHRASE, write_manifest
from tests.fakes.night import Night

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("older_api")
def test_an_offline_holder_of_a_coordinator_with_the_older_api_is_told_that_the_answer_is_open(
    console, home, keys, saved, tmp_path
):
    path = write_manifest(tmp_path / "observatory.json", "ada")
    request, answer = tmp_path / "request.json", tmp_path / "answer.png"
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        code = ask_offline(night, request, "save")
        said = "not encrypted: the coordinator offers no key"
        answer_offline(night, request, answer, "picture", code, keys.locked("ada"), said=said)
        take_back(night, answer)
        night.see("decrypted by an offline machine, from answer.png")
        night.send()
        night.close_recovered()


def test_holders_whose_keys_stay_offline_answer_by_file_and_by_qr_code(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada", "bo")
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        for at, (name, kind, save) in enumerate((("ada", "json", "save"), ("bo", "png", "picture"))):
            request, answer = tmp_path / f"{name}-request.{kind}", tmp_path / f"{name}-answer.{kind}"
            code = ask_offline(night, request, save)
            answer_offline(night, request, answer, save, code, keys.locked(name))
            take_back(night, answer)
            night.see(f"{at} of 2", f"encrypted to the coordinator by an offline machine, from {answer.name}")
            night.send()
            if at == 0:
                night.see("1 of 2")
                the_same_answer_again(night, answer)
        night.close_recovered()


def choose_offline(night):
    night.person.tab_to("How the share comes:saved")
    night.person.press("Right")


def ask_offline(night, request, save):
    """Make a request and carry it away; gives the code that both screens show."""
    person = night.person
    night.begin()
    choose_offline(night)
    person.push("recover:make-request")
    night.see("The offline desk shows this code")
    code = person.wizard.findChild(QLabel, "recover:request:code").text()
    person.will_choose(request)
    person.push(f"recover:request:{save}")
    night.see("Saved as")
    person.push("wizard:leave")
    person.until(lambda: person.wizard is None)
    return code


SEALED = "encrypted to the coordinator: nobody on the way can read it"


def answer_offline(night, request, answer, save, code, key, *, said=SEALED):
    """What the holder does at the desk, on a machine that could be another one."""
    person = night.person
    person.go_to("Recovery")
    person.push("recovery:offline")
    person.until(lambda: person.wizard)
    night.see("This machine needs no connection, and is best without one.")
    person.will_choose(request)
    person.push("offline:choose-request")
    night.see(said, code)
    assert not person.wizard.primary.isEnabled()
    person.push("offline:compared")
    night.forward()
    night.choose_share()
    night.see("ada")
    night.forward()
    night.choose_key(key)
    night.see("Type the passphrase of the key")
    person.tab_to("recover:passphrase")
    person.type(PASSPHRASE)
    person.push("recover:check-key")
    night.see("The answer for the online machine")
    person.will_choose(answer)
    person.push(f"offline:answer:{save}")
    night.see("Saved as")
    night.forward()
    person.until(lambda: person.wizard is None)


def take_back(night, answer):
    night.begin()
    choose_offline(night)
    night.person.will_choose(answer)
    night.person.push("recover:choose-answer")
    night.see("the answer of")
    night.forward()


def the_same_answer_again(night, answer):
    night.forward()
    choose_offline(night)
    night.person.will_choose(answer)
    night.person.push("recover:choose-answer")
    night.see("Encrypted for ada, who has given a share already.")
    night.person.push("wizard:leave")
    night.person.until(lambda: night.person.wizard is None)


def test_the_offline_desk_opens_where_nothing_is_connected_and_nothing_is_known(console, home, saved):
    with console() as person:
        person.until_shown("Start a local coordinator")
        person.push("welcome:offline")
        person.until(lambda: person.wizard)
        night = Night(person, home, saved)
        night.see("This machine needs no connection, and is best without one.", "Choose the request")
        person.will_choose(__file__)
        person.push("offline:choose-request")
        night.see("is no picture that can be read.")
        person.press("Escape")
        person.until(lambda: person.wizard is None)
