"""A small pipelined client of Redis for the hot path, and what is looked at before it is used."""
