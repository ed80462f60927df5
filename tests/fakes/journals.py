"""What the journal of a console says, for tests of what the console does."""

from marble_console.journal.account import acts
from marble_console.journal.store import JournalStore


def acts_in(home):
    """The deeds in the journal below a console's folder, whose chain has to be intact."""
    chain = JournalStore(home / "console.sqlite3").read()
    assert chain.check().is_intact
    return acts(chain.entries)


def told_in(home):
    """The deeds as action, objects and outcome."""
    return [
        (act.action, act.objects, act.outcome.value if act.outcome is not None else "unknown")
        for act in acts_in(home)
    ]
