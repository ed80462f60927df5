"""Bringing a sealed state back: from a holder's saved share and private key to a coordinator that runs again. No Qt.

The window, the terminal and the offline desk do the same with it. What is secret here is a SecretBytes and nothing else.
"""
