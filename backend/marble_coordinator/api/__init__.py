"""The client API over HTTPS. The only place that knows FastAPI, and the only one that knows HTTP."""
