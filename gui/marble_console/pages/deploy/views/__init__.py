"""The pages of the deploy wizard."""
