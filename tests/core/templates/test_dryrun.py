from __future__ import annotations

import dataclasses

from marble_core.manifest.model import (
    Manifest,
    Marble,
    MarbleType,
    Parameters,
    ParameterValue,
    SecretDefinition,
    SecretName,
    SecretType,
)
from marble_core.secrets import Secret
from marble_core.templates import TemplateProblem, dry_run, placeholders

SECRETS = {
    SecretName("sealing"): SecretDefinition("symmetric-key", size=128, shared=True),
    SecretName("web"): SecretDefinition("cert-ecdsa", size=256),
    SecretName("license"): SecretDefinition("plain", user_defined=True),
}


def _manifest(*, files: dict[str, bytes] | None = None, env: dict[str, bytes] | None = None) -> Manifest:
    parameters = Parameters(
        files={path: ParameterValue(data) for path, data in (files or {}).items()},
        env={name: ParameterValue(data) for name, data in (env or {}).items()},
    )
    return Manifest(marbles={MarbleType("web"): Marble(parameters=parameters)}, secrets=SECRETS)


def _problems(manifest: Manifest, **uploaded: Secret) -> list[TemplateProblem]:
    return list(dry_run(manifest, {SecretName(name): secret for name, secret in uploaded.items()}))


def test_a_good_manifest_has_no_problems():
    good = {
        "/key": b"{{ hex .Secrets.sealing }}",
        "/chain": b"{{ pem .Secrets.web.Cert }}",
        "/plain": b"as it is",
    }
    assert _problems(_manifest(files=good, env={"LICENSE": b"{{ string .Secrets.license }}"})) == []


def test_a_problem_names_marble_entry_and_place():
    (problem,) = _problems(_manifest(files={"/etc/key": b"a\nb {{ hex .Secrets.nobody }}"}))
    assert (problem.rule, problem.marble, problem.section, problem.entry) == (
        "R30",
        "web",
        "Files",
        "/etc/key",
    )
    assert problem.message.startswith("in Marble web: file /etc/key: template: data:2:5:")
    assert problem.position
    assert (problem.position.line, problem.position.column) == (2, 6)


def test_a_problem_of_a_variable_is_worded_as_the_coordinator_words_it():
    (problem,) = _problems(_manifest(env={"KEY": b"{{ raw .Secrets.sealing }}"}))
    assert problem.message == 'in Marble web: env variable KEY: template: data:1: function "raw" not defined'


def test_a_null_byte_in_a_variable_is_refused_even_without_templates():
    marble = Marble(parameters=Parameters(env={"KEY": ParameterValue(b"a\0b", no_templates=True)}))
    (problem,) = dry_run(Manifest(marbles={MarbleType("web"): marble}))
    assert (problem.rule, problem.message) == (
        "R29",
        "in Marble web: env variable: KEY: content contains null bytes",
    )


def test_a_null_byte_in_a_file_passes():
    assert _problems(_manifest(files={"/key": b"a\0b"})) == []


def test_a_value_without_templates_is_not_read_as_one():
    marble = Marble(parameters=Parameters(files={"/key": ParameterValue(b"{{ broken", no_templates=True)}))
    assert list(dry_run(Manifest(marbles={MarbleType("web"): marble}))) == []


def test_problems_come_in_the_order_of_names_files_first():
    manifest = _manifest(files={"/b": b"{{", "/a": b"{{"}, env={"B": b"{{", "A": b"{{"})
    other = Marble(parameters=Parameters(files={"/z": ParameterValue(b"{{")}))
    manifest = dataclasses.replace(manifest, marbles={**manifest.marbles, MarbleType("api"): other})
    assert [problem.entry for problem in dry_run(manifest)] == ["/z", "/a", "/b", "A", "B"]


def test_an_unset_secret_passes_until_its_real_value_lacks_what_a_template_wants():
    manifest = _manifest(files={"/cert": b"{{ pem .Secrets.license.Cert }}"})
    assert _problems(manifest) == []
    value = Secret(SecretName("license"), SecretType.PLAIN, private=b"value", public=b"value")
    (problem,) = _problems(manifest, license=value)
    assert problem.message.endswith("tried to parse secret with empty value")


def test_an_uploaded_value_with_null_bytes_is_refused_where_a_variable_takes_it():
    value = Secret(SecretName("license"), SecretType.PLAIN, private=b"a\0b", public=b"a\0b")
    manifest = _manifest(env={"LICENSE": b"{{ string .Secrets.license }}"})
    (problem,) = _problems(manifest, license=value)
    assert problem.message.endswith("secret contains null bytes")


def test_a_generated_key_has_its_length_and_a_user_defined_secret_one_byte():
    stand_ins = placeholders(_manifest()).secrets
    sealing, license_, web = (stand_ins[SecretName(name)] for name in ("sealing", "license", "web"))
    assert (len(sealing.private), sealing.cert) == (16, b"")
    assert {len(part) for part in (license_.cert, license_.private, license_.public)} == {1}
    assert len({web.cert, web.public, web.private}) == 3


def test_an_absurd_key_size_does_not_fill_the_memory():
    huge = {SecretName("huge"): SecretDefinition("symmetric-key", size=2**63, shared=True)}
    stand_in = placeholders(Manifest(secrets=huge)).secrets[SecretName("huge")]
    assert len(stand_in.private) <= 1 << 20


def test_a_secret_of_an_unknown_type_is_left_to_its_own_rule():
    odd = {SecretName("odd"): SecretDefinition("symetric-key")}
    manifest = _manifest(files={"/key": b"{{ hex .Secrets.odd }}"}, env={"KEY": b"{{ string .Secrets.odd }}"})
    assert list(dry_run(dataclasses.replace(manifest, secrets=odd))) == []


def test_a_template_of_many_marbles_is_tried_once():
    loop = b"{{ range 100000 }}{{ end }}"
    assert _problems(_manifest(files={f"/{number:03}": loop for number in range(100)})) == []


def test_a_template_is_judged_by_where_it_stands():
    text = b"{{ raw .Secrets.sealing }}"
    (problem,) = _problems(_manifest(files={"/key": text}, env={"KEY": text}))
    assert (problem.section, problem.entry) == ("Env", "KEY")


def test_many_hostile_templates_share_one_budget():
    loops = {f"/{number:03}": b"{{ range %d }}{{ end }}" % (100_000 + number) for number in range(100)}
    problems = _problems(_manifest(files=loops))
    assert len(problems) == 1
    assert "too many steps" in problems[0].message
