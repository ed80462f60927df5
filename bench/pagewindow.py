"""Run as `python -m bench.pagewindow`: open each page of the real window for the first time, on a local coordinator.

Prints JSON: for each page the longest time in seconds between two turns of the event loop, from the choice of the page
until nothing moves any more.
"""

import json

from bench.window import Gaps, real_window, until_quiet
from marble_console.navigation import Place

QUIET = 0.3  # seconds
READY = 3.0  # seconds: the coordinator has started, and the pages are loaded


def main() -> dict[str, float]:
    told = {}
    with real_window(local=True, ready=READY) as (shell, console, work_ends):
        for place in Place:
            if place is Place.WELCOME or shell.has_page(place):
                continue
            gaps = Gaps()
            console.show_page(place)
            until_quiet(QUIET)
            work_ends()
            until_quiet(QUIET)
            told[place.value] = gaps.longest
            gaps.stop()
    return told


if __name__ == "__main__":
    print(json.dumps(main()))
