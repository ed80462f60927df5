"""The coordinators a console knows: the kept connections, the bundled one, and how each of them is doing. No Qt."""
