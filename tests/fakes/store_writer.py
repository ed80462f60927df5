"""A process that writes numbered states as fast as it can, until it is killed. Says each number once it is acknowledged."""

import os
import sys
from itertools import count
from pathlib import Path

from marble_coordinator.adapters.file_store import FileStore
from marble_coordinator.sealing import WrongStateKey, open_state, seal_state
from marble_core.recovery import KEY_SIZE

NEW_KEY_EVERY = 5
PADDING = bytes(50_000)  # long enough for a kill in the middle of a file


def opens(data: bytes, key: bytes) -> bool:
    try:
        open_state(data, key)
    except WrongStateKey:
        return False
    return True


def number_in(store: FileStore) -> int:
    """The number of the state in force, -1 when there is none. Raises when the state does not open."""
    state = store.read(opens)
    return -1 if state is None else int(open_state(state.data, state.key).partition(b" ")[0])


def main() -> None:
    store = FileStore.open(Path(sys.argv[1]))
    key = None
    for number in count(number_in(store) + 1):
        changed_key = os.urandom(KEY_SIZE) if key is None or number % NEW_KEY_EVERY == 0 else None
        key = changed_key or key
        store.write(seal_state(b"%d %b" % (number, PADDING), key), changed_key)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
