"""TCB info and QE identity: what Intel says about platforms and quoting enclaves (Intel PCS v4, TCB info version 3).

The texts are read after their signature was checked, so hostile content needs a hostile root; still, whatever they
hold, reading them gives a value or CollateralUnreadable.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeVar

from marble_core.attestation.errors import CollateralUnreadable

T = TypeVar("T")

COMPONENTS: Final = 16


class TcbStatus(Enum):
    """How a level is judged. The values are Intel's names; `meaning` is for people."""

    UP_TO_DATE = "UpToDate"
    SW_HARDENING_NEEDED = "SWHardeningNeeded"
    CONFIGURATION_NEEDED = "ConfigurationNeeded"
    CONFIGURATION_AND_SW_HARDENING_NEEDED = "ConfigurationAndSWHardeningNeeded"
    OUT_OF_DATE = "OutOfDate"
    OUT_OF_DATE_CONFIGURATION_NEEDED = "OutOfDateConfigurationNeeded"
    TD_RELAUNCH_ADVISED = "TDRelaunchAdvised"
    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED = "TDRelaunchAdvisedConfigurationNeeded"
    REVOKED = "Revoked"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]

    @property
    def is_out_of_date(self) -> bool:
        return self in {TcbStatus.OUT_OF_DATE, TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED}


_MEANINGS = {
    TcbStatus.UP_TO_DATE: "nothing outstanding",
    TcbStatus.SW_HARDENING_NEEDED: "platform current, software inside must carry mitigations",
    TcbStatus.CONFIGURATION_NEEDED: "a setting of the platform weakens it, for example hyperthreading",
    TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED: "a setting weakens the platform, and software must carry mitigations",
    TcbStatus.OUT_OF_DATE: "microcode or firmware is behind",
    TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED: "microcode or firmware is behind, and a setting weakens the platform",
    TcbStatus.TD_RELAUNCH_ADVISED: "the guest was started on an older TDX module than runs now",
    TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED: "the guest was started on an older TDX module, "
    "and a setting weakens the platform",
    TcbStatus.REVOKED: "keys are compromised",
}


