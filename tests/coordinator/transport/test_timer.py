"""A time-out that is set anew with every request asks the loop for a call as seldom as possible."""

import pytest

from marble_coordinator.tls.timer import Timer


class Call:
    def __init__(self, when, callback):
        self.when, self.callback, self.cancelled = when, callback, False

    def cancel(self):
        self.cancelled = True


class Loop:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = 1000.0
        self.calls = []

    def time(self):
        return self.now

    def call_at(self, when, callback):
        self.calls.append(Call(when, callback))
        return self.calls[-1]

    def pass_time(self, seconds):
        """Let time pass, and make the calls that are due in their order."""
        end = self.now + seconds
        while due := [call for call in self.calls if not call.cancelled and call.when <= end]:
            first = min(due, key=lambda call: call.when)
            self.calls.remove(first)
            self.now = first.when
            first.callback()
        self.now = end

    @property
    def pending(self):
        return [call for call in self.calls if not call.cancelled]


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def timer(loop):
    return Timer(loop)


@pytest.fixture
def expired():
    return []


def test_it_expires_when_its_time_is_up(loop, timer, expired):
    timer.start(5, lambda: expired.append(loop.now))
    loop.pass_time(4.9)
    assert timer.pending
    assert not expired
    loop.pass_time(1)
    assert expired == [1005]
    assert not timer.pending


def test_a_stop_is_a_stop(loop, timer, expired):
    timer.start(5, lambda: expired.append("it"))
    timer.stop()
    assert not timer.pending
    loop.pass_time(10)
    assert not expired


def test_the_last_start_counts(loop, timer, expired):
    timer.start(5, lambda: expired.append("first"))
    loop.pass_time(4)
    timer.start(5, lambda: expired.append(loop.now))
    loop.pass_time(4)
    assert not expired
    loop.pass_time(2)
    assert expired == [1009]


def test_a_shorter_time_is_kept_to(loop, timer, expired):
    timer.start(100, lambda: expired.append("long"))
    timer.start(5, lambda: expired.append(loop.now))
    loop.pass_time(200)
    assert expired == [1005]


def test_a_stop_and_a_start_later_count_from_the_start(loop, timer, expired):
    timer.start(5, lambda: expired.append("first"))
    timer.stop()
    loop.pass_time(3)
    timer.start(5, lambda: expired.append(loop.now))
    loop.pass_time(10)
    assert expired == [1008]


def test_a_thousand_starts_are_one_call(loop, timer):
    for _ in range(1000):
        timer.start(120, list)
        loop.pass_time(0.01)
        timer.stop()
    assert len(loop.calls) == 1


def test_nothing_is_left_after_the_close(loop, timer, expired):
    timer.start(5, lambda: expired.append("it"))
    timer.close()
    assert not loop.pending
    loop.pass_time(10)
    assert not expired


def test_it_can_be_started_again_from_what_it_calls(loop, timer, expired):
    def again():
        expired.append(loop.now)
        if len(expired) < 3:
            timer.start(2, again)

    timer.start(2, again)
    loop.pass_time(20)
    assert expired == [1002, 1004, 1006]
