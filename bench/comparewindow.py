"""Run as `python -m bench.comparewindow OLD NEW`: the compare page on two files, and how long its window stands still."""

import datetime as dt
import gc
import itertools
import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from marble_console.pages.compare.page import ComparePage
from marble_console.pages.compare.presenter import ComparePresenter
from marble_console.pages.manifest.documents import open_document
from marble_console.tasks.runner import QtRunner
from marble_console.theme import Mode, install


class _Nowhere:
    """The rest of the console."""

    def set_manifest(self, document: object) -> None:
        del document

    def raise_packages(self, versions: object) -> None:
        del versions


def main() -> int:
    old, new = (open_document(Path(name)) for name in sys.argv[1:])
    app = QApplication([])
    install(app, Mode.LIGHT, bundled_fonts=True)
    runner = QtRunner()
    # As in the console: looking for garbage among millions of objects waits until the work is done.
    runner.busy.connect(gc.disable)
    runner.idle.connect(gc.enable)
    presenter = ComparePresenter(
        runner, _Nowhere(), clock=lambda: dt.datetime.now(dt.UTC), print_pdf=lambda _html, path: path
    )
    page = ComparePage(presenter)
    page.resize(1096, 720)
    page.show()
    presenter.compare(old)
    presenter.choose_before(presenter.state.after)
    app.processEvents()
    turns, begin = [time.perf_counter()], time.perf_counter()
    timer = QTimer(interval=1)

    def turn() -> None:
        turns.append(time.perf_counter())
        if page.tree.isVisible() and page.tree.rows_model.rows:
            timer.stop()
            QTimer.singleShot(50, app.quit)  # the page is painted in a turn of its own

    timer.timeout.connect(turn)
    timer.start()
    presenter.compare(new)
    app.exec()
    seconds = turns[-1] - begin
    turns.append(time.perf_counter() - 0.05)
    gaps = [after - before for before, after in itertools.pairwise(turns)]
    runner.close()
    print(json.dumps({"seconds": seconds, "gap": max(gaps)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
