"""The conversation understood: from a message to a typed claim."""
