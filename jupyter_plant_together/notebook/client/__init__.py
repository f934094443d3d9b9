"""The client that speaks to the server: sync session, REST, events, and finding where it is."""
