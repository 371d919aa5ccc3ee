"""How well a reader reads single messages: why goods come back, and whether it is about a return at all."""
