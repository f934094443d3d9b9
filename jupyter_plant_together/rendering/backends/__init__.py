"""What draws besides the built-in engine: a jar of one's own, a PlantUML server, Kroki."""
