"""The Python API: a client of its own that speaks the sync protocol, never through a browser tab.

Everything that touches the network or a CRDT lives on one background thread per :func:`connect`
(``worker``); the objects people hold are thin and block (``room``, ``document``) or await (``aio``).
``session`` keeps one ``replica`` in step with the server; ``discovery`` finds the server.
"""
