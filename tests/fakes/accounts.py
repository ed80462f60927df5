"""A witness that remembers what it was told, and what came of it."""

from contextlib import contextmanager


class Account:
    def __init__(self):
        self.told = []

    @contextmanager
    def during(self, deed):
        self.told.append((str(deed.action), deed.objects, "begun"))
        try:
            yield
        except Exception as error:
            self.told.append((str(deed.action), deed.objects, type(error).__name__))
            raise
        self.told.append((str(deed.action), deed.objects, "done"))

    def note(self, deed):
        self.told.append((str(deed.action), deed.objects, "noted"))
