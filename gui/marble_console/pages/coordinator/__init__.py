"""The bundled coordinator: how it is, start and stop, its log, and what to do when it does not run."""
