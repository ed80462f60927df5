"""The chain of the journal: whatever is done to entries that are kept is found, and named by its number."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_console.journal.chain import GENESIS, MOST_OBJECTS, Head, Sealed, check, encode, seal, shortened

_FIELDS = st.dictionaries(
    st.sampled_from(["kind", "time", "action", "objects", "identity"]),
    st.one_of(st.text(max_size=20), st.lists(st.text(max_size=8), max_size=3), st.integers(0, 9)),
)


def chain(*many):
    """A chain of entries with these fields, and its end."""
    head, entries = Head(), []
    for fields in many:
        entries.append(seal(fields, head))
        head = Head(entries[-1].number, entries[-1].hash)
    return tuple(entries), head


CHAINS = st.lists(_FIELDS, min_size=1, max_size=8).map(lambda many: chain(*many))


@given(CHAINS)
def test_a_chain_that_nobody_touched_is_intact(made):
    entries, head = made
    assert check(entries, head).is_intact
    assert check(entries, head).head == head


@given(CHAINS, st.data())
def test_an_edited_entry_is_named(made, data):
    entries, head = made
    at = data.draw(st.integers(0, len(entries) - 1))
    text = data.draw(st.text(max_size=60).filter(lambda text: text != entries[at].text))
    edited = (*entries[:at], replace(entries[at], text=text), *entries[at + 1 :])
    assert check(edited, head).broken_at == at + 1


@given(CHAINS, st.data())
def test_an_edited_entry_that_was_hashed_anew_is_named_by_the_next_or_by_the_end(made, data):
    entries, head = made
    at = data.draw(st.integers(0, len(entries) - 1))
    fields = json.loads(entries[at].text) | {"action": "something else entirely"}
    text = encode(fields)
    forged = Sealed(at + 1, text, hashlib.sha256(text.encode()).hexdigest())
    broken = check((*entries[:at], forged, *entries[at + 1 :]), head).broken_at
    assert broken == min(at + 2, len(entries))


@given(CHAINS, st.data())
def test_a_removed_entry_is_named_the_last_one_too(made, data):
    entries, head = made
    at = data.draw(st.integers(0, len(entries) - 1))
    assert check((*entries[:at], *entries[at + 1 :]), head).broken_at == at + 1


@given(CHAINS, st.data())
def test_a_removed_entry_is_named_even_if_the_others_move_up(made, data):
    entries, head = made
    at = data.draw(st.integers(0, len(entries) - 1))
    rest = (*entries[:at], *(replace(each, number=each.number - 1) for each in entries[at + 1 :]))
    found = check(rest, head)
    assert not found.is_intact
    assert found.broken_at == at + 1


@given(CHAINS.filter(lambda made: len(made[0]) > 1), st.data())
def test_two_entries_in_each_others_place_are_found(made, data):
    entries, head = made
    first, second = sorted(
        data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True))
    )
    moved = list(entries)
    moved[first], moved[second] = (
        replace(entries[second], number=first + 1),
        replace(entries[first], number=second + 1),
    )
    assert check(tuple(moved), head).broken_at == first + 1


@given(CHAINS, st.integers(0, 20), st.sampled_from([GENESIS, "f" * 64]))
def test_another_end_than_the_entries_have_is_found(made, count, other):
    entries, _ = made
    assert not check(entries, Head(count, other)).is_intact
    assert not check(entries, None).is_intact


def test_before_the_first_entry_there_is_nothing_to_find():
    assert check((), None).is_intact
    assert check((), Head(3, "a" * 64)).broken_at == 1


def test_an_entry_is_ascii_with_its_names_in_order_and_no_white_space():
    entry = seal({"time": "…", "action": "set-secrets"}, Head())
    assert entry.text == f'{{"action":"set-secrets","number":1,"previous":"{GENESIS}","time":"\\u2026"}}'
    assert entry.hash == hashlib.sha256(entry.text.encode()).hexdigest()


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", "[" * 5000, '"text"'])
def test_an_entry_that_cannot_be_read_says_nothing(text):
    assert Sealed(1, text, "").fields() == {}


def test_names_are_cut_and_counted():
    assert shortened(["n" * 999]) == ["n" * 200]
    assert shortened(str(n) for n in range(MOST_OBJECTS + 7))[-1] == "(and 7 more)"
