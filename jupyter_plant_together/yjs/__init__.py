"""The formats of Yjs and y-websocket, and nothing else: bytes to values and back; no asyncio, no I/O."""
