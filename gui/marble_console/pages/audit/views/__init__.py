"""The parts of the audit page that draw."""
