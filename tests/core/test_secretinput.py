"""Keys as people paste them."""

import base64

import pytest

from marble_core.secretinput import InputRefused, key_from_file, key_from_text

KEY = bytes(range(240, 256))


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        f"0x{KEY.hex()}",
        f"0X{KEY.hex().upper()}\n",
        KEY.hex(":"),
        f"\ufeff{KEY.hex()}",
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
    ],
)
def test_a_key_is_read_as_it_is_written_elsewhere(text):
    assert key_from_text(text, 128).reveal() == KEY
    assert key_from_file(text.encode(), 128).reveal() == KEY


def test_a_key_of_another_length_is_told_by_its_own_bits():
    with pytest.raises(InputRefused, match="The key has 120 bits, and 128 are needed"):
        key_from_text(f"0x{KEY[1:].hex()}", 128)
