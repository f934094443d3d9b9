"""Small tools that know nothing of rooms, documents or Jupyter."""
