"""Rooms, documents, members and the one policy that decides who may do what."""
