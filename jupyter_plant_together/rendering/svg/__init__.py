"""SVG from strangers: what is inert, and how it is made so."""
