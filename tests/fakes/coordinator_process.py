"""The coordinator of this project as a process of its own, on free ports, with a seal directory of its own."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import Identity, client_context


class CoordinatorProcess:
    """Use as a context manager: whatever still runs at the end is killed."""

    def __init__(
        self, folder: Path, *flags: str, module: str = "marble_coordinator.main", **environ: str
    ) -> None:
        self.folder = folder
        self._module = module
        self.log_file = folder / "coordinator.log"
        self._flags = flags
        self._environ = environ
        self.process: subprocess.Popen[bytes] | None = None
        self.ready: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start without waiting for anything."""
        command = [
            sys.executable,
            "-m",
            self._module,
            f"--seal-dir={self.folder / 'seal'}",
            "--ready-json",
        ]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self._flags],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.folder,
                env={
                    **os.environ,
                    "EDG_COORDINATOR_CLIENT_ADDR": "127.0.0.1:0",
                    "EDG_COORDINATOR_MESH_ADDR": "127.0.0.1:0",
                    **self._environ,
                },
            )
        return self.process

    def start(self) -> Self:
        """Start and wait until it listens."""
        line = self.launch().stdout.readline()
        assert line, self.log
        self.ready = json.loads(line)
        return self

    def connect(self, identity: Identity | None = None) -> http.client.HTTPSConnection:
        context = client_context(identity.write(self.folder) if identity else None)
        return http.client.HTTPSConnection(
            "127.0.0.1", self.ready["client_port"], timeout=PATIENCE, context=context
        )

    def call(self, method: str, target: str, body: bytes = b"", identity: Identity | None = None) -> Any:
        """The JSON of the answer to one request on a connection of its own."""
        connection = self.connect(identity)
        try:
            return ask(connection, method, target, body)
        finally:
            connection.close()

    def wait(self) -> int:
        """Wait for the process to end by itself; gives its code."""
        code = self.process.wait(PATIENCE)
        self._release()
        return code

    def terminate(self) -> int:
        self.process.terminate()
        return self.wait()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.wait()

    def _release(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]


def ask(connection: http.client.HTTPSConnection, method: str, target: str, body: bytes = b"") -> Any:
    """One request on an open connection; gives the JSON of its answer."""
    connection.request(method, target, body)
    return json.loads(connection.getresponse().read())
