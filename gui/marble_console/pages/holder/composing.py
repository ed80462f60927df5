"""What is said of a holder's share and key, the same in every wizard. Pure functions; no Qt."""

from __future__ import annotations

from marble_client.tokens import TokenInfo
from marble_console.pages.holder.state import HolderDraft, KeyChoice, KeyPage, Place, SharePage, TokenPart
from marble_console.parts import Fact
from marble_console.recovering.modules import module_name
from marble_console.recovering.shares import SavedShares
from marble_console.wizard.flow import Gate, shut
from marble_console.wizard.presenting import problem_notice
from marble_console.words import tr


def share_page(draft: HolderDraft) -> SharePage:
    """The page of a saved share alone."""
    return SharePage(found=found(draft.shares), problem=problem_notice(draft.problem))


def found(shares: SavedShares | None) -> str:
    """What was read, in words."""
    return tr("{source}: {what}", source=shares.source, what=shares.summary) if shares is not None else ""


def key_page(draft: HolderDraft, fits: tuple[Fact, ...] = ()) -> KeyPage:
    """The page of a key; `fits` is about the share that it opens."""
    key = draft.key
    return KeyPage(
        key.place,
        key.source,
        key.asks_passphrase,
        _token_part(key),
        fits,
        problem_notice(draft.problem),
    )


def key_wanted(key: KeyChoice, file: str) -> Gate:
    """The gate while no key was tried: what is to be done next. `file` says which key file is meant."""
    if key.place is Place.FILE:
        return shut(tr("Type the passphrase of the key, then check it.") if key.asks_passphrase else file)
    if key.module is None:
        return shut(tr("Choose the library of the token."))
    if key.token is None:
        return shut(tr("Insert the token, then look again."))
    if key.token.has_pin_pad:
        return shut(tr("Use the token, and type the PIN at its reader."))
    return shut(tr("Type the PIN of the token, then use it."))


def _token_part(key: KeyChoice) -> TokenPart:
    modules = list(key.modules or ())
    if key.module is not None and key.module not in modules:
        modules.append(key.module)
    said, is_warning = _said(key)
    token = key.token
    return TokenPart(
        tuple((str(module), module_name(module)) for module in modules),
        str(key.module or ""),
        tuple((str(token.slot), _name(token)) for token in key.tokens or ()),
        str(key.slot) if token is not None else "",
        said,
        is_warning,
        asks_pin=token is not None and not token.locked and not token.has_pin_pad,
        has_pin_pad=token is not None and not token.locked and token.has_pin_pad,
    )


def _name(token: TokenInfo) -> str:
    details = (token.model.strip(), token.serial.strip(), tr("slot {number}", number=token.slot))
    return " · ".join((token.label.strip() or tr("a token without a name"), *filter(None, details)))


def _said(key: KeyChoice) -> tuple[str, bool]:
    """What is to be known of the tokens, and whether it is a warning."""
    token = key.token
    if key.modules == () and key.module is None:
        return tr(
            "No library of a known kind was found on this computer. Choose the one that came with the token."
        ), False
    if key.module is not None and key.tokens == ():
        return tr("This library sees no token. Insert it, and look again."), True
    if token is not None and token.locked:
        return tr("This token is locked: too many wrong PINs. Its vendor's program unlocks it."), True
    if token is not None and token.last_try:
        return tr("One try is left: one more wrong PIN, and this token locks itself."), True
    if token is not None:
        return tr("The key that fits is found on the token. The PIN is kept nowhere."), False
    return "", False
