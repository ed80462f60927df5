"""Where quotes come from: Gramine's files where they are, a simulation where they are not, and nowhere if so told."""

import datetime as dt
from hashlib import sha256

import pytest
from structlog.testing import capture_logs

from marble_coordinator.adapters.gramine_quotes import GramineQuotes
from marble_coordinator.errors import StartFailed
from marble_coordinator.pki.authority import new_authority
from marble_coordinator.ports import QuoteError
from marble_coordinator.quoting import by_gramine, without_sgx
from marble_core.attestation.certificates import read_chain
from marble_core.attestation.quote import parse_quote, wrap
from marble_core.attestation.simulation import SimulatedEnclave, new_pki, sgx_quote

NOW = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
ENCLAVE = SimulatedEnclave(b"\1" * 32, b"\2" * 32)


@pytest.fixture(scope="module")
def root():
    return new_authority(["localhost"], NOW).root


@pytest.fixture(scope="module")
def bare(root):
    """What Gramine would give for the root: a quote without an envelope."""
    return sgx_quote(new_pki(NOW), ENCLAVE, sha256(root.der).digest())


@pytest.fixture
def folder(tmp_path, bare):
    """A tree like /dev/attestation in an enclave that is set up for quotes."""
    folder = tmp_path / "attestation"
    folder.mkdir()
    (folder / "attestation_type").write_text("dcap")
    (folder / "user_report_data").write_bytes(bytes(64))
    (folder / "quote").write_bytes(bare)
    return folder


@pytest.fixture(autouse=True)
def log_lines():
    with capture_logs() as lines:
        yield lines


# Gramine


def test_gramine_is_given_the_report_data_and_its_quote_is_wrapped(folder, root, bare):
    quoting = by_gramine(root, may_fail=False, folder=folder)
    assert quoting.quotes.over(root) == wrap(bare)
    assert parse_quote(wrap(bare)).wrapped
    assert (folder / "user_report_data").read_bytes() == sha256(root.der).digest() + bytes(32)
    assert quoting.load_simulation is None, "nothing is simulated beside it"


def test_a_nonce_goes_into_the_report_data(folder, root):
    pki = new_pki(NOW)
    fresh = sgx_quote(pki, ENCLAVE, sha256(root.der + b"nonce").digest())
    (folder / "quote").write_bytes(fresh)
    assert GramineQuotes(folder).issue(root.der, b"nonce") == wrap(fresh)
    assert (folder / "user_report_data").read_bytes() == sha256(root.der + b"nonce").digest() + bytes(32)


def test_what_fills_up_the_buffer_is_left_out(folder, root, bare):
    (folder / "quote").write_bytes(bare.ljust(8192, b"\0"))
    assert GramineQuotes(folder).issue(root.der) == wrap(bare)


def _old(_bare):
    return sgx_quote(new_pki(NOW), ENCLAVE, sha256(b"another root").digest())


@pytest.mark.parametrize(
    "bend",
    [lambda _: b"", lambda bare: bare[:700], lambda _: bytes(5000), lambda _: bytes(100_000), wrap, _old],
    ids=["empty", "cut", "zeros", "huge", "wrapped", "old"],
)
def test_what_is_no_quote_of_this_root_is_not_served(folder, root, bare, bend):
    (folder / "quote").write_bytes(bend(bare))
    with pytest.raises(QuoteError, match="Gramine gives"):
        GramineQuotes(folder).issue(root.der)


def test_a_missing_file_is_an_error_that_says_why(folder, root):
    (folder / "quote").unlink()
    with pytest.raises(QuoteError, match="No such file"):
        GramineQuotes(folder).issue(root.der)


@pytest.mark.parametrize("kind", ["none", "epid", "", "dcap2", b"\xff\xfe"])
def test_gramine_that_is_not_set_up_for_quotes_is_passed_over(folder, root, kind):
    (folder / "attestation_type").write_bytes(kind if isinstance(kind, bytes) else kind.encode())
    assert by_gramine(root, may_fail=False, folder=folder) is None


def test_a_final_newline_in_the_type_does_not_matter(folder, root):
    (folder / "attestation_type").write_text("dcap\n")
    assert by_gramine(root, may_fail=False, folder=folder)


def test_without_the_files_there_is_no_gramine(tmp_path, root):
    assert by_gramine(root, may_fail=False, folder=tmp_path / "nothing") is None
    assert by_gramine(root, may_fail=False, folder=tmp_path) is None


def test_a_start_without_the_quote_that_was_counted_on_fails(folder, root):
    (folder / "quote").unlink()
    with pytest.raises(StartFailed, match="Cannot create Coordinator core: getting quote: Gramine"):
        by_gramine(root, may_fail=False, folder=folder)


def test_in_dev_mode_it_goes_on_without(folder, root, log_lines):
    (folder / "quote").unlink()
    assert by_gramine(root, may_fail=True, folder=folder) is None
    assert [line["log_level"] for line in log_lines] == ["error"]


# Without SGX


@pytest.mark.parametrize("simulate", [True, False])
def test_the_log_says_that_there_is_no_genuine_quote_and_what_follows_for_marbles(
    tmp_path, log_lines, simulate
):
    without_sgx(tmp_path, lambda: NOW, simulate=simulate)
    assert [(line["log_level"], line["event"].split(".")[0]) for line in log_lines] == [
        ("warning", "Failed to get quote"),
        ("warning", "Without SGX marbles cannot prove what they are"),
    ]


def test_only_quotes_of_hardware_count_as_sgx(tmp_path, root, folder):
    assert by_gramine(root, may_fail=False, folder=folder).on_sgx
    assert not without_sgx(tmp_path, lambda: NOW, simulate=True).on_sgx
    assert not without_sgx(tmp_path, lambda: NOW, simulate=False).on_sgx


def test_a_simulation_is_loaded_with_the_first_quote_and_is_one_for_all(tmp_path, root):
    quoting = without_sgx(tmp_path, lambda: NOW, simulate=True)
    assert list(tmp_path.glob("simulated_platform")) == []
    quote = quoting.quotes.over(root)
    platform = quoting.load_simulation()
    assert platform is quoting.load_simulation()
    assert quote == platform.issue(root.der)
    assert platform.root_der in _certificates(quote)


def _certificates(quote):
    return [one.der for one in read_chain(parse_quote(quote).certification_data)]


def test_switched_off_there_is_no_quote_and_no_platform(tmp_path, root):
    quoting = without_sgx(tmp_path, lambda: NOW, simulate=False)
    assert quoting.load_simulation is None
    assert quoting.quotes.over(root) is None
    assert list(tmp_path.glob("simulated_platform")) == []


def test_what_simulates_is_not_loaded_by_a_start(run_python):
    wanted = {
        "marble_coordinator.adapters.simulated_quotes",
        "marble_core.attestation.simulation",
        "dcap_qvl",
    }
    code = f"import sys, marble_coordinator.program; print({wanted} & set(sys.modules))"
    assert run_python(code) == "set()"


def test_a_simulation_needs_no_verifier(run_python):
    code = "import sys, marble_coordinator.adapters.simulated_quotes; print('dcap_qvl' in sys.modules)"
    assert run_python(code) == "False"
