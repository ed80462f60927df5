"""When quotes are made, which ones are kept, and what both versions of the API show of them."""

import base64
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from structlog.testing import capture_logs

from marble_coordinator.errors import QuoteFailed
from marble_coordinator.pki.authority import new_authority
from marble_coordinator.ports import QuoteError
from marble_coordinator.quotes import Quotes
from tests.fakes.api_driver import decrypt, recovery_key

NOW = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.UTC)


class Issuer:
    """Makes a different quote each time. `broken` is why it makes none."""

    def __init__(self):
        self.asked = []
        self.threads = set()
        self.broken = ""

    def issue(self, root_der, nonce=b""):
        self.asked.append((sha256(root_der).digest(), nonce))
        self.threads.add(threading.get_ident())
        if self.broken:
            raise QuoteError(self.broken)
        return b"quote %d over %b" % (len(self.asked), sha256(root_der + nonce).digest())


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def quotes(issuer):
    return Quotes(lambda: issuer)


@pytest.fixture(scope="module")
def root():
    return new_authority(["localhost"], NOW).root


def digest(root):
    return sha256(root.der).digest()


def test_one_quote_is_made_for_a_root_and_kept(quotes, issuer, root):
    assert quotes.over(root) == quotes.over(root) == b"quote 1 over " + digest(root)
    assert issuer.asked == [(digest(root), b"")]


def test_another_root_gets_another_quote(quotes, issuer, root):
    other = new_authority(["localhost"], NOW).root
    assert quotes.over(root) != quotes.over(other)
    assert quotes.over(root) == b"quote 1 over " + digest(root)
    assert len(issuer.asked) == 2


def test_each_nonce_gets_a_quote_of_its_own(quotes, issuer, root):
    assert quotes.fresh(root, b"n") != quotes.fresh(root, b"n")
    assert issuer.asked == [(digest(root), b"n")] * 2


def test_an_empty_nonce_counts_as_none(quotes, root):
    assert quotes.fresh(root, b"") is quotes.over(root)


def test_the_issuer_is_loaded_when_it_is_needed_and_once(issuer, root):
    loaded = []
    quotes = Quotes(lambda: loaded.append(1) or issuer)
    assert (loaded, quotes.has(root)) == ([], False)
    quotes.over(root)
    quotes.fresh(root, b"n")
    assert (loaded, quotes.has(root)) == ([1], True)


def test_many_who_ask_at_once_get_the_same_quote(quotes, issuer, root):
    with ThreadPoolExecutor(8) as pool:
        given = set(pool.map(lambda _: quotes.over(root), range(64)))
    assert len(given) == len(issuer.asked) == 1


def test_without_an_issuer_there_are_no_quotes(root):
    quotes = Quotes()
    assert quotes.has(root)
    assert (quotes.over(root), quotes.fresh(root, b"n")) == (None, None)


def test_a_failure_is_told_and_not_kept(quotes, issuer, root):
    issuer.broken = "no AESM"
    with capture_logs() as lines, pytest.raises(QuoteFailed, match="getting quote: no AESM"):
        quotes.over(root)
    assert [line["log_level"] for line in lines] == ["error"]
    assert not quotes.has(root)
    issuer.broken = ""
    assert quotes.over(root)


# Behind the API


@pytest.fixture
def shown(quotes):
    """Lets a driver have quotes, and shows what its two ways answer."""

    def show(driver, nonce=b""):
        driver.lifecycle.quotes = quotes
        if nonce:
            return driver.call("GET", "/api/v2/quote?nonce=" + base64.urlsafe_b64encode(nonce).decode()).data[
                "quote"
            ]
        one, two = driver.call("GET", "/quote").data, driver.call("GET", "/api/v2/quote").data
        assert (one["Cert"], one["Quote"]) == (two["cert"], two["quote"])
        return one["Quote"]

    return show


