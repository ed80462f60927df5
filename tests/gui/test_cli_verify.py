"""`marble-console verify`: four outcomes, four exit codes, with a coordinator or with a file."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from marble_console import cli
from marble_console.attesting import CollateralCache
from marble_console.coordinators.attested import AttestationStore, Terms
from marble_console.coordinators.folders import collateral_folder, profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.main import main
from marble_core.attestation.collateral import write_collateral
from marble_core.attestation.evidence import EvidenceFile, read_evidence, write_evidence
from marble_core.attestation.policy import write_policy
from marble_core.attestation.report import read_report
from marble_core.attestation.steps import Verdict
from tests.fakes.attested_coordinator import POLICY
from tests.fakes.tls_server import Script, error, make_identity, running

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def files(tmp_path, pki, collateral):
    """Paths by name: policy, root, collateral; and what is not there yet: evidence."""
    contents = {
        "policy": write_policy(POLICY),
        "root": pki.root.pem.encode(),
        "collateral": write_collateral(collateral),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / name) for name in (*contents, "evidence")}


@pytest.fixture
def known(files, service):
    """The options that make the simulated coordinator the expected one."""
    return ["--policy", files["policy"], "--root", files["root"], "--pccs", str(service.address)]


@pytest.fixture
def saved(files, known, coordinator, capsys) -> EvidenceFile:
    """The evidence of a good verification, in its file."""
    assert (
        main(["verify", str(coordinator.address), *known, "--save-evidence", files["evidence"]])
        == cli.SIMULATED
    )
    capsys.readouterr()
    return read_evidence(Path(files["evidence"]).read_bytes())


def test_a_simulated_coordinator_ends_with_three_and_shows_every_step(coordinator, known, capsys):
    assert main(["verify", str(coordinator.address), *known]) == cli.SIMULATED == 3
    out = capsys.readouterr().out
    assert out.startswith("Simulated · not verified\nNo hardware proof")
    assert " 7 Simulated    Quote signature: " in out
    assert "15 Pass         Manifest signature: " in out
    assert out.count("\n") > 20


def test_the_report_as_json(coordinator, known, root, capsys):
    main(["verify", str(coordinator.address), *known, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["root"], told["state"], told["blocked"]) == (
        "simulated",
        root.fingerprint,
        3,
        None,
    )
    assert told["collateral"]["origin"] == "service"
    assert read_report(json.dumps(told["report"]).encode()).verdict is Verdict.SIMULATED


def test_another_enclave_ends_with_one_and_shows_both(coordinator, known, tmp_path, capsys):
    (tmp_path / "policy").write_text('{"UniqueID": "' + "ab" * 32 + '"}')
    assert main(["verify", str(coordinator.address), *known]) == cli.BAD == 1
    out = capsys.readouterr().out
    assert out.startswith("Failed\nStep 11")
    assert "expected " + "ab" * 32 in out


def test_without_a_policy_it_could_not_be_checked(coordinator, known, capsys):
    assert main(["verify", str(coordinator.address), *known[2:]]) == cli.UNASKED == 2
    assert capsys.readouterr().out.startswith("Not verified\nStep 11")


def test_by_intels_root_a_simulation_fails(coordinator, known, capsys):
    assert main(["verify", str(coordinator.address), *known[:2], *known[4:]]) == cli.BAD
    assert "Step 3" in capsys.readouterr().out


def test_without_collateral_it_could_not_be_checked_and_the_service_says_why(coordinator, files, capsys):
    options = ["--policy", files["policy"], "--root", files["root"], "--pccs", "http://127.0.0.1:1"]
    assert main(["verify", str(coordinator.address), *options]) == cli.UNASKED
    assert "http://127.0.0.1:1 cannot be reached" in capsys.readouterr().err


def test_collateral_comes_from_a_file_without_any_service(coordinator, files, service, capsys):
    options = ["--policy", files["policy"], "--root", files["root"], "--collateral", files["collateral"]]
    assert main(["verify", str(coordinator.address), *options]) == cli.SIMULATED
    assert service.asked == []


def test_a_kept_connection_is_verified_by_its_own_terms(coordinator, service, pki, root, capsys):
    with ProfileStore(profiles_file()) as store:
        kept = store.add(Profile("Ledger", Kind.REMOTE, coordinator.address, NOW, root_der=root.der))
        terms = Terms(write_policy(POLICY).decode(), "ours", pki.root.der, service.address)
        AttestationStore(store.database).set_terms(kept.id, terms)
    assert main(["verify", "Ledger"]) == cli.SIMULATED
    assert "Changed" not in capsys.readouterr().out
    assert len(list(collateral_folder().iterdir())) == 1


def test_a_root_that_is_not_the_kept_one_fails_however_good_its_quote_is(
    coordinator, service, pki, known, capsys
):
    with ProfileStore(profiles_file()) as store:
        store.add(Profile("Ledger", Kind.REMOTE, coordinator.address, NOW, root_der=make_identity().der))
    assert main(["verify", "Ledger", *known]) == cli.BAD
    told = capsys.readouterr()
    assert told.out.startswith("Failed")
    assert "Changed:     yes" in told.out
    assert "another root certificate than the one pinned" in told.err


def test_a_coordinator_that_is_not_there_could_not_be_checked(known, capsys):
    assert main(["verify", "127.0.0.1:1", *known]) == cli.UNASKED
    assert "Nothing listens at 127.0.0.1:1" in capsys.readouterr().err


def test_control_characters_of_a_coordinator_never_reach_the_terminal(root, known, tmp_path, capsys):
    script = Script({"GET /api/v2/status": error(500, "\x1b[31mred")})
    with running(root.write(tmp_path), script) as server:
        assert main(["verify", str(server.address), *known]) == cli.UNASKED
    err = capsys.readouterr().err
    assert "[31mred" in err
    assert "\x1b" not in err


# Evidence


def test_evidence_repeats_the_verdict_without_network(saved, files, coordinator, service, capsys):
    asked = len(coordinator.script.requests), len(service.asked)
    assert main(["verify", "--evidence", files["evidence"], "--root", files["root"]]) == cli.SIMULATED
    assert (len(coordinator.script.requests), len(service.asked)) == asked
    assert str(coordinator.address) in capsys.readouterr().out


def test_a_quote_alone_is_judged_step_by_step_and_never_trusted(saved, files, tmp_path, capsys):
    (tmp_path / "quote").write_bytes(saved.evidence.quote)
    options = ["--root", files["root"], "--policy", files["policy"], "--collateral", files["collateral"]]
    assert main(["verify", "--evidence", str(tmp_path / "quote"), *options]) == cli.UNASKED
    out = capsys.readouterr().out
    assert out.startswith("Not verified\nStep 1, quote fetched, could not be checked")
    assert " 7 Simulated    Quote signature: " in out
    assert "11 Simulated    Enclave identity: " in out


def test_evidence_is_judged_by_the_root_of_who_opens_it(saved, files):
    assert saved.root
    assert main(["verify", "--evidence", files["evidence"]]) == cli.BAD


def test_evidence_is_judged_as_of_its_time_or_another(saved, files, capsys):
    command = ["verify", "--evidence", files["evidence"], "--root", files["root"]]
    assert main([*command, "--at", (NOW + dt.timedelta(days=29)).isoformat()]) == cli.SIMULATED
    assert main([*command, "--at", (NOW + dt.timedelta(days=31)).isoformat()]) == cli.BAD
    assert "has ended" in capsys.readouterr().out


def test_evidence_is_judged_by_another_policy_if_one_is_given(saved, files, tmp_path):
    (tmp_path / "policy").write_text('{"UniqueID": "' + "ab" * 32 + '"}')
    command = ["verify", "--evidence", files["evidence"], "--root", files["root"]]
    assert main([*command, "--policy", files["policy"]]) == cli.BAD


def test_evidence_without_collateral_is_completed_when_a_source_is_named(
    saved, files, service, tmp_path, capsys
):
    bare = replace(saved, evidence=replace(saved.evidence, collateral=None))
    (tmp_path / "evidence").write_bytes(write_evidence(bare))
    command = ["verify", "--evidence", files["evidence"], "--root", files["root"]]
    asked = len(service.asked)
    assert main(command) == cli.UNASKED
    assert len(service.asked) == asked
    assert main([*command, "--collateral", files["collateral"]]) == cli.SIMULATED
    completed = str(tmp_path / "completed")
    assert main([*command, "--pccs", str(service.address), "--save-evidence", completed]) == cli.SIMULATED
    assert main(["verify", "--evidence", completed, "--root", files["root"]]) == cli.SIMULATED
    assert main([*command, "--pccs", "http://127.0.0.1:1"]) == cli.SIMULATED  # what was kept helps out
    assert "cannot be reached" in capsys.readouterr().err
    CollateralCache(collateral_folder()).clear()
    assert main([*command, "--pccs", "http://127.0.0.1:1"]) == cli.UNASKED


def test_saved_evidence_is_for_its_owner_only(saved, tmp_path):
    assert (tmp_path / "evidence").stat().st_mode & 0o777 == 0o600


# Usage


@pytest.mark.parametrize("name", ["policy", "root", "collateral", "evidence"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", None], ids=repr)
def test_a_file_that_is_none_of_its_kind_is_usage(files, tmp_path, name, content, capsys):
    if content is None:
        (tmp_path / name).unlink(missing_ok=True)
    else:
        (tmp_path / name).write_bytes(content)
    assert (
        main(["verify", *([] if name == "evidence" else ["127.0.0.1:1"]), f"--{name}", files[name]])
        == cli.UNASKED
    )
    assert capsys.readouterr().err


def test_a_root_that_cannot_be_read_is_not_taken_for_that_of_the_coordinator(capsys):
    assert main(["verify", "h:1", "--root", __file__]) == cli.UNASKED
    assert "--root takes the root above a simulated platform" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["a b"], ["h:1", "--pccs", "ftp://x"], ["h:1", "--policy", __file__], ["h:1", "--evidence", __file__]],
    ids=lambda arguments: arguments[-1][-12:],
)
def test_what_cannot_be_carried_out_is_usage(arguments, capsys):
    assert main(["verify", *arguments]) == cli.UNASKED
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--at", "noon"], ["--at", "2026-01-01T00:00:00"], ["--pccs", "x", "--collateral", "y"]]
)
def test_wrong_options_end_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["verify", "h:1", *arguments])
    assert caught.value.code == cli.UNASKED
    assert "usage:" in capsys.readouterr().err


def test_evidence_that_cannot_be_written_is_told(coordinator, known, tmp_path, capsys):
    path = tmp_path / "no folder" / "evidence"
    assert main(["verify", str(coordinator.address), *known, "--save-evidence", str(path)]) == cli.UNASKED
    assert str(path) in capsys.readouterr().err
