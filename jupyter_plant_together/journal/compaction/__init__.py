"""From the streams to the store: entries become rows of history, and only then the streams are trimmed."""
