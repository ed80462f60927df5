"""How far a recovery is, from the coordinator's numbers and the last known manifest."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.opening import Contributed, Where
from marble_console.recovering.progress import Lost, Progress, RefusedShare
from marble_core.recovery import Collected, share_new_key
from marble_core.secretbytes import SecretBytes

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)


def known(holders, threshold=0):
    names = tuple(Holder(f"holder-{at}", "", f"{at:064}") for at in range(1, holders + 1))
    return Deployment("f7" * 32, names, threshold, "", b"root", NOON)


def share(at):
    name = f"holder-{at}"
    return Contributed(
        name, f"{name}.json", Where.HERE, SecretBytes(b"s" * 32), b"", f"{at:064}", f"digest {at}"
    )


def after(remaining, deployment, progress=None):
    """The progress when the coordinator has answered with these numbers, one share after the other."""
    progress = progress or Progress("temporary")
    for at, number in enumerate(remaining, 1):
        progress = progress.accepted(share(at), NOON, number, deployment)
    return progress


@pytest.mark.parametrize("holders", range(1, 21))
def test_every_threshold_is_told_by_what_is_needed_and_not_by_what_the_coordinator_counts(holders):
    for threshold in (0, *range(2, holders + 1)):
        deployment = known(holders, threshold)
        data = share_new_key(holders, threshold).data if holders > 1 else None
        progress = Progress("temporary")
        for given_ in range(1, deployment.needed):
            left = Collected(data).data.parties - given_  # as the coordinator counts: keys that were not used
            progress = progress.accepted(share(given_), NOON, left, deployment)
            assert progress.headline(deployment) == f"{given_} of {deployment.needed}"
            assert not progress.done
        progress = progress.accepted(share(deployment.needed), NOON, 0, deployment)
        assert progress.done
        assert progress.headline(deployment) == f"{deployment.needed} of {deployment.needed}"


def test_two_of_three_is_one_more_after_the_first_although_the_coordinator_says_two():
    progress = after([2], known(3, 2))
    assert progress.headline(known(3, 2)) == "1 of 2"
    assert progress.missing(known(3, 2)) == "One more. This manifest needs any 2 of 3 holders."


def test_without_a_known_manifest_what_was_accepted_is_counted_and_nothing_is_promised():
    progress = after([2], None)
    assert progress.headline(None) == "1"
    assert "Nobody here knows" in progress.missing(None)


def test_shares_that_somebody_else_has_given_count():
    progress = after([1], known(3))
    assert progress.headline(known(3)) == "2 of 3"
    assert progress.elsewhere(known(3)) == 1


def test_a_coordinator_that_counts_fewer_has_dropped_what_came_before():
    progress = after([2, 2], known(3))
    assert (progress.lost, progress.lost_count) == (Lost.DROPPED, 1)
    assert [given_.holder for given_ in progress.given] == ["holder-2"]
    assert progress.headline(known(3)) == "1 of 3"


def test_another_temporary_root_is_a_restart_and_begins_anew():
    progress = after([2], known(3)).under("another")
    assert (progress.root, progress.given, progress.lost, progress.lost_count) == (
        "another",
        (),
        Lost.RESTARTED,
        1,
    )
    assert after([2], known(3)).under("temporary").lost is None
    assert Progress().under("first").lost is None


def test_what_was_done_is_not_undone_by_the_old_root_coming_back():
    done = after([2, 1, 0], known(3))
    assert done.under("the lasting root") == done


def test_the_keys_of_given_shares_tell_a_repeated_one():
    keys = after([2], known(3)).keys
    assert keys == {"digest 1": "holder-1", f"{1:064}": "holder-1"}


def test_a_refusal_changes_no_count():
    progress = after([2], known(3)).was_refused(RefusedShare("holder-2", "x", NOON, "No."))
    assert progress.headline(known(3)) == "1 of 3"


@given(st.lists(st.integers(0, 25), max_size=25), st.integers(1, 20), st.integers(0, 20))
def test_whatever_a_coordinator_counts_the_numbers_stay_sensible(numbers, holders, threshold):
    deployment = known(holders, threshold if 2 <= threshold <= holders else 0)
    progress = after(numbers, deployment)
    assert progress.accepted_count(deployment) >= 0
    assert progress.elsewhere(deployment) >= 0
    assert progress.missing(deployment).endswith(".")
    assert len(progress.given) <= len(numbers)
