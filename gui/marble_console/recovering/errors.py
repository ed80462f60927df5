"""Why a share, a key or a packet does not help, each with a sentence that names the file and the holder."""

from __future__ import annotations

from marble_core.errors import MarbleError


class RecoveringError(MarbleError):
    """Anything that keeps a holder from giving a share. Nothing was sent."""

    code = "recovering"


class SharesUnreadable(RecoveringError):
    """The file or text holds no saved share."""

    code = "shares_unreadable"


class KeyUnreadable(RecoveringError):
    """The file holds no private key that can be used."""

    code = "key_unreadable"


class PassphraseNeeded(RecoveringError):
    """The key is encrypted, and no passphrase was given."""

    code = "passphrase_needed"


class PassphraseWrong(RecoveringError):
    """The passphrase does not open the key."""

    code = "passphrase_wrong"


class WrongShare(RecoveringError):
    """Share and key do not belong together, or not to this coordinator. `holder` is whose key or entry it is, if known."""

    code = "wrong_share"

    def __init__(self, sentence: str, *, hint: str, holder: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.holder = holder


class RepeatedShare(WrongShare):
    """The share was given already."""

    code = "repeated_share"
