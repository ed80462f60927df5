"""`python -m bench`: measure our coordinator, any others beside it, and the console; print a table."""

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from bench import comparing, console, editing, machine, opening, verifying
from bench.items import Bench
from bench.process import NotAnswering
from bench.report import Row, as_json, table

MIN_ROUNDS = 7


def items(bench: Bench) -> dict[str, Callable[[], Iterable[Row]]]:
    return {
        "start": bench.starts,
        "reads": bench.reads,
        "manifests": bench.manifests,
        "waits": bench.waits,
        "changes": bench.changes,
        "activations": bench.activations,
        "restarts": bench.restarts,
    }


def measure(bench: Bench, wanted: Sequence[str]) -> Iterator[Row]:
    available = items(bench)
    chosen = [name for name in available if name in wanted]
    if not chosen:
        return
    with bench.running():
        for name in chosen:
            for row in available[name]():
                print(f"  {row.item}", file=sys.stderr, flush=True)
                yield row


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    here = Path(sys.executable).parent
    names = [
        "start",
        "reads",
        "manifests",
        "waits",
        "changes",
        "activations",
        "restarts",
        "console",
        "pages",
        "verify",
        "compare",
        "editor",
    ]
    parser = argparse.ArgumentParser(prog="bench", description="Measure the coordinator and the console.")
    parser.add_argument("--coordinator", default=str(here / "marble-coordinator"), metavar="COMMAND")
    parser.add_argument(
        "--other", action="append", default=[], metavar="COMMAND", help="measure this one beside ours"
    )
    parser.add_argument("--console", default=str(here / "marble-console"), metavar="COMMAND")
    parser.add_argument("--rounds", type=int, default=MIN_ROUNDS)
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a round under load")
    parser.add_argument(
        "--only", action="append", choices=names, help="measure this group alone; may be repeated"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the coordinators keep their state: decides the disk"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all rounds to FILE")
    options = parser.parse_args(arguments)
    options.only = options.only or names
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    others = [command for command in options.other if command.strip()]
    programs = {"ours": options.coordinator}
    programs |= {
        "other" if len(others) == 1 else f"other {n}": command for n, command in enumerate(others, 1)
    }
    with contextlib.ExitStack() as stack:
        base = options.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="marble-bench-"))
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=base)))
        facts = dict(machine.facts(folder)) | {
            name: command for name, command in programs.items() if name != "ours"
        }
        try:
            rows = list(measure(Bench(programs, folder, options.rounds, options.seconds), options.only))
            if "console" in options.only:
                rows += console.rows(options.console, list(programs), folder, options.rounds)
            if "pages" in options.only:
                rows += opening.rows(list(programs), folder, options.rounds)
            if "verify" in options.only:
                rows += verifying.rows(list(programs), options.rounds)
            if "compare" in options.only:
                rows += comparing.rows(options.console, list(programs), folder, options.rounds)
            if "editor" in options.only:
                rows += editing.rows(options.console, list(programs), folder, options.rounds)
        except NotAnswering as trouble:
            print(trouble, file=sys.stderr)
            return 1
    print("\n".join(f"{name}: {value}" for name, value in facts.items()))
    print(
        f"\nMedians of {options.rounds} rounds (smallest-largest); CPU for one operation, mean of all rounds.\n"
    )
    print("\n".join(table(rows, list(programs))))
    if options.json:
        options.json.write_text(
            json.dumps({"facts": facts, "rows": as_json(rows)}, indent=1), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
