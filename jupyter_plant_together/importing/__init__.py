"""Bringing in what another system kept: Y-Redis and Plant Together."""
