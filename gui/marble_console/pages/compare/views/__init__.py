"""The parts of the compare page: pickers, toolbar, texts, and what the difference means."""
