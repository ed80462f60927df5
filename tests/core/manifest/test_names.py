"""Names: where they are defined and used, and renaming them everywhere."""

import json
from functools import cache

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from marble_core.gojson import apply_edits
from marble_core.gojson.layout import laid_out
from marble_core.manifest.check import check_manifest
from marble_core.manifest.fromyaml import from_yaml
from marble_core.manifest.names import Kind, Names, RenameRefused, YamlNames
from tests.fakes.manifests import bent, observatory

TEXT = json.dumps(
    bent(
        (
            ("Marbles", "plate", "Parameters", "Files"),
            {"/f": '{{ hex (index .Secrets "star") }} "star" .Secrets.star'},
        )
    ),
    indent=1,
)


def at(names, text, quoted):
    return names.at(text.index(quoted) + 1)


@pytest.mark.parametrize(
    ("where", "kind", "name"),
    [
        ('"dome",', Kind.PACKAGE, "dome"),
        ('"link"\n', Kind.TAG, "link"),
        ('"web",', Kind.SECRET, "web"),
        ('"keeper",', Kind.ROLE, "keeper"),
        ("star }}", Kind.SECRET, "star"),
        ('"note"\n', Kind.SECRET, "note"),
    ],
)
def test_a_reference_leads_to_its_definition(where, kind, name):
    names = Names(TEXT)
    mention = at(names, TEXT, where)
    assert (mention.kind, mention.name) == (kind, name)
    found = names.definition(mention)
    assert found.is_definition
    assert TEXT[found.start : found.end] == json.dumps(name)


def test_usages_are_found_in_templates_and_nowhere_else():
    names = Names(TEXT)
    found = names.usages(at(names, TEXT, '"star": {'))
    assert [it.where for it in found] == [
        "Secrets.star",
        "Marbles.shutter.Parameters.Files./etc/star.key",
        "Marbles.plate.Parameters.Files./f",
        "Marbles.plate.Parameters.Files./f",
    ]


@given(
    st.sampled_from(["dome", "link", "star", "note", "keeper", "vera", "shutter", "vault", "own"]),
    st.sampled_from(["moon", "a b", 'q"uo\\te', "né", "x.y", "", "1st"]),
)
def test_after_renaming_a_manifest_is_as_valid_and_has_as_many_references(old, new):
    names = Names(TEXT)
    mention = next(it for it in names.all if it.is_definition and it.name == old)
    renamed = apply_edits(TEXT, names.rename(mention, new))
    assert check_manifest(renamed.encode()).refusal is None
    if old not in {"vera", "shutter", "vault"}:
        assert "index" in renamed
    again = Names(renamed)
    (there,) = [it for it in again.all if it.is_definition and (it.kind, it.name) == (mention.kind, new)]
    assert len(again.usages(there)) == len(names.usages(mention)) or new == ""
    assert not [it for it in again.all if (it.kind, it.name) == (mention.kind, old)]


def test_what_is_passed_on_as_it_is_mentions_nothing():
    verbatim = {"Data": "{{ hex .Secrets.star }}", "NoTemplates": True}
    text = json.dumps(bent((("Marbles", "plate", "Parameters", "Files"), {"/their/own": verbatim})))
    names = Names(text)
    star = at(names, text, '"star": {')
    assert json.loads(apply_edits(text, names.rename(star, "sun")))["Marbles"]["plate"]["Parameters"][
        "Files"
    ] == {"/their/own": verbatim}


def test_a_name_that_is_taken_is_not_given_twice():
    names = Names(json.dumps(observatory()))
    with pytest.raises(RenameRefused, match="“web” already"):
        names.rename(next(it for it in names.all if it.name == "star"), "web")


@pytest.mark.parametrize(
    ("new", "written"),
    [('a"b', '`a"b`'), ("a`b", '"a`b"')],
)
def test_a_name_between_backquotes_keeps_them_while_it_can(new, written):
    place = ("Marbles", "plate", "Parameters", "Files")
    text = json.dumps(bent((place, {"/f": "{{ index .Secrets `star` }}"})))
    names = Names(text)
    star = next(it for it in names.all if it.is_definition and it.name == "star")
    renamed = json.loads(apply_edits(text, names.rename(star, new)))
    assert renamed["Marbles"]["plate"]["Parameters"]["Files"]["/f"] == f"{{{{ index .Secrets {written} }}}}"


IN_YAML = """
# who runs what
Packages:
  dome: {UniqueID: x}   # the enclave
Marbles:
  plate: &plate
    Package: dome
    Parameters:
      Files:
        /a: '{{ pem .Secrets.star }} it''s {{ pem .Secrets.moon }}'
        /b: |
          {{ hex (index .Secrets "star") }}
      Env:
        E: "{{ .Secrets.star }}"
  copy: *plate
Secrets:
  star: {Type: symmetric-key, Size: 128}
  "moon": {Type: plain}
"""


def test_names_in_yaml_are_found_where_they_stand():
    names = YamlNames(IN_YAML)
    mention = names.at(IN_YAML.index("star }} it"))
    assert (mention.kind, mention.name) == (Kind.SECRET, "star")
    found = names.definition(mention)
    assert IN_YAML[found.start : found.end + 1] == "star:"
    assert [IN_YAML[it.start : it.end] for it in names.usages(mention)] == ["star"] * 4 + ["copy"]


def test_a_name_in_yaml_is_renamed_in_its_own_quotes():
    names = YamlNames(IN_YAML)
    renamed = apply_edits(IN_YAML, names.rename(names.at(IN_YAML.index("star:")), "sun"))
    assert renamed == IN_YAML.replace("star", "sun")
    names = YamlNames(IN_YAML)
    renamed = apply_edits(IN_YAML, names.rename(names.at(IN_YAML.index('"moon"')), "it's me"))
    assert """{{ pem (index .Secrets "it''s me") }}""" in renamed
    assert '"it\'s me": {Type: plain}' in renamed


@cache
def written(style, flow):
    """The manifest in YAML, with every text in this style."""

    class Dumper(yaml.SafeDumper):
        pass

    Dumper.add_representer(
        str, lambda dumper, it: dumper.represent_scalar("tag:yaml.org,2002:str", it, style=style)
    )
    return yaml.dump(json.loads(TEXT), Dumper=Dumper, sort_keys=False, default_flow_style=flow)


@given(
    st.sampled_from(["dome", "link", "star", "note", "keeper", "vera", "shutter", "vault", "own"]),
    st.sampled_from(["moon", "a b", 'q"uo\\te', "né", "x.y", "it's", "a`b", "no", "1", "a: b", "#"]),
    st.sampled_from([None, '"', "'", "|"]),
    st.sampled_from([False, True]),
)
def test_yaml_becomes_what_renaming_in_the_json_gives(old, new, style, flow):
    text = written(style, flow)
    as_json = from_yaml(text.encode()).json.decode()
    in_json, names = Names(as_json), YamlNames(text)
    mention = next(it for it in names.all if it.is_definition and it.name == old)
    assert {it.where for it in names.usages(mention)} == {it.where for it in in_json.usages(mention)}
    try:
        renamed = apply_edits(text, names.rename(mention, new))
    except RenameRefused:
        assert (
            style in {'"', "|"} or flow or old == "star"
        )  # where a name may stand in many lines, or behind escapes
        return
    assert from_yaml(renamed.encode()).json.decode() == laid_out(
        apply_edits(as_json, in_json.rename(mention, new))
    )
