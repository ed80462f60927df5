"""Private keys on a PKCS #11 token: smart cards, USB tokens, HSMs (OASIS PKCS #11 2.40 and 3.0).

A holder's recovery key may live there: `UnlockedToken` decrypts a recovery secret and signs it, and the key never leaves
the token. Client certificates cannot be used so: Python's TLS takes keys from memory or files only.

The vendor's library runs in this process, and calls into it may block for as long as the token takes: call on a worker
thread. Calls are made one at a time, because not every library can stand more. PINs are kept nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from marble_core import recovery
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes

if TYPE_CHECKING:
    import pkcs11


class _PrivateKey(Protocol):
    """What the library gives for an RSA private key, by its attributes; its own types do not tell."""

    def __getitem__(self, attribute: pkcs11.Attribute) -> Any: ...

    def decrypt(self, data: bytes, **how: object) -> bytes: ...

    def sign(self, data: bytes, **how: object) -> bytes: ...


_EXPONENT = 65_537
_LARGEST_KEY = 16_384  # bits
_calls: Final = threading.RLock()


class TokenError(MarbleError):
    """A token or its library cannot do what was asked. Nothing on it was changed."""

    code = "token_failed"


class ModuleUnusable(TokenError):
    """The file is no PKCS #11 library that works here."""

    code = "token_module_unusable"


class TokenGone(TokenError):
    """The token is not there any more."""

    code = "token_gone"


class PinRefused(TokenError):
    """The PIN is wrong, or the token takes none any more."""

    code = "token_pin_refused"


class KeyUnusable(TokenError):
    """The key is not there, or the token does not let it do this."""

    code = "token_key_unusable"


class NotForThisKey(TokenError):
    """What should be decrypted was not encrypted to this key."""

    code = "not_for_this_key"


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token in a slot. The texts are the token's own: show them as text, never trust them."""

    slot: int
    label: str
    serial: str
    model: str
    has_pin_pad: bool = False
    last_try: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class TokenKey:
    """An RSA private key on a token, with its public half (DER, SubjectPublicKeyInfo)."""

    label: str
    id: bytes
    bits: int
    public_der: bytes = field(repr=False)

    @property
    def public(self) -> RSAPublicKey:
        key = load_der_public_key(self.public_der)
        if not isinstance(key, RSAPublicKey):
            raise TypeError("tokens are asked for RSA keys only")
        return key


def list_tokens(module: Path) -> tuple[TokenInfo, ...]:
    """The initialised tokens that a library sees now, by slot. Raises ModuleUnusable, TokenError."""
    with _explained():
        return tuple(_info(slot.slot_id, token) for slot, token in _tokens(module))


@contextmanager
def unlocked(module: Path, slot: int, pin: SecretBytes | None) -> Iterator[UnlockedToken]:
    """Log in for the length of the context; without a PIN the token's own pin pad asks for it.

    Raises ModuleUnusable, TokenGone, PinRefused, TokenError.
    """
    import pkcs11  # noqa: PLC0415  loads native code that most never need

    with _calls:
        with _explained():
            token = next((token for found, token in _tokens(module) if found.slot_id == slot), None)
            if token is None:
                raise TokenGone(
                    "The token was removed.", hint="Insert it again, and choose it from the list."
                )
            session = token.open(user_pin=pkcs11.PROTECTED_AUTH if pin is None else _text(pin))
        try:
            yield UnlockedToken(session)
        finally:
            with _explained():
                session.close()


class UnlockedToken:
    """A token that has accepted its PIN. Made by `unlocked`."""

    def __init__(self, session: pkcs11.Session) -> None:
        self._session = session

    def list_keys(self) -> tuple[TokenKey, ...]:
        """The RSA private keys whose public half can be told, in order of their labels. Raises TokenError."""
        with _explained():
            found = (_key(key) for key in self._private_keys({}))
            return tuple(sorted(filter(None, found), key=lambda key: (key.label, key.id)))

    def decrypt(self, key: TokenKey, encrypted: bytes) -> SecretBytes:
        """What was encrypted to a key by RSA-OAEP with SHA-256, no label (spec: multi-party.md, section 2).

        Raises NotForThisKey, KeyUnusable, TokenGone, TokenError.
        """
        import pkcs11  # noqa: PLC0415  as above

        # Tokens say "general error" to a number that is too large for the key.
        modulus = key.public.public_numbers().n
        if len(encrypted) != (key.bits + 7) // 8 or int.from_bytes(encrypted) >= modulus:
            raise _not_for(key)
        private = self._private(key)
        oaep = (pkcs11.Mechanism.SHA256, pkcs11.MGF.SHA256, None)
        with _explained():
            try:
                mechanism = pkcs11.Mechanism.RSA_PKCS_OAEP
                return SecretBytes(private.decrypt(encrypted, mechanism=mechanism, mechanism_param=oaep))
            except (pkcs11.EncryptedDataInvalid, pkcs11.EncryptedDataLenRange) as error:
                raise _not_for(key) from error
            except (
                pkcs11.ArgumentsBad,
                pkcs11.MechanismInvalid,
                pkcs11.MechanismParamInvalid,
                pkcs11.FunctionFailed,
            ):
                # Many tokens know OAEP with SHA-1 only; what they all do is the bare RSA operation.
                padded = private.decrypt(encrypted, mechanism=pkcs11.Mechanism.RSA_X_509)
        return _without_padding(padded, key)

    def sign(self, key: TokenKey, message: SecretBytes) -> bytes:
        """RSA PKCS #1 v1.5 with SHA-256 over the message (spec: multi-party.md, section 3).

        Raises KeyUnusable, TokenGone, TokenError.
        """
        import pkcs11  # noqa: PLC0415  as above

        private = self._private(key)
        with _explained():
            return bytes(private.sign(message.reveal(), mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))

    def _private(self, key: TokenKey) -> _PrivateKey:
        import pkcs11  # noqa: PLC0415  as above

        with _explained():
            for candidate in self._private_keys({pkcs11.Attribute.ID: key.id}):
                if _key(candidate) == key:
                    return candidate
        raise KeyUnusable(f"The token has no key “{key.label}” any more.", hint="List its keys again.")

    def _private_keys(self, attributes: dict[pkcs11.Attribute, object]) -> list[_PrivateKey]:
        import pkcs11  # noqa: PLC0415  as above

        wanted = {
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY,
            pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.RSA,
            **attributes,
        }
        # Tokens can search for one object at a time only, so the search ends before a key is used.
        return [cast("_PrivateKey", found) for found in self._session.get_objects(wanted)]


