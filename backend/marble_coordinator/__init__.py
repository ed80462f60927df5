"""The bundled coordinator: MarbleRun's Client API 0.4.0 on FastAPI and uvicorn, without SGX (docs/architecture.md)."""
