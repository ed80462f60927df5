"""How long a test waits for what must come."""

PATIENCE = 60.0  # seconds; only a failure waits that long, however busy the machine
