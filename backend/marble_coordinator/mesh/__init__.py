"""The marble API's port."""
