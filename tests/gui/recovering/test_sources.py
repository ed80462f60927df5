"""A holder's key on a token: which of its keys is used, what is said when none can be, and what is left of the PIN."""

import pytest

from marble_client.tokens import KeyUnusable, PinRefused, TokenGone, TokenInfo, list_tokens
from marble_console.recovering import modules, sources
from marble_console.recovering.errors import KeyUnreadable, RepeatedShare, WrongShare
from marble_console.recovering.modules import find_modules, module_name
from marble_console.recovering.opening import open_share
from marble_console.recovering.shares import SavedShare, SavedShares
from marble_console.recovering.sources import KeyFile, KeyOnToken
from marble_core.recovery import Contribution, encrypt_to, is_signed_by
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import KeyFiles, key_of
from tests.fakes.softhsm import PIN

SECRET = SecretBytes(b"s" * 32)


def on_token(softhsm, label, **how):
    token = next(each for each in list_tokens(softhsm.module) if each.label == label)
    return KeyOnToken(softhsm.module, token, **how)


def pin(text=PIN):
    return SecretBytes(text.encode())


def shares(*names):
    return SavedShares(
        "secrets.json",
        tuple(SavedShare(name, encrypt_to(key_of(name).public_key(), SECRET)) for name in names),
    )


def test_the_key_that_fits_is_found_on_the_token(softhsm):
    share = on_token(softhsm, "ada").use(pin(), lambda key: open_share(shares("bo", "ada"), key))
    assert share.holder == "ada"
    assert share.sent.same_as(SECRET)
    assert is_signed_by(key_of("ada").public_key(), Contribution(SECRET, share.signature))


def test_keys_of_the_holders_are_tried_first(softhsm):
    tried = []
    wanted = sources.fingerprint(key_of("old key").public_key())
    on_token(softhsm, "ada", first={wanted}).use(
        pin(), lambda key: tried.append(sources.fingerprint(key.public))
    )
    assert tried == [wanted]


def test_a_token_whose_keys_open_nothing_says_what_the_first_key_says(softhsm):
    with pytest.raises(WrongShare, match=r"The key opens nothing in secrets\.json"):
        on_token(softhsm, "ada").use(pin(), lambda key: open_share(shares("bo"), key))


def test_a_share_that_was_given_is_told_although_another_key_was_tried_first(softhsm):
    tried = []

    def open_again(key):
        tried.append(sources.fingerprint(key.public))
        return open_share(shares("vault"), key, None, given)

    share = on_token(softhsm, "holder").use(pin(), lambda key: open_share(shares("vault"), key))
    given = {share.digest: "vault"}
    with pytest.raises(RepeatedShare):
        on_token(softhsm, "holder").use(pin(), open_again)
    assert tried[0] == sources.fingerprint(key_of("spare").public_key())


def test_a_token_without_keys_is_told(softhsm):
    with pytest.raises(KeyUnreadable, match="The token “empty” has no key"):
        on_token(softhsm, "empty").use(pin(), lambda key: key)


def test_the_pin_is_wiped_whether_it_is_right_or_wrong(softhsm):
    for text in (PIN, "1111-canary"):
        typed = pin(text)
        try:
            on_token(softhsm, "ada").use(typed, lambda key: key)
        except PinRefused as error:
            assert "canary" not in f"{error!r} {error.sentence} {error.hint}"  # noqa: PT017 # both ways are looked at
        assert text.encode() not in typed.reveal()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"last_try": True}, "One try is left"),
        ({"locked": True}, "Unlock it with the vendor's program"),
        ({}, "After a few wrong PINs"),
    ],
)
def test_how_many_tries_are_left_is_told_where_the_token_tells_it(softhsm, monkeypatch, flags, said):
    source = on_token(softhsm, "ada")
    now = TokenInfo(source.token.slot, "ada", "", "", **flags)
    monkeypatch.setattr(sources, "list_tokens", lambda _: (now,))
    with pytest.raises(PinRefused) as caught:
        source.use(pin("1111"), lambda key: key)
    assert said in caught.value.hint


def test_a_token_that_is_gone_is_told(softhsm):
    gone = KeyOnToken(softhsm.module, TokenInfo(99, "gone", "", ""))
    with pytest.raises(TokenGone):
        gone.use(pin(), lambda key: key)


def test_a_key_file_wipes_its_passphrase_and_its_content(tmp_path):
    files = KeyFiles(tmp_path)
    source = KeyFile.read(files.locked("ada"))
    word = SecretBytes(b"four crows on a wire")
    assert source.use(word, lambda key: key.public) == key_of("ada").public_key()
    assert set(word.reveal()) <= {0}
    source.wipe()
    assert "PRIVATE" not in repr(source)


def test_libraries_are_found_and_named(softhsm):
    assert softhsm.module.resolve() in [module.resolve() for module in find_modules()]
    assert module_name(softhsm.module) == "SoftHSM · libsofthsm2.so"


def test_libraries_on_the_list_of_p11_kit_are_found_by_name_and_by_path(tmp_path, monkeypatch):
    listed, libraries = tmp_path / "modules", tmp_path / "lib"
    listed.mkdir()
    libraries.mkdir()
    for name in ("card.so", "hsm.so", "p11-kit-trust.so"):
        (libraries / name).write_bytes(b"")
    (listed / "card.module").write_text("# of the vendor\nmodule: card.so\n", encoding="utf-8")
    (listed / "hsm.module").write_text(f"module: {libraries / 'hsm.so'}\npriority: 1\n", encoding="utf-8")
    (listed / "p11-kit-trust.module").write_text("module: p11-kit-trust.so\n", encoding="utf-8")
    (listed / "broken.module").write_bytes(b"module: \xff\n")
    monkeypatch.setattr(modules, "_P11_KIT", (listed, tmp_path / "nowhere"))
    monkeypatch.setattr(modules, "_here", lambda: ((libraries,), ".so"))
    assert [module.name for module in find_modules()] == ["card.so", "hsm.so"]


def test_a_key_that_may_not_sign_is_told(softhsm, monkeypatch):
    def refuse(*_):
        raise KeyUnusable("The token does not let this key do what is needed.")

    monkeypatch.setattr(sources.UnlockedToken, "sign", refuse)
    with pytest.raises(KeyUnusable):
        on_token(softhsm, "ada").use(pin(), lambda key: open_share(shares("ada"), key))
