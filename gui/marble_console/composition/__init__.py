"""The parts that `console` is put together from: each ties one subject's pages and dialogs to the session and the window.

A part knows its pages and asks the rest of the console through `Errands`; pages load when they are first opened.
"""
