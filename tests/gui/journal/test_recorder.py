"""Keeping the journal: what is written before and after a deed, from any thread, and what happens where it cannot be."""

import datetime as dt
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from marble_client.address import Address
from marble_client.errors import ConnectionRefused, OutcomeUnknown, Refused
from marble_client.witness import Deed, Sent
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.journal.chain import Where
from marble_console.journal.deeds import Done
from marble_console.journal.recorder import Recorder
from marble_console.journal.store import JournalStore

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
SHIP = Where("Ship", "ship.example:4433", "ab" * 32)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "console.sqlite3"


@pytest.fixture
def failures():
    return []


@pytest.fixture
def recorder(file, failures):
    recorder = Recorder(file, clock=lambda: NOON, failed=failures.append)
    yield recorder
    recorder.close()


def kept(recorder, file):
    """What the entries say, once all are written."""
    recorder.close()
    chain = JournalStore(file).read()
    assert chain.check().is_intact
    return [entry.fields() for entry in chain.entries]


def change(file, *statements):
    database = sqlite3.connect(file)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def test_a_deed_is_on_the_disk_before_it_begins_and_its_outcome_after_it(recorder, file):
    with recorder.witness(SHIP, "cd" * 32).during(Deed.of(Sent.SET_MANIFEST, content=b"{}")):
        (entry,) = JournalStore(file).read().entries
        begun = entry.fields()
    assert begun["kind"] == "begun"
    assert begun["action"] == "set-manifest"
    assert begun["connection"] == {"name": "Ship", "address": "ship.example:4433", "root": "ab" * 32}
    assert begun["identity"] == "cd" * 32
    assert begun["sha256"].startswith("44136fa355b3678a")
    _, ended = kept(recorder, file)
    assert (ended["kind"], ended["of"], ended["outcome"]) == ("ended", entry.hash, "succeeded")


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (Refused("No.", status=403, server_text="a secret of the server's own"), "refused", 403),
        (OutcomeUnknown("Lost."), "answer-lost", 0),
        (ConnectionRefused("Nobody there."), "not-done", 0),
    ],
)
def test_what_came_of_it_is_told_apart_and_no_text_of_the_coordinator_is_kept(
    recorder, file, error, outcome, status
):
    with pytest.raises(type(error)), recorder.witness(SHIP).during(Deed.of(Sent.SET_SECRETS, ["token"])):
        raise error
    begun, ended = kept(recorder, file)
    assert begun["objects"] == ["token"]
    assert (ended["outcome"], ended["status"], ended["code"]) == (outcome, status, error.code)
    assert "secret of the server" not in str(ended)


def test_a_defect_in_the_middle_leaves_the_outcome_open(recorder, file):
    with pytest.raises(ZeroDivisionError), recorder.witness(SHIP).during(Deed(Sent.CANCEL_UPDATE)):
        raise ZeroDivisionError
    (begun,) = kept(recorder, file)
    assert begun["kind"] == "begun"


def test_what_is_done_at_once_has_one_entry(recorder, file):
    recorder.witness(SHIP).note(Deed.of(Done.COPY, ["token"]))
    (noted,) = kept(recorder, file)
    assert (noted["kind"], noted["action"], noted["identity"]) == ("noted", "copy-secret", "none")


def test_a_disk_that_takes_nothing_stops_no_deed_and_is_told(tmp_path, failures):
    (tmp_path / "file").write_text("no folder")
    recorder = Recorder(tmp_path / "file" / "console.sqlite3", clock=lambda: NOON, failed=failures.append)
    done = []
    with recorder.witness(SHIP).during(Deed(Sent.CANCEL_UPDATE)):
        done.append(True)
    recorder.close()
    assert done
    assert len(failures) == 1  # its end is not tried: it would belong to nothing


def test_a_journal_that_is_off_keeps_nothing_but_that_it_is(recorder, file):
    recorder.set_enabled(False)
    recorder.witness(SHIP).note(Deed.of(Done.COPY, ["token"]))
    recorder.set_enabled(True)
    recorder.set_enabled(True)
    assert [entry["action"] for entry in kept(recorder, file)] == ["journal-off", "journal-on"]


def test_deeds_of_many_threads_make_one_chain(recorder, file):
    witness = recorder.witness(SHIP)

    def act(number):
        with witness.during(Deed.of(Sent.SET_SECRETS, [str(number)])):
            pass

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(12)))
    entries = kept(recorder, file)
    hashes = {each.hash for each in JournalStore(file).read().entries if each.fields()["kind"] == "begun"}
    assert {entry["of"] for entry in entries if entry["kind"] == "ended"} == hashes
    assert len(hashes) == 12


def test_two_processes_make_one_chain(file):
    first, second = (Recorder(file, clock=lambda: NOON) for _ in range(2))
    for number in range(5):
        for recorder in (first, second):
            recorder.witness(SHIP).note(Deed.of(Done.COPY, [str(number)]))
    second.close()
    assert len(kept(first, file)) == 10


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE journal SET entry = replace(entry, 'token', 'other') WHERE number = 2", 2),
        ("DELETE FROM journal WHERE number = 2", 2),
        ("DELETE FROM journal WHERE number = 4", 4),
        ("DELETE FROM journal WHERE number = 1", 1),
        ("DELETE FROM journal", 1),
        ("DELETE FROM journal_head", 4),
        ("UPDATE journal_head SET count = 3", 4),
    ],
)
def test_what_is_done_in_the_database_is_found_and_stays_found(recorder, file, statement, broken):
    for _ in range(4):
        recorder.witness(SHIP).note(Deed.of(Done.COPY, ["token"]))
    recorder.close()
    change(file, statement)
    assert JournalStore(file).read().check().broken_at == broken
    later = Recorder(file, clock=lambda: NOON)
    later.witness(SHIP).note(Deed.of(Done.COPY, ["token"]))
    later.close()
    assert not JournalStore(file).read().check().is_intact


def test_clearing_begins_a_chain_that_says_where_the_old_one_ended(recorder, file):
    for _ in range(3):
        recorder.witness(SHIP).note(Deed.of(Done.COPY, ["token"]))
    with recorder.witness(SHIP).during(Deed(Done.READ)):
        end = JournalStore(file).read().head
        recorder.clear()
    first, _ = kept(recorder, file)
    assert (first["number"], first["action"], first["previous"]) == (1, "journal-cleared", "0" * 64)
    assert first["objects"] == [f"{end.count} entries", end.hash]


def test_stores_tell_of_what_decides_on_trust_and_of_nothing_else(file):
    told = []
    with ProfileStore(file) as store:
        store.database.tell = lambda deed, _connection, _identity: told.append((deed.action, deed.objects))
        ship = store.add(Profile("Ship", Kind.REMOTE, Address("ship.example", 4433), NOON))
        assert told == []
        store.save(replace(ship, name="Ferry"))
        assert told == []
        store.save(replace(ship, root_der=b"one"))
        store.save(replace(ship, root_der=b"two"))
        store.save(replace(ship, root_der=b""))
    assert [action for action, _ in told] == ["accept-root", "change-root", "forget-root"]
    assert [len(objects) for _, objects in told] == [1, 2, 1]
