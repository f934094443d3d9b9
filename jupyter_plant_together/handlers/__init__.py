"""HTTP and WebSocket handlers: they translate between the wire and the services and decide nothing."""
