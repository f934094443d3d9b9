"""Reading a diagram's text and the engine's answers about it: blocks, includes, problems."""
