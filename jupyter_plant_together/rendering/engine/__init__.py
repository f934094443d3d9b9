"""The built-in engine: PlantUML's JavaScript in an isolate, in a child process that the parent can end."""
