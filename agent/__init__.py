"""The conversation: from a message to a proposal."""
