"""The append-only log of updates with a live tail: durable, ordered, one stream per document."""
