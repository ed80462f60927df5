"""The desktop console. PySide6 lives only in the files that draw; everything else runs and tests without a display."""
