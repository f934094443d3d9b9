"""Who makes the parts: the server extension and the gateway, from traits to a running server."""
