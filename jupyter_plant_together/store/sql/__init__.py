"""The business rules of the store in SQL, once for all databases."""
