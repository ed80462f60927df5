"""Who may do what under the manifest in force: users, roles, the matrix, questions."""
