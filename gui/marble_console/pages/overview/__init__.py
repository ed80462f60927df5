"""The overview: how a coordinator is doing, what needs a look, and its update log."""
