"""What comes in without a conversation: service notes, and returns that were opened elsewhere."""
