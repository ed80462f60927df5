"""Finding commands by what is typed."""

import string

from hypothesis import given
from hypothesis import strategies as st

from marble_console.palette.commands import Command, Group, found


def command(title, group=Group.ACTIONS, **more):
    return Command(more.pop("key", title), group, title, "send", lambda: None, **more)


OFFERED = [
    command("Verify now", Group.PAGE),
    command("Verify expected manifest…", Group.PAGE),
    command("Overview", Group.PAGES),
    command("Attestation", Group.PAGES, detail="why a coordinator is trusted"),
    command("Lock", shortcut="Ctrl+L"),
    command("New user certificate…"),
    command("observatory", Group.CONNECTIONS, detail="coordinator.observatory.example:4433"),
    *(command(f"key_{number}", Group.SECRETS, detail="symmetric-key") for number in range(40)),
]


def titles(query, recent=()):
    return [(group, [each.title for each in chosen]) for group, chosen in found(OFFERED, query, recent)]


def test_the_beginning_of_a_title_comes_before_its_middle():
    assert titles("ver") == [
        ("On this page", ["Verify now", "Verify expected manifest…"]),
        ("Pages", ["Overview"]),
    ]


def test_words_may_be_beside_the_title():
    assert titles("page over") == [("Pages", ["Overview"])]
    assert titles("4433") == [("Connections", ["observatory"])]
    assert titles("trusted") == [("Pages", ["Attestation"])]


def test_letters_with_gaps_find_a_title_by_the_beginning_of_a_word():
    assert titles("vw") == [("On this page", ["Verify now"])]
    assert titles("erfy") == []


def test_of_many_secrets_as_many_are_shown_as_are_read_at_a_glance():
    (group,) = titles("key_")
    assert group == ("Secrets", [f"key_{number}" for number in range(8)])


def test_without_a_query_recent_ones_stand_first_and_no_secret_is_named():
    groups = titles("", recent=["Lock", "gone", "observatory"])
    assert groups[0] == ("Recent", ["Lock", "observatory"])
    assert [group for group, _ in groups[1:]] == ["On this page", "Pages", "Actions", "Connections"]


text = st.text(alphabet=string.ascii_letters + "_ -…ß", min_size=1, max_size=20)


@given(st.lists(text.filter(str.strip), min_size=1, unique=True), st.data())
def test_every_command_is_found_by_its_title_and_by_any_part_of_it(names, data):
    offered = [command(name) for name in names]
    name = data.draw(st.sampled_from(names))
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    shown = [each.title for _, chosen in found(offered, part) for each in chosen]
    as_many = sum(part.casefold() in each.casefold() for each in names)
    assert name in shown or as_many > 8 or part != part.strip() or " " in part
    assert len(shown) == len(set(shown))


@given(text)
def test_nothing_is_found_that_lacks_a_letter_asked_for(query):
    for group, chosen in found(OFFERED, query):
        for each in chosen:
            beside = f"{each.title} {each.detail} {group}".casefold()
            assert all(letter in beside for letter in query.casefold() if not letter.isspace())
