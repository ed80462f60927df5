"""Do both programs of an installation work? `smoke.py CONSOLE COORDINATOR`; raises, and so fails, with a reason.

The coordinator has to start, answer /status over TLS, and end cleanly when told to. The console has to show its window on
a coordinator of its own and end by itself. Neither may need anything from this checkout.
"""

import json
import os
import ssl
import subprocess
import sys
import tempfile
from http.client import HTTPSConnection
from pathlib import Path

TIMEOUT_SECONDS = 60
WAITING_FOR_A_MANIFEST = 2


class NotWorking(Exception):
    """What did not work, with what the program said."""


def check(console: Path, coordinator: Path) -> None:
    """Raises NotWorking."""
    with tempfile.TemporaryDirectory(prefix="marble-smoke-") as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("EDG_", "PYTHON"))}
        env |= {"HOME": folder, "MARBLE_CONSOLE_HOME": f"{folder}/data", "QT_QPA_PLATFORM": "offscreen"}
        check_coordinator(coordinator, Path(folder), env)
        check_console(console, Path(folder), env)


def check_coordinator(program: Path, folder: Path, env: dict[str, str]) -> None:
    command = [
        str(program),
        "--client-addr=127.0.0.1:0",
        "--mesh-addr=127.0.0.1:0",
        f"--seal-dir={folder}/seal",
    ]
    with (
        (folder / "coordinator.log").open("w+b") as log,
        subprocess.Popen(
            [*command, "--ready-json", "--stop-with-stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,
            env=env,
        ) as process,
    ):
        try:
            trouble = converse(process)
        finally:
            process.kill()
        if trouble:
            log.seek(0)
            raise NotWorking(f"{trouble}; its log:\n{log.read().decode(errors='replace')}")


def converse(process: "subprocess.Popen[bytes]") -> str | None:
    """Wait for the ready line, ask for the status, close the coordinator's input; returns what went wrong."""
    assert process.stdin  # noqa: S101 -- pipes were asked for
    assert process.stdout  # noqa: S101 -- as above
    ready = json.loads(process.stdout.readline() or b"null")
    if ready is None:
        return f"the coordinator ended with {process.wait(TIMEOUT_SECONDS)}"
    answer = get(ready["client_port"], "/status")
    if answer["data"]["StatusCode"] != WAITING_FOR_A_MANIFEST:
        return f"the coordinator answers {answer}"
    process.stdin.close()
    if process.wait(TIMEOUT_SECONDS):
        return f"the coordinator ended with {process.returncode} after its input was closed"
    return None


def get(port: int, path: str) -> dict[str, dict[str, object]]:
    """An answer of a coordinator that nobody knows yet: whether it runs is asked, not whether it can be trusted."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS, context=context)
    try:
        connection.request("GET", path)
        return dict(json.load(connection.getresponse()))
    finally:
        connection.close()


def check_console(program: Path, folder: Path, env: dict[str, str]) -> None:
    command = [str(program), "--local", "--smoke-test"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, cwd=folder, env=env, check=False
    )
    if done.returncode or "connected" not in done.stdout.split():
        said = (done.stdout + done.stderr).strip()
        raise NotWorking(f"'marble-console --smoke-test' ended with {done.returncode} and said:\n{said}")


if __name__ == "__main__":
    check(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
    print("Both programs work.")
