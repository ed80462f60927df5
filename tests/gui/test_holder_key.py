"""A holder's key in the wizards: file or token, and what is forgotten when."""

import datetime as dt

import pytest

from marble_client.address import Address
from marble_client.tokens import TokenInfo, list_tokens
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.pages.drill.presenter import Draft as DrillDraft
from marble_console.pages.drill.presenter import DrillPresenter
from marble_console.pages.holder import presenter as holder_presenter
from marble_console.pages.holder.composing import key_page
from marble_console.pages.holder.state import KeyChoice, Place
from marble_console.pages.offline.presenter import ANSWER, KEY, OfflinePresenter
from marble_console.recovering.packets import make_request, take_answer
from marble_console.tasks import InlineRunner
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import KeyFiles, key_of
from tests.fakes.softhsm import PIN
from tools.recovery_scenes import _saved, known_before

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
ROOT = "ab" * 32


class View:
    """Counts how often it was told to empty its fields."""

    def __init__(self):
        self.emptied = 0

    def show_state(self, wizard, pages): ...

    def finish(self): ...

    def forget_inputs(self):
        self.emptied += 1


def refused(*_):
    raise AssertionError("no picture here")


@pytest.fixture
def desk(tmp_path):
    """The offline desk at the page of the key, with a request for ada, and its view."""
    desk = OfflinePresenter(InlineRunner(), clock=lambda: NOON, read_picture=refused, save_picture=refused)
    view = View()
    desk.attach(view)
    request = tmp_path / "request.json"
    key = key_of("a coordinator").public_key()
    request.write_text(make_request("ferry", "ferry.example:4433", ROOT, None, key, None, NOON).text)
    desk.choose_request(request)
    desk.compare(compared=True)
    desk.forward()
    desk.choose_shares(_saved(tmp_path, ["ada"]))
    desk.forward()
    assert desk.step == KEY
    return desk, view


def test_a_token_answers_at_the_offline_desk(desk, softhsm, monkeypatch):
    desk, view = desk
    monkeypatch.setattr(holder_presenter, "find_modules", lambda: (softhsm.module,))
    desk.choose_place(Place.TOKEN)  # the only library is taken at once
    assert desk.draft.key.module == softhsm.module
    desk.choose_token(next(each.slot for each in desk.draft.key.tokens if each.label == "ada"))
    wrong, right = SecretBytes(b"1111"), SecretBytes(PIN.encode())
    desk.use_token(wrong)
    assert desk.draft.problem.code == "token_pin_refused"
    before = view.emptied
    desk.use_token(right)
    assert desk.step == ANSWER
    assert view.emptied > before
    assert take_answer(desk.draft.answer.text, "answer.json", ROOT, None).key_fingerprint
    assert set(right.reveal()) | set(wrong.reveal()) <= {0}


def test_a_library_that_cannot_be_loaded_and_one_that_sees_no_token_are_told(desk, tmp_path, monkeypatch):
    desk, _ = desk
    monkeypatch.setattr(holder_presenter, "find_modules", lambda: ())
    desk.choose_place(Place.TOKEN)
    assert "No library of a known kind" in key_page(desk.draft).token.said
    module = tmp_path / "card.so"
    module.write_bytes(b"no library")
    desk.choose_module(module)
    assert desk.draft.problem.sentence == "card.so is no PKCS #11 library that works here."
    monkeypatch.setattr(holder_presenter, "list_tokens", lambda _: ())
    desk.look_for_tokens()
    part = key_page(desk.draft).token
    assert (part.said, part.asks_pin) == ("This library sees no token. Insert it, and look again.", False)


@pytest.mark.parametrize(
    ("flags", "asks_pin", "pad", "said"),
    [
        ({"locked": True}, False, False, "This token is locked"),
        ({"last_try": True}, True, False, "One try is left"),
        ({"has_pin_pad": True}, False, True, "found on the token"),
    ],
)
def test_what_a_token_tells_of_itself_decides_what_is_asked(desk, tmp_path, flags, asks_pin, pad, said):
    desk, _ = desk
    key = KeyChoice(
        Place.TOKEN,
        module=tmp_path / "card.so",
        tokens=(TokenInfo(1, "card\nof ada", "", "", **flags),),
        slot=1,
    )
    desk._update(key=key)  # what no token here can be made to say
    part = key_page(desk.draft).token
    assert (part.asks_pin, part.has_pin_pad) == (asks_pin, pad)
    assert said in part.said


def test_locking_forgets_the_key_file_and_the_answer_that_it_gave(desk, tmp_path):
    desk, view = desk
    desk.choose_key(KeyFiles(tmp_path).locked("ada"))
    assert desk.draft.key.asks_passphrase
    file = desk._file  # the secret itself is looked at
    before = view.emptied
    desk.lock()
    assert view.emptied > before
    assert (desk.draft.key.asks_passphrase, desk.draft.key.source, desk.draft.answer) == (False, "", None)
    assert b"PRIVATE" not in file._content.reveal()  # as above
    word = SecretBytes(b"four crows on a wire")
    desk.check_key(word)
    assert set(word.reveal()) <= {0}


def test_a_token_that_was_taken_out_is_told(desk, softhsm, monkeypatch):
    desk, _ = desk
    monkeypatch.setattr(holder_presenter, "find_modules", lambda: ())
    desk.choose_place(Place.TOKEN)
    desk.choose_module(softhsm.module)
    slot = max(token.slot for token in list_tokens(softhsm.module)) + 1
    gone = (TokenInfo(slot, "gone", "", ""),)
    desk._tokens_found(gone)  # seen a moment ago
    desk.use_token(SecretBytes(PIN.encode()))
    assert desk.draft.problem.code == "token_gone"


def test_locking_at_the_answer_takes_it_back(desk, tmp_path):
    desk, _ = desk
    desk.choose_key(KeyFiles(tmp_path).pem("ada"))
    assert desk.step == ANSWER
    desk.lock()
    assert (desk.step, desk.draft.answer) == (KEY, None)
    desk.choose_key(KeyFiles(tmp_path).pem("ada"))
    assert desk.step == ANSWER


def test_locking_leaves_the_result_of_a_drill(tmp_path):
    known = known_before(NOON)
    holder = known.holders[0]
    profile = Profile("ferry", Kind.REMOTE, Address("ferry.example", 4433), NOON)
    kept = []
    drill = DrillPresenter(
        DrillDraft(profile, holder, known), InlineRunner(), None, keep=kept.append, clock=lambda: NOON
    )
    drill.attach(View())
    drill.choose_shares(_saved(tmp_path, [holder.name]))
    drill.forward()
    drill.choose_key(KeyFiles(tmp_path).pem(holder.name))
    drill.lock()
    assert (drill.step, drill.draft.drilled.passed) == ("result", True)
    assert kept[0].passed
