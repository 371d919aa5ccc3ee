"""The terminal: starting the house, talking for a customer, deciding, and looking after it."""
