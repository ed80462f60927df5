from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.model import SecretName, SecretType
from marble_core.secrets import Secret
from marble_core.templates import MarbleRunValues, Target, TemplateError, TemplateValues, render

CASES = json.loads((Path(__file__).parents[1] / "data" / "templates.json").read_text("utf-8"))


def _plain(name: str, value: bytes) -> Secret:
    return Secret(SecretName(name), SecretType.PLAIN, private=value, public=value)


def _by_name(*secrets: Secret) -> dict[SecretName, Secret]:
    return {secret.name: secret for secret in secrets}


KEY = b"0123456789abcdef"
VALUES = TemplateValues(
    _by_name(
        Secret(SecretName("sealing"), SecretType.SYMMETRIC_KEY, 128, private=KEY, public=KEY),
        Secret(
            SecretName("web"), SecretType.CERT_RSA, cert=b"certificate", private=b"private", public=b"public"
        ),
        _plain("motd", b"Guten Tag"),
        _plain("zeros", b"a\0b"),
        _plain("with-dash", b"\xff\0"),
    ),
    MarbleRunValues(
        root_ca=b"root ca",
        marble_cert=b"marble cert",
        marble_public=b"marble public",
        marble_private=b"marble private",
        coordinator_root=b"coordinator root",
        coordinator_intermediate=b"intermediate",
    ),
    _by_name(_plain("motd", b"Good morning")),
)


@pytest.mark.parametrize(
    "case", [case for case in CASES if "renders" in case], ids=lambda case: case["template"]
)
def test_a_template_renders(case):
    rendered = render(case["template"].encode(), Target[case["target"].upper()], VALUES)
    assert rendered == case["renders"].encode()


@pytest.mark.parametrize(
    "case", [case for case in CASES if "refused" in case], ids=lambda case: case["template"]
)
def test_a_template_is_refused_at_its_place(case):
    with pytest.raises(TemplateError) as caught:
        render(case["template"].encode(), Target[case["target"].upper()], VALUES)
    assert case["refused"] in caught.value.message
    position = caught.value.position
    assert ([position.line, position.column] if position else None) == case["at"]


def test_bytes_that_are_no_utf_8_come_out_unchanged():
    assert render(b"\xff\xfe{{ raw .Secrets.motd }}\x80", Target.FILE, VALUES) == b"\xff\xfeGuten Tag\x80"
    assert render(b"{{ `\xff` }}", Target.FILE, VALUES) == b"\xff"


def test_such_bytes_in_a_quoted_string_become_the_replacement_character():
    assert render(b'{{ "\xff" }}', Target.FILE, VALUES) == "\ufffd".encode()


def test_a_message_can_be_sent_whatever_the_template_holds():
    with pytest.raises(TemplateError) as caught:
        render(b'{{ template "\\xff\\xfe" }}', Target.FILE, VALUES)
    caught.value.message.encode()
    caught.value.sentence.encode()


def test_the_wire_message_counts_columns_in_bytes_from_zero_as_go_does():
    with pytest.raises(TemplateError) as caught:
        render("\n\u00e9 {{ hex .Secrets.nobody }}".encode(), Target.FILE, VALUES)
    detail = 'executing "data" at <hex .Secrets.nobody>: error calling hex: secret does not exist'
    assert caught.value.message == f"template: data:2:6: {detail}"


def test_a_message_stays_short_whatever_its_names():
    with pytest.raises(TemplateError) as caught:
        render(b"{{ " + b"n" * 100_000 + b" }}", Target.FILE, VALUES)
    assert len(caught.value.message) < 500


def test_values_never_show_in_a_repr():
    assert "Guten Tag" not in repr(VALUES)
    assert "private" not in repr(VALUES).replace("marble_private", "")


@pytest.mark.parametrize("name", ["__class__", "_name", "real", "items", "values", "decode"])
@pytest.mark.parametrize(
    "value", ["(.)", "$", ".MarbleRun", ".Secrets.motd", ".Secrets.motd.Private", '("text")', "$x"]
)
def test_no_attribute_of_a_python_object_can_be_reached(value, name):
    with pytest.raises(TemplateError, match="field"):
        render(f"{{{{ $x := 1 }}}}{{{{ {value}.{name} }}}}".encode(), Target.FILE, VALUES)


