"""The pages of the wizard that recovers a state."""
