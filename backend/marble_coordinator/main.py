"""The entry point `marble-coordinator`."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run a coordinator; returns the exit code."""
    # Loading makes a great many objects and no garbage. Without the collector it takes a fifth less time;
    # `runtime.serve` switches it on again.
    gc.disable()
    from marble_coordinator.program import run  # noqa: PLC0415 # nothing may be loaded before the line above

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
