"""The TCB level of a platform: which one it reaches, and what quoting enclave and TDX module make of it (check c12).

An own judgement, to be compared with dcap-qvl's and to stand alone for debug enclaves, which that library refuses.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from operator import ge

from marble_core.attestation.pck import PckExtension
from marble_core.attestation.quote import EnclaveReport, TdReport
from marble_core.attestation.tcb import (
    EnclaveLevel,
    Judgement,
    QeIdentity,
    TcbInfo,
    TcbLevel,
    TcbStatus,
    TdxModule,
)

_ONE_VERSION = 0  # modules of this version are described by one entry without levels
_AFTER_MODULE = 2  # components that are not the module's own SVN and version

_OUTDATED = {
    TcbStatus.UP_TO_DATE: TcbStatus.OUT_OF_DATE,
    TcbStatus.SW_HARDENING_NEEDED: TcbStatus.OUT_OF_DATE,
    TcbStatus.CONFIGURATION_NEEDED: TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED,
    TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED: TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED,
}
_NEEDING_CONFIGURATION = {
    TcbStatus.CONFIGURATION_NEEDED,
    TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED,
    TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED,
}


class ModuleUnknown(ValueError):
    """The TDX module is none that TCB info describes. The text says in which way."""


def reached_level(levels: Iterable[EnclaveLevel], isv_svn: int) -> EnclaveLevel | None:
    """The first level, highest first, that an enclave of this security version reaches."""
    return next((level for level in levels if level.isv_svn <= isv_svn), None)


def is_quoting_enclave(report: EnclaveReport, identity: QeIdentity) -> bool:
    """Whether signer, product, MISCSELECT and ATTRIBUTES are those of the identity. Says nothing about its age."""
    mask = identity.attributes_mask
    return (
        report.signer_id == identity.signer
        and report.product_id == identity.product_id
        and report.misc_select & identity.misc_select_mask == identity.misc_select & identity.misc_select_mask
        and masked(report.attributes, mask) == masked(identity.attributes, mask)
    )


def judge(
    info: TcbInfo, platform: PckExtension, report: EnclaveReport | TdReport, quoting_enclave: Judgement
) -> Judgement | None:
    """The status of the platform, merged with that of its quoting enclave; None where no level is reached.

    For guests the TDX module counts too; raises ModuleUnknown where it is not in TCB info.
    """
    if isinstance(report, EnclaveReport):
        level = _reached(info.levels, platform, ())
        return merge(level.judgement, quoting_enclave) if level else None
    launched = _judge_guest(info, platform, report, report.tee_tcb_svn)
    if launched is None:
        return None
    launched = merge(launched, quoting_enclave)
    current_svn = report.current_tee_tcb_svn
    if current_svn is None:
        return launched
    current = _judge_guest(info, platform, report, current_svn)
    if current is None:
        return None
    status = _relaunched(launched.status, merge(current, quoting_enclave).status)
    return dataclasses.replace(launched, status=status)


def _relaunched(launched: TcbStatus, current: TcbStatus) -> TcbStatus:
    """The status of a guest whose TDX module may have been renewed since it was started."""
    if current is TcbStatus.REVOKED:
        return current
    if not launched.is_out_of_date or current.is_out_of_date:
        return launched
    if {launched, current} & _NEEDING_CONFIGURATION:
        return TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
    return TcbStatus.TD_RELAUNCH_ADVISED


def merge(platform: Judgement, part: Judgement) -> Judgement:
    """What remains of a platform's status if a part of it is out of date or revoked."""
    advisories = tuple(dict.fromkeys(platform.advisories + part.advisories))
    date = min(platform.date, part.date)
    if TcbStatus.REVOKED in {platform.status, part.status}:
        return Judgement(TcbStatus.REVOKED, date, advisories)
    if part.status is TcbStatus.OUT_OF_DATE:
        return Judgement(_OUTDATED.get(platform.status, platform.status), date, advisories)
    return Judgement(platform.status, date, advisories)


def masked(value: bytes, mask: bytes) -> bytes:
    return bytes(a & b for a, b in zip(value, mask, strict=True))


def _judge_guest(
    info: TcbInfo, platform: PckExtension, report: TdReport, svn: Sequence[int]
) -> Judgement | None:
    level = _reached(info.levels, platform, svn)
    if level is None:
        return None
    module = _module_level(info, report, svn)
    return merge(level.judgement, module) if module else level.judgement


def _reached(levels: Iterable[TcbLevel], platform: PckExtension, tdx: Sequence[int]) -> TcbLevel | None:
    """The first level whose numbers are all reached. `tdx` is empty for an enclave."""
    # A module with versions of its own is judged by those, not by the first two components.
    first = _AFTER_MODULE if tdx and tdx[1] != _ONE_VERSION else 0
    for level in levels:
        if (
            platform.pce_svn >= level.pce_svn
            and _all_reached(platform.components, level.sgx)
            and (not tdx or (level.tdx and _all_reached(tdx[first:], level.tdx[first:])))
        ):
            return level
    return None


def _all_reached(found: Sequence[int], wanted: Sequence[int]) -> bool:
    return all(map(ge, found, wanted))


def _module_level(info: TcbInfo, report: TdReport, svn: Sequence[int]) -> Judgement | None:
    """The status of the TDX module, None where its version has no levels; raises ModuleUnknown."""
    isv_svn, version = svn[0], svn[1]
    module = info.tdx_module if version == _ONE_VERSION else info.tdx_modules.get(f"TDX_{version:02X}")
    if module is None:
        raise ModuleUnknown(f"TCB info knows no TDX module of version {version}.")
    _require_module(module, report)
    if version == _ONE_VERSION:
        return None
    level = reached_level(module.levels, isv_svn)
    if level is None:
        raise ModuleUnknown(
            f"The TDX module of version {version} has SVN {isv_svn}, older than every known one."
        )
    return level.judgement


def _require_module(module: TdxModule, report: TdReport) -> None:
    if report.module_signer != module.signer:
        raise ModuleUnknown("The TDX module has another signer.")
    if masked(report.module_attributes, module.mask) != masked(module.attributes, module.mask):
        raise ModuleUnknown("The TDX module has other attributes.")
