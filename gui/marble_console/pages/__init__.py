"""The pages of the window. Each has a frozen state, a presenter without Qt, and the widgets."""