LONG = "a" * 1_000_000
HOSTILE = {
    "a wide number": '{{ printf "%0700000000d" 1 }}',
    "many wide numbers": '{{ printf "' + "%0100000d" * 3000 + '"' + " 1" * 3000 + " }}",
    "a long loop": "{{ range 1000000000 }}{{ end }}",
    "loops in loops": "{{ range 1000 }}{{ range 1000 }}x{{ end }}{{ end }}",
    "loops that end at once": "{{ range 1000000 }}{{ range $.Secrets }}{{ break }}{{ end }}{{ end }}",
    "a call of itself": '{{ template "data" . }}',
    "a call of itself in a definition": '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}',
    "twice a call of itself": '{{ define "t" }}{{ template "t" }}{{ template "t" }}{{ end }}{{ template "t" }}',
    "a string that doubles": '{{ $x := "aaaaaaaa" }}' + "{{ $x = print $x $x }}" * 40,
    "long strings compared often": f'{{{{ $x := "{LONG}" }}}}{{{{ range 99999 }}}}{{{{ $y := eq $x $x }}}}{{{{ end }}}}',
    "long strings cut often": f'{{{{ $x := "{LONG}" }}}}{{{{ range 99999 }}}}{{{{ $y := slice $x 1 }}}}{{{{ end }}}}',
    "a long string printed often": f'{{{{ $x := "{LONG}" }}}}{{{{ range 99999 }}}}{{{{ $x }}}}{{{{ end }}}}',
    "a long string as many arguments": f'{{{{ $x := "{LONG}" }}}}{{{{ print{" $x" * 5000} }}}}',
    "parentheses": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "nested calls": "{{ " + "(len (print " * 3000 + "1" + "))" * 3000 + " }}",
    "a long pipe": "{{ 1" + " | print" * 5000 + " }}",
    "nested blocks": "{{ if true }}" * 20_000 + "{{ end }}" * 20_000,
    "a long path": "{{ ." + "a." * 100_000 + "b }}",
    "large frames": '{{ define "t" }}'
    + "{{ $a := 1 }}" * 10_000
    + '{{ end }}{{ range 9999 }}{{ template "t" }}{{ end }}',
    "many actions": "{{ 1 }}" * 300_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_ends_in_an_error_soon(text):
    started = time.process_time()
    with pytest.raises(TemplateError):
        render(text.encode(), Target.FILE, VALUES)
    assert time.process_time() - started < 5  # far less on an idle machine; without limits: minutes


def test_deep_but_honest_nesting_renders():
    parentheses = "(" * 3000 + ".Secrets.motd" + ")" * 3000
    assert render(f"{{{{ raw {parentheses} }}}}".encode(), Target.FILE, VALUES) == b"Guten Tag"
    blocks = "{{ if true }}" * 5000 + "x" + "{{ end }}" * 5000
    assert render(blocks.encode(), Target.FILE, VALUES) == b"x"


@given(st.binary().filter(lambda data: b"{{" not in data))
def test_a_text_without_actions_is_returned_as_it_is(data):
    assert render(data, Target.FILE, VALUES) == data


@given(st.text())
def test_a_quoted_string_prints_what_it_quotes(text):
    escaped = "".join(f"\\U{ord(character):08x}" for character in text)
    assert render(f'{{{{ "{escaped}" }}}}'.encode(), Target.FILE, VALUES) == text.encode()


@given(st.text(), st.text())
def test_a_comment_between_texts_prints_nothing(before, after):
    before, after = before.replace("{{", ""), after.replace("{{", "")
    template = f"{before} {{{{/* note */}}}} {after}"
    assert render(template.encode(), Target.FILE, VALUES) == f"{before}  {after}".encode()


_FRAGMENTS = st.sampled_from(
    [
        "{{",
        "}}",
        "{{-",
        "-}}",
        "(",
        ")",
        "|",
        ".",
        "$",
        "$x",
        ":=",
        "=",
        ",",
        "if",
        "else",
        "end",
        "range",
        "with",
        "define",
        "template",
        "break",
        "hex",
        "print",
        "printf",
        "and",
        "index",
        ".Secrets",
        ".motd",
        ".Cert",
        '"a"',
        '"%s%d"',
        "`b`",
        "1",
        "-2",
        "true",
        "/*",
        "*/",
        "\\",
        '"',
        "`",
        "\n",
        "é",
    ]
)


@given(st.lists(st.one_of(_FRAGMENTS, st.text(max_size=3)), max_size=30).map(" ".join))
def test_any_text_renders_or_is_refused(text):
    try:
        render(("{{ " + text).encode(), Target.ENV, VALUES)
    except TemplateError as error:
        error.message.encode()
