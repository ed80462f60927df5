"""Work off the GUI thread: a job is a plain function, its outcome comes back to the thread that asked."""

from marble_console.tasks.jobs import Generation, InlineRunner, Runner, Task

__all__ = ["Generation", "InlineRunner", "Runner", "Task"]
