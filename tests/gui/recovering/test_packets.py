"""What goes to a machine without a connection and comes back: bent on the way, it is refused."""

import base64
import datetime as dt
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from marble_console.recovering.errors import RepeatedShare, WrongShare
from marble_console.recovering.keys import FileKey, fingerprint
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.opening import Where
from marble_console.recovering.packets import (
    PacketUnreadable,
    make_answer,
    make_request,
    read_request,
    take_answer,
)
from marble_console.recovering.shares import SavedShare, SavedShares
from marble_console.widgets.qr import LONGEST, NoQrCode, qr_image, read_qr, save_qr
from marble_core.recovery import Contribution, decrypt, encrypt_to, is_signed_by
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import key_of, public_pem

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
ROOT = "ab" * 32
KNOWN = Deployment(
    "f7" * 32, tuple(Holder.of(name, public_pem(name)) for name in ("ada", "bo")), 0, "", b"", NOON
)
SECRET = SecretBytes(b"s" * 32)
EPHEMERAL = rsa.generate_private_key(65537, 2048)


def saved(name="ada"):
    share = SavedShare(name, encrypt_to(key_of(name).public_key(), SECRET))
    return SavedShares("secrets.json", (share,))


def request(*, sealed=True, share=None):
    key = EPHEMERAL.public_key() if sealed else None
    return make_request("ferry", "ferry.example:4433", ROOT, KNOWN, key, share, NOON)


def answer(name="ada", **how):
    return make_answer(request(**how), saved(name), FileKey(key_of(name)))


def test_a_request_says_who_asks_and_both_sides_see_the_same_code():
    share = saved().entries[0]
    made = request(share=share)
    read = read_request(made.text)
    assert (read, read.share) == (made, share)
    assert (read.name, read.address, read.root, read.manifest) == (
        "ferry",
        "ferry.example:4433",
        ROOT,
        "f7" * 32,
    )
    assert read.code == made.code
    assert request().code != made.code


def test_an_answer_is_encrypted_to_the_coordinator_and_signed_by_its_holder():
    made = answer()
    taken = take_answer(made.text, "answer.json", ROOT, KNOWN)
    assert (taken.holder, taken.where) == ("ada", Where.OFFLINE)
    plain = decrypt(EPHEMERAL, taken.sent.reveal())
    assert plain.same_as(SECRET)
    assert is_signed_by(key_of("ada").public_key(), Contribution(plain, taken.signature))
    assert made.is_sealed
    assert base64.b64encode(SECRET.reveal()).decode() not in made.text


def test_without_a_key_of_the_coordinator_the_answer_says_that_it_is_open():
    made = answer(sealed=False)
    assert not made.is_sealed
    assert take_answer(made.text, "x", ROOT, KNOWN).sent.same_as(SECRET)


def bent(text, **changes):
    return json.dumps(json.loads(text) | changes)


@pytest.mark.parametrize(
    "changes",
    [{"root": "cd" * 32}, {"name": "another"}, {"key": json.loads(answer().text)["public"]}, {"signature": ""},
     {"signer": "AAAA"}, {"share": "AAAA"}, {"version": 2}, {"type": "x"}, {"id": 5}, {"made": "today"}],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_a_request_that_was_changed_on_the_way_is_refused(changes):
    with pytest.raises(PacketUnreadable) as caught:
        read_request(bent(request().text, **changes))
    assert caught.value.hint


@pytest.mark.parametrize(
    "changes",
    [{"secret": "AAAA"}, {"proof": "AAAA"}, {"holder": "bo"}, {"sealed": False}, {"signature": "AAAA"},
     {"public": "AAAA"}, {"root": 7}, {"secret": 5}],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_an_answer_that_was_changed_on_the_way_is_refused(changes):
    with pytest.raises(PacketUnreadable):
        take_answer(bent(answer().text, **changes), "x", ROOT, KNOWN)


def test_an_answer_for_another_start_of_the_coordinator_is_refused():
    with pytest.raises(WrongShare, match="another start"):
        take_answer(answer().text, "x", "cd" * 32, KNOWN)


def test_an_answer_by_a_key_that_is_not_in_the_manifest_is_refused():
    with pytest.raises(WrongShare, match="none of the recovery keys"):
        take_answer(answer("dot").text, "x", ROOT, KNOWN)
    assert take_answer(answer("dot").text, "x", ROOT, None).holder == "dot"


def test_an_answer_of_a_holder_who_has_given_is_refused():
    given_ = {fingerprint(key_of("ada").public_key()): "ada"}
    with pytest.raises(RepeatedShare, match="ada"):
        take_answer(answer().text, "x", ROOT, KNOWN, given_)


def test_a_request_is_no_answer_and_an_answer_no_request():
    with pytest.raises(PacketUnreadable, match="an answer is wanted"):
        take_answer(request().text, "x", ROOT, KNOWN)
    with pytest.raises(PacketUnreadable, match="a request is wanted"):
        read_request(answer().text)


@given(
    st.text(max_size=300)
    | st.dictionaries(st.text(max_size=9), st.integers() | st.text(max_size=9)).map(json.dumps)
)
def test_any_text_is_a_packet_or_an_error_with_a_sentence(text):
    for read in (read_request, lambda each: take_answer(each, "x", ROOT, KNOWN)):
        with pytest.raises(PacketUnreadable) as caught:
            read(text)
        assert caught.value.sentence.endswith(".")


def test_a_packet_shows_nothing_of_itself():
    made = answer(sealed=False)
    assert base64.b64encode(SECRET.reveal()).decode() not in repr(made)
    assert "signer" not in repr(request())


# QR codes


@pytest.mark.parametrize(
    "make", [lambda: request(share=saved().entries[0]), answer], ids=["request", "answer"]
)
def test_a_packet_goes_through_a_picture(qapp, tmp_path, make):
    text = make().text
    assert read_qr(save_qr(text, tmp_path / "packet.png")) == text


def test_a_packet_that_fits_no_code_is_carried_as_a_file(qapp, tmp_path):
    assert qr_image("x" * LONGEST) is not None
    assert qr_image("x" * (LONGEST + 100)) is None
    with pytest.raises(NoQrCode, match="cannot be written"):
        save_qr("x" * 5000, tmp_path / "x.png")


def test_pictures_without_a_code_are_told(qapp, tmp_path):
    (tmp_path / "no.png").write_bytes(b"no picture")
    with pytest.raises(NoQrCode, match="no picture"):
        read_qr(tmp_path / "no.png")
    blank = qr_image("hello", 4)
    blank.fill(0xFFFFFFFF)
    blank.save(str(tmp_path / "blank.png"))
    with pytest.raises(NoQrCode, match="There is no QR code"):
        read_qr(tmp_path / "blank.png")


def test_known_holders_are_named_by_their_key():
    renamed = replace(KNOWN, holders=(Holder.of("Ada of the ferry", public_pem("ada")),))
    assert take_answer(answer().text, "x", ROOT, renamed).holder == "Ada of the ferry"
