"""What is of Postgres alone: its pool, its schema, and what a transaction of it is."""
