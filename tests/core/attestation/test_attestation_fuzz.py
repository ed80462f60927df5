"""Hostile bytes: no exception but ours, no altered signed byte accepted, no long wait."""

import dataclasses
import json
import random
import time

import pytest

from marble_core.attestation.collateral import Collateral, read_collateral
from marble_core.attestation.errors import CollateralUnreadable, EvidenceUnreadable, ReportUnreadable
from marble_core.attestation.evidence import EvidenceFile, read_evidence, write_evidence
from marble_core.attestation.policy import decode_policy, write_policy
from marble_core.attestation.quote import parse_quote
from marble_core.attestation.report import Report, read_report, render_html, write_report
from marble_core.attestation.steps import Verdict
from marble_core.attestation.verify import verify
from marble_core.gojson import GoJsonError
from tests.fakes.attested import (
    NOW,
    collateral,
    evidence_with,
    expectations,
    good_evidence,
    good_policy,
    judged,
    pki,
)

ROUNDS, ROUNDS_PROVING = 300, 20_000  # of each of five kinds
LONGEST = 0.1  # seconds of CPU
BARE = parse_quote(good_evidence().quote).data


def mutated(chance, data):
    """The data with a few bytes changed, cut, doubled, moved or filled."""
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 5, 20])):
        if not changed:
            break
        at = chance.randrange(len(changed))
        match chance.randrange(7):
            case 0 | 1:
                changed[at] ^= 1 << chance.randrange(8)
            case 2:
                changed[at] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
            case 3:
                del changed[at : at + chance.choice([1, 2, 16, 1000])]
            case 4:
                changed[at:at] = chance.randbytes(chance.choice([1, 4, 200]))
            case 5:
                size = chance.choice([1, 2, 4, 8])
                changed[at : at + size] = chance.choice([b"\xff", b"\0"]) * size
            case 6:
                other = chance.randrange(len(changed))
                changed[at : at + 32] = changed[other : other + 32]
    return bytes(changed)


def rounds(proving, seed):
    chance = random.Random(seed)
    for _ in range(ROUNDS_PROVING if proving else ROUNDS):
        yield chance


class Patience:
    """Remembers the longest CPU time of what is done inside."""

    worst = 0.0

    def __enter__(self):
        self._start = time.process_time()
        return self

    def __exit__(self, *_):
        self.worst = max(self.worst, time.process_time() - self._start)


def attempt(read, raw, refusal):
    """What a reader makes of bytes: a value, or its refusal, which is a sentence."""
    try:
        return read(raw)
    except refusal as error:
        return error if error.sentence.endswith(".") else pytest.fail(error.sentence)


def check_sentences(report):
    for one in report.steps:
        assert one.fact
        assert one.explanation.endswith(".") or not one.reason


def test_a_mutated_quote_never_passes_and_never_breaks_anything(proving):
    patience = Patience()
    for chance in rounds(proving, "quote"):
        quote = mutated(chance, BARE)
        with patience:
            report = judged(evidence_with(quote=quote))
        check_sentences(report)
        if report.verdict is not Verdict.FAILED:
            # Only zeros behind the quote, line breaks and zeros in the PEM text are nobody's business.
            assert quote == b"" or parse_quote(quote).signed == parse_quote(BARE).signed
            assert quote == b"" or meaning(quote) == meaning(BARE)
    assert patience.worst < LONGEST


def meaning(quote):
    """A quote without what may differ: padding, and the white space of its certificates."""
    parsed = parse_quote(quote)
    chain = parsed.certification_data
    fixed = parsed.data[436 : len(parsed.data) - len(chain) - 4]
    return parsed.signed, fixed, chain.translate(None, b"\r\n\0")


def test_mutated_collateral_never_passes_and_never_breaks_anything(proving):
    patience = Patience()
    names = [
        field.name for field in dataclasses.fields(collateral()) if field.name != "pck_certificate_chain"
    ]
    for chance in rounds(proving, "collateral"):
        name = chance.choice(names)
        value = getattr(collateral(), name)
        if isinstance(value, str):
            changed = mutated(chance, value.encode()).decode("utf-8", "replace")
        else:
            changed = mutated(chance, value)
        with patience:
            report = judged(evidence_with(collateral=dataclasses.replace(collateral(), **{name: changed})))
        check_sentences(report)
        if name in {"tcb_info", "qe_identity", "root_ca_crl", "pck_crl"} and changed != value:
            assert report.verdict is Verdict.FAILED
    assert patience.worst < LONGEST


def test_a_mutated_collateral_file_is_collateral_or_refused(proving):
    raw = json.dumps(collateral().as_json()).encode()
    for chance in rounds(proving, "file"):
        given = attempt(read_collateral, mutated(chance, raw), CollateralUnreadable)
        if isinstance(given, Collateral):
            check_sentences(judged(evidence_with(collateral=given)))


def test_a_mutated_evidence_file_is_evidence_or_refused(proving):
    raw = write_evidence(EvidenceFile(good_evidence(), expectations(), NOW, pki().root.der))
    patience = Patience()
    for chance in rounds(proving, "evidence"):
        with patience:
            file = attempt(read_evidence, mutated(chance, raw), EvidenceUnreadable)
            if isinstance(file, EvidenceUnreadable):
                continue
            report = verify(file.evidence, pki().anchor, file.at, file.expectations)
        check_sentences(report)
        assert read_evidence(write_evidence(file)) == file
        assert render_html(report)
    assert patience.worst < LONGEST


def test_mutated_policies_and_reports_are_read_or_refused(proving):
    policy, report = write_policy(good_policy()), write_report(judged())
    for chance in rounds(proving, "policy"):
        attempt(decode_policy, mutated(chance, policy), GoJsonError)
        if chance.randrange(10):
            continue
        given = attempt(read_report, mutated(chance, report), ReportUnreadable)
        if isinstance(given, Report):
            assert read_report(write_report(given)) == given
            assert render_html(given)


def test_every_single_byte_of_the_quote_matters(proving):
    """Each byte that is signed or looked at, flipped: nothing passes but padding and the white space of PEM."""
    step = 1 if proving else 37
    for at in range(0, len(BARE), step):
        quote = BARE[:at] + bytes([BARE[at] ^ 1]) + BARE[at + 1 :]
        report = judged(evidence_with(quote=quote))
        if report.verdict is not Verdict.FAILED:
            assert BARE[at : at + 1] in b"\r\n\0"
