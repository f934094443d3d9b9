"""The journal of the cluster mode: Redis Streams, their scripts, and what a replica remembers."""
