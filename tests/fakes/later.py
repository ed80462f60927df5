"""A runner whose jobs wait until a test lets them run."""

from marble_console.tasks import InlineRunner, Task


class LaterRunner(InlineRunner):
    """Keeps its jobs until a test lets them run."""

    def __init__(self) -> None:
        self.waiting = []

    def read(self, job, *, then, failed):
        self.waiting.append(lambda: InlineRunner().read(job, then=then, failed=failed))
        return Task()

    def run(self, index: int = 0) -> None:
        self.waiting.pop(index)()
