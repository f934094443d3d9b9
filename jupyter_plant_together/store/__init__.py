"""Where rooms, members and document history are kept for good."""
