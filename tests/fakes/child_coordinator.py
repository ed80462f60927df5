"""Stands in for the bundled coordinator as a process of its own, where a test wants it to behave in a certain way.

Run as `python child_coordinator.py MODE flags...`; the flags are those of marble-coordinator and echoed in the log.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path


def log(level: str, message: str, **fields: object) -> None:
    line = {"level": level, "ts": time.time(), "caller": "fake:1", "msg": message, **fields}
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


def ready() -> None:
    flags = dict(flag.partition("=")[::2] for flag in sys.argv[2:])
    ports = [int(flags[name].rpartition(":")[2]) for name in ("--client-addr", "--mesh-addr")]
    line = {
        "client_port": ports[0], "mesh_port": ports[1], "root_sha256": "ab" * 32, "state": 2,
        "version": "0", "pid": os.getpid(),
    }  # fmt: skip
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> int:
    mode = sys.argv[1]
    if mode == "fatal":
        log("fatal", os.environ["LAST_WORD"])
        return 1
    if mode == "broken":
        raise RuntimeError("a defect")
    edg = sorted(name for name in os.environ if name.startswith("EDG_"))
    log("info", "Starting coordinator", flags=sys.argv[2:], folder=str(Path.cwd()), edg=edg)
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ready()
        time.sleep(60)
    if mode == "slow":
        sys.stdin.read()
        return 0
    ready()
    if mode == "crashing":
        for number in range(50):
            log("info", f"line {number}")
        log("error", "last words")
        return 3
    sys.stdin.read()
    log("info", "stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
