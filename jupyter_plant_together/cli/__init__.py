"""``jupyter plant-together``: look after an installation from the command line; ``main`` begins it."""
