"""What is of SQLite alone: its file, its lanes, its schema, and what a transaction of it is."""