def _tokens(module: Path) -> list[tuple[pkcs11.Slot, pkcs11.Token]]:
    import pkcs11  # noqa: PLC0415  as above

    try:
        library = pkcs11.lib(str(module))
    except (pkcs11.PKCS11Error, OSError) as error:
        raise ModuleUnusable(
            f"{module.name} is no PKCS #11 library that works here.",
            hint="Choose the library that came with the token; its name ends in .so, .dylib or .dll.",
        ) from error
    found = []
    for slot in library.get_slots(token_present=True):
        token = slot.get_token()
        if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags:
            found.append((slot, token))
    return found


def _text(pin: SecretBytes) -> str:
    try:
        return pin.reveal().decode()
    except UnicodeDecodeError:
        raise PinRefused("The PIN is no UTF-8 text.", hint="Type it again.") from None


def _info(slot: int, token: pkcs11.Token) -> TokenInfo:
    import pkcs11  # noqa: PLC0415  as above

    flags = token.flags
    return TokenInfo(
        slot,
        token.label,
        token.serial.decode("utf-8", "replace"),
        token.model,
        has_pin_pad=pkcs11.TokenFlag.PROTECTED_AUTHENTICATION_PATH in flags,
        last_try=pkcs11.TokenFlag.USER_PIN_FINAL_TRY in flags,
        locked=pkcs11.TokenFlag.USER_PIN_LOCKED in flags,
    )


def _key(private: _PrivateKey) -> TokenKey | None:
    """What is to be known of a private key; None when the token does not tell its public half."""
    import pkcs11  # noqa: PLC0415  as above

    try:
        modulus = int.from_bytes(private[pkcs11.Attribute.MODULUS])
        exponent = int.from_bytes(private[pkcs11.Attribute.PUBLIC_EXPONENT])
        label, key_id = str(private[pkcs11.Attribute.LABEL]), bytes(private[pkcs11.Attribute.ID])
        if modulus.bit_length() > _LARGEST_KEY:
            return None
        public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except (pkcs11.PKCS11Error, ValueError):
        return None
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return TokenKey(label, key_id, public.key_size, der)


def _without_padding(padded: bytes, key: TokenKey) -> SecretBytes:
    """Take OAEP off what the bare RSA operation gave. OpenSSL does it: the number is encrypted anew, bare as it is, to a
    throw-away key of the same size, which then decrypts it with all checks of the padding.
    """
    ours = rsa.generate_private_key(_EXPONENT, key.bits)
    public = ours.public_key().public_numbers()
    number = int.from_bytes(padded)
    if number >= public.n:  # padding begins with a zero byte, so this is none
        raise _not_for(key)
    try:
        return recovery.decrypt(ours, pow(number, public.e, public.n).to_bytes(len(padded)))
    except ValueError as error:
        raise _not_for(key) from error


def _not_for(key: TokenKey) -> NotForThisKey:
    return NotForThisKey(
        f"It was not encrypted to the key “{key.label}”.", hint="Choose another key, or another file."
    )


@contextmanager
def _explained() -> Iterator[None]:
    """One call at a time, and what the library says as one of our errors."""
    import pkcs11  # noqa: PLC0415  as above

    with _calls:
        try:
            yield
        except pkcs11.PinLocked as error:
            raise PinRefused(
                "The token is locked: too many wrong PINs.",
                hint="Unlock it with the vendor's program and the PUK or the security officer's PIN.",
            ) from error
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
            raise PinRefused(
                "The token refused the PIN.",
                hint="Type it again. After a few wrong PINs a token locks itself.",
            ) from error
        except (
            pkcs11.DeviceRemoved,
            pkcs11.SessionClosed,
            pkcs11.SessionHandleInvalid,
            pkcs11.SlotIDInvalid,
            pkcs11.TokenNotPresent,
        ) as error:
            raise TokenGone("The token was removed.", hint="Insert it again, and start again.") from error
        except (
            pkcs11.FunctionNotSupported,
            pkcs11.KeyHandleInvalid,
            pkcs11.KeyTypeInconsistent,
            pkcs11.MechanismInvalid,
        ) as error:
            raise KeyUnusable(
                f"The token does not let this key do what is needed ({type(error).__name__}).",
                hint="The key must be an RSA key that may decrypt and sign.",
            ) from error
        except pkcs11.PKCS11Error as error:
            raise TokenError(
                f"The token failed ({type(error).__name__}).", hint="Its library says no more."
            ) from error
