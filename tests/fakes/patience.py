"""How long a test waits for what must come."""

# Seconds. Only a failure waits that long, however busy the machine. Less than the two minutes after which a coordinator
# closes a connection by itself: what was to close it sooner must not be mistaken for that.
PATIENCE = 100.0
