from pathlib import Path

import pytest

from marble_coordinator import config
from marble_coordinator.config import Address, ConfigError

HERE = Path("/somewhere")


def load(*argv, **environ):
    return config.from_command_line(argv, environ, HERE)


def test_without_any_setting_the_defaults_of_the_reference_hold():
    defaults = load()
    assert (defaults.client_addr, defaults.mesh_addr) == (Address("", 4433), Address("", 2001))
    assert defaults.prometheus_addr is None
    assert defaults.dns_names == ("localhost",)
    assert defaults.seal_dir == HERE / "marblerun-coordinator-data"
    assert not defaults.dev_mode


def test_a_flag_beats_its_variable():
    assert (
        load("--client-addr", "127.0.0.1:1", EDG_COORDINATOR_CLIENT_ADDR="127.0.0.1:2").client_addr.port == 1
    )


def test_an_empty_variable_counts_as_unset():
    assert load(EDG_COORDINATOR_MESH_ADDR="", EDG_STARTUP_MANIFEST="").mesh_addr.port == 2001


def test_the_default_seal_directory_follows_edg_cwd():
    assert load(EDG_CWD="/data").seal_dir == Path("/data/marblerun-coordinator-data")


def test_an_absolute_seal_directory_stands():
    assert load(EDG_CWD="/data", EDG_COORDINATOR_SEAL_DIR="/seal").seal_dir == Path("/seal")


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("0", False), ("true", False), ("yes", False)])
def test_only_the_digit_one_switches_dev_mode_on(value, expected):
    assert load(EDG_COORDINATOR_DEV_MODE=value).dev_mode is expected


def test_dns_names_are_trimmed_and_empty_ones_dropped():
    assert load(EDG_COORDINATOR_DNS_NAMES=" a.example, ,b.example,").dns_names == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        (":4433", "", 4433),
        ("localhost:0", "localhost", 0),
        ("[::1]:5", "::1", 5),
        ("127.0.0.1:65535", "127.0.0.1", 65535),
    ],
)
def test_addresses_are_host_and_port(text, host, port):
    assert config.parse_address(text) == Address(host, port)


@pytest.mark.parametrize(
    "text", ["4433", "localhost", "localhost:", "localhost:http", ":-1", ":65536", "::1:5", ":٣"]
)
def test_a_bad_address_is_refused_and_the_variable_named(text):
    with pytest.raises(ConfigError, match="EDG_COORDINATOR_CLIENT_ADDR"):
        load(EDG_COORDINATOR_CLIENT_ADDR=text)


def test_a_bad_flag_is_named_as_the_flag():
    with pytest.raises(ConfigError, match="--mesh-addr"):
        load("--mesh-addr", "nowhere")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MARBLE_COORDINATOR_MAX_BODY", "0"),
        ("MARBLE_COORDINATOR_MAX_CONNECTIONS", "many"),
        ("MARBLE_COORDINATOR_IDLE_TIME", "-1"),
        ("MARBLE_COORDINATOR_IDLE_TIME", "nan"),
        ("EDG_HTTP_ERROR_LOG_LEVEL", "loud"),
        ("EDG_COORDINATOR_DNS_NAMES", "größe.example"),
    ],
)
def test_a_bad_value_is_refused_and_the_variable_named(variable, value):
    with pytest.raises(ConfigError, match=variable):
        load(**{variable: value})


def test_a_recovery_file_without_a_startup_manifest_is_refused():
    with pytest.raises(ConfigError, match="without a start-up manifest"):
        load("--startup-recovery-file", "secrets.json")


def test_the_help_names_every_flag_with_its_variable():
    text = config.parser().format_help()
    for group in config._GROUPS.values():
        for setting in group:
            assert setting.flag in text
            assert setting.variable in text
