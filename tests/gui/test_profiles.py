import datetime as dt
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from marble_client.address import Address
from marble_console.coordinators import folders
from marble_console.coordinators.profiles import (
    Environment,
    Kind,
    NameTaken,
    Profile,
    ProfilesDamaged,
    ProfilesError,
    ProfilesNewer,
    ProfileStore,
    set_aside,
)
from marble_console.coordinators.schema import MIGRATIONS

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
LEDGER = Profile(
    "Ledger",
    Kind.REMOTE,
    Address("ledger.example", 8443),
    server_name="ledger",
    environment=Environment.PRODUCTION,
    root_der=b"\0root",
    created=NOON,
    last_seen=NOON + dt.timedelta(microseconds=1),
    manifest_fingerprint="ab" * 32,
)
LOCAL = Profile("Local", Kind.LOCAL, Address("::1"), created=NOON)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "deep" / "console.sqlite3"


@pytest.fixture
def store(path):
    with ProfileStore(path) as store:
        yield store


def test_what_was_kept_is_there_at_the_next_start(path):
    with ProfileStore(path) as store:
        ledger, local = store.add(LEDGER), store.add(LOCAL)
    with ProfileStore(path) as store:
        assert store.all() == (ledger, local)
        assert store.get(ledger.id) == ledger
        assert store.local() == local
    assert replace(ledger, id=LEDGER.id) == LEDGER


def test_a_connection_is_changed_and_removed(store):
    ledger = store.add(LEDGER)
    renamed = replace(ledger, name="Books", last_seen=None)
    store.save(renamed)
    assert store.all() == (renamed,)
    store.remove(ledger.id)
    assert store.all() == ()
    assert store.get(ledger.id) is None


def test_noting_what_was_seen_leaves_the_rest_alone(store):
    ledger = store.add(LEDGER)
    store.note_seen(ledger.id, NOON, "cd" * 32, 3)
    assert store.get(ledger.id) == replace(
        ledger, last_seen=NOON, manifest_fingerprint="cd" * 32, last_state=3
    )


def test_an_id_is_never_used_again(store):
    first = store.add(LEDGER)
    store.remove(first.id)
    assert store.add(LEDGER).id > first.id


def test_a_name_is_taken_once(store):
    store.add(LEDGER)
    local = store.add(LOCAL)
    with pytest.raises(NameTaken):
        store.add(LEDGER)
    with pytest.raises(NameTaken):
        store.save(replace(local, name="Ledger"))
    assert [profile.name for profile in store.all()] == ["Ledger", "Local"]


def test_there_is_one_local_connection_at_most(store):
    store.add(LOCAL)
    with pytest.raises(ProfilesError) as caught:
        store.add(replace(LOCAL, name="Local too"))
    assert not isinstance(caught.value, NameTaken)


def test_a_connection_is_found_by_name_before_address(store):
    by_address = store.add(LEDGER)
    by_name = store.add(replace(LEDGER, name="ledger.example:8443", address=Address("elsewhere")))
    assert store.find("Ledger") == by_address
    assert store.find("ledger.example:8443") == by_name
    assert store.find("nobody") is None


def test_a_pinned_root_comes_with_its_server_name():
    assert LEDGER.trust.root_der == b"\0root"
    assert LEDGER.trust.server_name == "ledger"
    assert LOCAL.trust is None


def test_settings_are_bytes_by_name(store):
    assert store.setting("geometry") is None
    store.set_setting("geometry", b"\0\1")
    store.set_setting("geometry", b"\2")
    assert store.setting("geometry") == b"\2"


def test_two_consoles_may_have_the_file_open(path, store):
    with ProfileStore(path) as other:
        other.add(LEDGER)
    assert len(store.all()) == 1


def test_every_migration_leads_to_the_schema_in_force(path, monkeypatch):
    with ProfileStore(path) as store:
        kept = store.add(LEDGER)
    further = ("ALTER TABLE setting ADD COLUMN note TEXT", "INSERT INTO setting VALUES ('n', x'01', 'x')")
    monkeypatch.setattr("marble_console.coordinators.database.MIGRATIONS", (*MIGRATIONS, further))
    with ProfileStore(path) as store:
        assert store.all() == (kept,)
        assert store.setting("n") == b"\1"


def test_a_migration_that_fails_changes_nothing(path, monkeypatch):
    with ProfileStore(path) as store:
        store.add(LEDGER)
    broken = ("DROP TABLE setting", "no SQL")
    with monkeypatch.context() as patch:
        patch.setattr("marble_console.coordinators.database.MIGRATIONS", (*MIGRATIONS, broken))
        with pytest.raises(ProfilesError):
            ProfileStore(path)
    with ProfileStore(path) as store:
        assert store.setting("x") is None
        assert len(store.all()) == 1


def test_a_newer_file_is_refused_and_left_alone(path):
    with ProfileStore(path) as store:
        store.add(LEDGER)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    with pytest.raises(ProfilesNewer, match="newer console"):
        ProfileStore(path)
    assert path.read_bytes() == before


def no_database(path: Path) -> None:
    path.write_bytes(b"This was a list of connections once. " * 200)


def broken_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [no_database, broken_page], ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_refused_kept_and_set_aside(path, damage):
    with ProfileStore(path) as store:
        store.add(LEDGER)
    damage(path)
    damaged = path.read_bytes()
    with pytest.raises(ProfilesDamaged) as caught:
        ProfileStore(path)
    assert str(path) in caught.value.sentence
    assert path.read_bytes() == damaged
    kept = set_aside(path, NOON)
    assert kept.name == "console.sqlite3.20260304T120000Z"
    assert kept.read_bytes() == damaged
    with ProfileStore(path) as store:
        assert store.all() == ()


def test_setting_aside_never_replaces_what_was_set_aside(path):
    path.parent.mkdir()
    kept = []
    for content in (b"first", b"second", b"third"):
        path.write_bytes(content)
        kept.append(set_aside(path, NOON))
    assert [file.read_bytes() for file in kept] == [b"first", b"second", b"third"]


def test_what_sqlite_keeps_beside_the_file_goes_with_it(path):
    path.parent.mkdir()
    for companion in ("", "-wal", "-shm"):
        path.with_name(path.name + companion).write_bytes(companion.encode())
    kept = set_aside(path, NOON)
    assert kept.with_name(kept.name + "-wal").read_bytes() == b"-wal"
    assert list(path.parent.glob("console.sqlite3-*")) == []


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProfilesError) as caught:
        ProfileStore(tmp_path / "file" / "console.sqlite3")
    assert str(tmp_path) in caught.value.sentence


def test_the_folder_is_the_users_own_or_the_one_of_the_environment(monkeypatch, tmp_path):
    assert folders.data_folder().name == "marble-console"
    monkeypatch.setenv("MARBLE_CONSOLE_HOME", str(tmp_path))
    assert folders.profiles_file() == tmp_path / "console.sqlite3"
    assert folders.local_state_folder() == tmp_path / "coordinator"
