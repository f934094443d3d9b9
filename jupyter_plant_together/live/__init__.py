"""Live documents: sessions, presence, fan-out; nothing here knows HTTP or SQL."""
