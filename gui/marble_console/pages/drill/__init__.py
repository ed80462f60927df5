"""The drill: share and key of one holder are tried, nothing is sent, and the result is kept with its date."""
