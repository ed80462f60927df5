"""The quote in its fields and its bytes. Pure functions."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from marble_console.pages.attestation.state import QuoteState
from marble_console.parts import Cell, Fact, Notice, Row
from marble_console.words import tr
from marble_core.attestation.errors import QuoteMalformed
from marble_core.attestation.quote import Field, Form, Quote, parse_quote

_NONE_CHOSEN: Final = (Fact(tr("Field"), tr("choose a field, or a byte")), Fact(tr("Value"), ""))
_LONG: Final = 64  # bytes of a value that are put into its row; the rest is in the hex


def quote_state(raw: bytes, chosen: str) -> QuoteState:
    """The tab for a quote as received. One that cannot be taken apart is shown as bytes."""
    if not raw:
        why = tr("The quote is shown here once one was fetched, or evidence was opened.")
        return QuoteState(notice=Notice(tr("No quote"), why, "circle-dashed"))
    try:
        quote = parse_quote(raw)
    except QuoteMalformed as error:
        return QuoteState(
            summary=tr("{count} bytes as received. {problem}", count=len(raw), problem=error.sentence),
            data=raw,
        )
    fields = tuple(quote.fields)
    return QuoteState(
        summary=_summary(quote, len(raw)),
        rows=tuple(
            Row(f"section-{at}", (Cell(title, strong=True),), tuple(map(_row, group)), group=True)
            for at, (title, group) in enumerate(groupby(fields, key=lambda one: one.section))
        ),
        data=quote.data + quote.padding,
        fields=fields,
        chosen=chosen if any(key_of(one) == chosen for one in fields) else "",
        value=next((_whole(one) for one in fields if key_of(one) == chosen), _NONE_CHOSEN),
    )


def key_of(field: Field) -> str:
    """Fields of two sections may have one name; no two begin at one place but empty ones."""
    return f"{field.offset}:{field.name}"


def field_at(fields: tuple[Field, ...], place: int) -> str:
    """The key of the field that holds this byte; empty beyond all of them."""
    for field in fields:
        if field.offset <= place < field.offset + field.size:
            return key_of(field)
    return ""


def _summary(quote: Quote, size: int) -> str:
    parts = [f"{quote.tee.value} v{quote.version}", tr("{count} bytes as received", count=size)]
    if quote.wrapped:
        parts.append(tr("the envelope of Open Enclave, 16 bytes, is taken off"))
    return " · ".join(parts)


def _row(field: Field) -> Row:
    reserved = field.form is Form.RESERVED
    return Row(
        key_of(field),
        (
            Cell(field.label, colour="text3" if reserved else "text1", strong=not reserved),
            Cell(_place(field), mono=True, colour="text3"),
            Cell(_value(field), mono=field.form is not Form.NUMBER, colour="text2", elide_middle=True),
        ),
        dimmed=reserved,
    )


def _place(field: Field) -> str:
    return f"{field.offset}–{field.offset + field.size - 1}" if field.size > 1 else str(field.offset)


def _whole(field: Field) -> tuple[Fact, ...]:
    """All of a field, for who wants to compare or copy it."""
    where = tr(
        "{label}, bytes {place}, {section}", label=field.label, place=_place(field), section=field.section
    )
    if field.form in {Form.NUMBER, Form.TEXT}:
        return (Fact(tr("Field"), where), Fact(tr("Value"), field.text, tooltip=field.text))
    return (Fact(tr("Field"), where), Fact(tr("Value"), field.data.hex(), mono=True, fingerprint=True))


def _value(field: Field) -> str:
    match field.form:
        case Form.NUMBER:
            return field.text
        case Form.TEXT:
            return " ".join(field.text.split())[:_LONG]
        case Form.RESERVED if not any(field.data):
            return tr("zeros")
        case Form.BYTES | Form.RESERVED:
            more = "…" if field.size > _LONG else ""
            return field.data[:_LONG].hex() + more