@pytest.mark.parametrize("state", ["locked", "waiting", "running"])
def test_the_quote_of_the_present_root_is_shown_in_every_state(request, shown, issuer, state):
    driver = request.getfixturevalue(state)
    root = driver.world.authority.root
    assert base64.b64decode(shown(driver)) == b"quote 1 over " + digest(root)
    assert shown(driver) == shown(driver)
    assert len(issuer.asked) == 1


@pytest.mark.parametrize("nonce", [b"n", bytes(range(256)), b"\xfb\xff"])
def test_a_nonce_is_hashed_behind_the_root(waiting, shown, nonce):
    root = waiting.world.authority.root
    made = base64.b64decode(shown(waiting, nonce))
    assert made.endswith(sha256(root.der + nonce).digest())


@pytest.mark.parametrize("nonce", ["%25", "a", "ab", "ab==c", "a+b/", "YWI", "=", "%C3%A4bcd"])
def test_a_nonce_that_cannot_be_read_is_refused_and_nothing_is_made(waiting, quotes, issuer, nonce):
    waiting.lifecycle.quotes = quotes
    assert waiting.call("GET", f"/api/v2/quote?nonce={nonce}").status == 400
    assert issuer.asked == []


@pytest.mark.parametrize("query", ["", "?nonce=", "?nonce", "?other=1"])
def test_without_a_nonce_the_kept_quote_is_shown(waiting, shown, query):
    kept = shown(waiting)
    assert waiting.call("GET", f"/api/v2/quote{query}").data["quote"] == kept


def test_what_has_to_be_made_is_made_on_a_thread(waiting, shown, issuer):
    shown(waiting)
    shown(waiting, b"n")
    assert threading.get_ident() not in issuer.threads


def test_setting_a_manifest_keeps_root_and_quote(waiting, shown, issuer):
    before = shown(waiting)
    waiting.set_manifest()
    assert shown(waiting) == before
    assert len(issuer.asked) == 1


def test_an_update_keeps_the_quote_and_shows_the_new_intermediate(running, shown):
    chain, before = running.call("GET", "/quote").data["Cert"], shown(running)
    running.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 3}}}, as_user="mate")
    after = running.call("GET", "/quote").data
    assert (after["Cert"] == chain, after["Quote"]) == (False, before)


def test_a_recovery_brings_the_root_back_with_a_quote_made_before_it_is_in_force(locked, shown, issuer):
    temporary = shown(locked)
    assert locked.call("POST", "/recover", decrypt(recovery_key(), locked.recovery_secret)).status == 200
    assert len(issuer.asked) == 2
    assert shown(locked) != temporary
    assert base64.b64decode(shown(locked)).endswith(digest(locked.world.authority.root))
    assert len(issuer.asked) == 2


def test_a_new_manifest_in_recovery_mode_keeps_the_temporary_root_and_its_quote(locked, shown):
    temporary = shown(locked)
    locked.set_manifest()
    assert shown(locked) == temporary


def test_a_recovery_without_a_quote_is_refused_and_can_be_tried_again(locked, shown, issuer):
    before = shown(locked), locked.directory.files
    issuer.broken = "no AESM"
    key = decrypt(recovery_key(), locked.recovery_secret)
    assert locked.call("POST", "/recover", key).refusal == (500, "getting quote: no AESM")
    assert (shown(locked), locked.directory.files) == before
    assert locked.world.state == 1
    issuer.broken = ""
    assert locked.call("POST", "/recover", key).status == 200
    assert locked.world.state == 3


@pytest.mark.parametrize("target", ["/quote", "/api/v2/quote", "/api/v2/quote?nonce=bg=="])
def test_a_quote_that_cannot_be_made_is_an_error_of_the_server(waiting, quotes, issuer, target):
    waiting.lifecycle.quotes = quotes
    issuer.broken = "no AESM"
    assert waiting.call("GET", target).refusal == (500, "getting quote: no AESM")