# Which of them Intel gives to levels of what; advice to relaunch is a result, never in TCB info.
_MODULE_STATUSES: Final = frozenset({TcbStatus.UP_TO_DATE, TcbStatus.OUT_OF_DATE, TcbStatus.REVOKED})
_QE_STATUSES: Final = _MODULE_STATUSES | {
    TcbStatus.CONFIGURATION_NEEDED,
    TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED,
}
_PLATFORM_STATUSES: Final = _QE_STATUSES | {
    TcbStatus.SW_HARDENING_NEEDED,
    TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A status with the date of its level and the advisories behind it."""

    status: TcbStatus
    date: dt.datetime
    advisories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TcbLevel:
    """A level is reached when all its numbers are. `tdx` is empty in TCB info for SGX."""

    sgx: tuple[int, ...]
    tdx: tuple[int, ...]
    pce_svn: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class EnclaveLevel:
    """A level of an enclave or a TDX module: reached from this ISVSVN on."""

    isv_svn: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class TdxModule:
    """What a TDX module must look like. `levels` are those of its version, none where there is just one version."""

    signer: bytes
    attributes: bytes
    mask: bytes
    levels: tuple[EnclaveLevel, ...] = ()


@dataclass(frozen=True, slots=True)
class TcbInfo:
    id: str
    version: int
    issue_date: dt.datetime
    next_update: dt.datetime
    fmspc: bytes
    pce_id: bytes
    evaluation_number: int
    levels: tuple[TcbLevel, ...]  # highest first
    tdx_module: TdxModule | None
    tdx_modules: Mapping[str, TdxModule]  # by id, such as TDX_01


@dataclass(frozen=True, slots=True)
class QeIdentity:
    id: str
    version: int
    issue_date: dt.datetime
    next_update: dt.datetime
    evaluation_number: int
    misc_select: int
    misc_select_mask: int
    attributes: bytes
    attributes_mask: bytes
    signer: bytes
    product_id: int
    levels: tuple[EnclaveLevel, ...]  # highest first, as sent


def read_tcb_info(text: str) -> TcbInfo:
    """Read TCB info of version 3; raises CollateralUnreadable."""
    return _read("TCB info", text, _tcb_info)


def read_qe_identity(text: str) -> QeIdentity:
    """Read a QE identity of version 2; raises CollateralUnreadable."""
    return _read("QE identity", text, _qe_identity)


def _read(what: str, text: str, build: Callable[[dict[str, Any]], T]) -> T:
    """Build from JSON. Whatever is missing or of another type shows as one of these exceptions."""
    try:
        return build(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise CollateralUnreadable(
            f"{what} cannot be read: {type(error).__name__} {error}"[:200] + "."
        ) from error


def _tcb_info(given: dict[str, Any]) -> TcbInfo:
    module = given.get("tdxModule")
    modules = given.get("tdxModuleIdentities", ())
    return TcbInfo(
        id=_text(given["id"]),
        version=_number(given["version"]),
        issue_date=_time(given["issueDate"]),
        next_update=_time(given["nextUpdate"]),
        fmspc=bytes.fromhex(given["fmspc"]),
        pce_id=bytes.fromhex(given["pceId"]),
        evaluation_number=_number(given["tcbEvaluationDataNumber"]),
        levels=tuple(sorted(map(_tcb_level, given["tcbLevels"]), key=_height, reverse=True)),
        tdx_module=_tdx_module(module) if module else None,
        tdx_modules={_text(one["id"]).upper(): _tdx_module(one) for one in modules},
    )


def _qe_identity(given: dict[str, Any]) -> QeIdentity:
    return QeIdentity(
        id=_text(given["id"]),
        version=_number(given["version"]),
        issue_date=_time(given["issueDate"]),
        next_update=_time(given["nextUpdate"]),
        evaluation_number=_number(given["tcbEvaluationDataNumber"]),
        misc_select=int.from_bytes(_bytes(given["miscselect"], 4)),
        misc_select_mask=int.from_bytes(_bytes(given["miscselectMask"], 4)),
        attributes=_bytes(given["attributes"], 16),
        attributes_mask=_bytes(given["attributesMask"], 16),
        signer=_bytes(given["mrsigner"], 32),
        product_id=_number(given["isvprodid"]),
        levels=tuple(_enclave_level(one, _QE_STATUSES) for one in given["tcbLevels"]),
    )


def _tcb_level(given: dict[str, Any]) -> TcbLevel:
    tcb = given["tcb"]
    tdx = tcb.get("tdxtcbcomponents")
    return TcbLevel(
        sgx=_components(tcb["sgxtcbcomponents"]),
        tdx=_components(tdx) if tdx else (),
        pce_svn=_number(tcb["pcesvn"]),
        judgement=_judgement(given, _PLATFORM_STATUSES),
    )


def _height(level: TcbLevel) -> tuple[object, ...]:
    return level.sgx, level.pce_svn, level.tdx


def _enclave_level(given: dict[str, Any], statuses: frozenset[TcbStatus]) -> EnclaveLevel:
    return EnclaveLevel(_number(given["tcb"]["isvsvn"]), _judgement(given, statuses))


def _tdx_module(given: dict[str, Any]) -> TdxModule:
    return TdxModule(
        signer=_bytes(given["mrsigner"], 48),
        attributes=_bytes(given["attributes"], 8),
        mask=_bytes(given["attributesMask"], 8),
        levels=tuple(_enclave_level(one, _MODULE_STATUSES) for one in given.get("tcbLevels", ())),
    )


def _judgement(given: dict[str, Any], statuses: frozenset[TcbStatus]) -> Judgement:
    status = TcbStatus(given["tcbStatus"])
    if status not in statuses:
        raise ValueError(f"{status.value} is no status of such a level")
    return Judgement(
        status=status,
        date=_time(given["tcbDate"]),
        advisories=tuple(map(_text, given.get("advisoryIDs") or ())),
    )


def _components(given: list[dict[str, Any]]) -> tuple[int, ...]:
    if len(given) != COMPONENTS:
        raise ValueError(f"{len(given)} components instead of {COMPONENTS}")
    return tuple(_number(one["svn"]) for one in given)


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("something else where a number belongs")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("something else where text belongs")
    return value


def _bytes(value: str, size: int) -> bytes:
    data = bytes.fromhex(value)
    if len(data) != size:
        raise ValueError(f"{len(data)} bytes where {size} belong")
    return data


def _time(value: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment
