"""What the numbers on record say: statistics over decisions. It reads the store and decides nothing."""
