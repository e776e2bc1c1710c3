"""How good is a model, and on what? Every figure is on the held-out test split."""
