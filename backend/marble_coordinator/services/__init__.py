"""The use cases of the client API, one method each. They know the world and its door, not HTTP.

`reads` needs next to nothing; `changes` brings the manifest's rules with it and is loaded behind the start.
"""
