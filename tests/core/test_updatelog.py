"""The update log reads back what any coordinator wrote."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.effective import effective
from marble_core.manifest.model import Manifest, Package, PackageName
from marble_core.updatelog import Entry, Kind, UnreadableLine, format_line, parse_log

TIME = dt.datetime(2031, 5, 6, 7, 8, 9, 10_999, dt.UTC)


def test_a_line_has_its_keys_in_order_and_its_time_in_utc():
    east = TIME.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    line = format_line(east, "SecurityVersion increased", user="mia", package="web", **{"new version": 5})
    assert line == (
        '{"time":"2031-05-06T07:08:09.010Z","update":"SecurityVersion increased",'
        '"user":"mia","package":"web","new version":5}\n'
    )


@given(
    st.text(),
    st.dictionaries(st.text().filter(lambda n: n not in {"time", "update"}), st.text() | st.integers()),
)
def test_what_is_written_is_read(update, fields):
    (entry,) = parse_log(format_line(TIME, update, **fields))
    assert (entry.update, dict(entry.fields)) == (update, fields)
    assert entry.time == TIME.replace(microsecond=10_000)


@given(st.text())
def test_any_text_is_read_without_an_error(text):
    for line in parse_log(text):
        assert line.raw == text.split("\n")[line.number - 1]


@pytest.mark.parametrize(
    "time", ["2026-11-23T10:49:27.334+0530", "2026-11-23T10:49:27.334+05:30", "2026-11-23T05:19:27.334Z"]
)
def test_times_of_every_coordinator_are_read(time):
    (entry,) = parse_log(f'{{"time":"{time}","update":"secret set"}}')
    assert entry.time == dt.datetime(2026, 11, 23, 5, 19, 27, 334_000, dt.UTC)


@pytest.mark.parametrize(
    "line",
    ["", "x", "[]", "{}", '{"time":1,"update":"x"}', '{"time":"2026-11-23","update":"x"}', "[" * 100_000],
)
def test_other_lines_are_kept_as_they_are(line):
    assert parse_log(f"{line}\n") == ((UnreadableLine(1, line),) if line else ())


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        ("initial manifest set", Kind.MANIFEST_SET),
        ("Initial manifest set", Kind.MANIFEST_SET),
        ("Secret set", Kind.SECRET_SET),
        ("SecurityVersion increased", Kind.PACKAGE_RAISED),
        ("Complete Manifest update initiated by user. Waiting", Kind.UPDATE_STARTED),
        ("Complete Manifest update acknowledged by user", Kind.UPDATE_ACKNOWLEDGED),
        ("Complete Manifest updated", Kind.UPDATE_APPLIED),
        ("something new", Kind.OTHER),
    ],
)
def test_kinds_are_told_without_regard_to_case(update, kind):
    assert Kind.of(update) is kind


def raised(package: str, version: object) -> Entry:
    return Entry(1, TIME, "SecurityVersion increased", {"package": package, "new version": version})


def test_the_effective_manifest_has_the_last_version_of_each_package():
    manifest = Manifest(
        packages={
            PackageName("web"): Package(security_version=3),
            PackageName("db"): Package(security_version=1),
        }
    )
    now = effective(manifest, [raised("web", 4), raised("web", 7), raised("gone", 9), raised("db", "x")])
    assert [package.security_version for package in now.packages.values()] == [7, 1]
    assert manifest.packages["web"].security_version == 3


def test_updates_before_a_newer_manifest_do_not_count():
    manifest = Manifest(packages={PackageName("web"): Package(security_version=3)})
    replaced = Entry(2, TIME, "Complete Manifest updated")
    assert effective(manifest, [raised("web", 9), replaced]).packages["web"].security_version == 3
