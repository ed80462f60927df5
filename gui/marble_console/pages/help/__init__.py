"""The guide of the console, to be read and searched in it."""
