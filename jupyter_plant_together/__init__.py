"""Shared PlantUML diagrams in Jupyter: people and notebooks draw one diagram together, live."""
