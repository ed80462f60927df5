"""Names: where they are defined and used, and renaming them everywhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.gojson import apply_edits
from marble_core.manifest.check import check_manifest
from marble_core.manifest.names import Kind, Names, RenameRefused
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


def test_a_name_that_is_taken_is_not_given_twice():
    names = Names(json.dumps(observatory()))
    with pytest.raises(RenameRefused, match="“web” already"):
        names.rename(next(it for it in names.all if it.name == "star"), "web")
