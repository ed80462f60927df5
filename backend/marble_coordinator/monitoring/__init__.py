"""What a monitoring system may ask: counters and gauges at /metrics, activations at /events. Off unless asked for."""
