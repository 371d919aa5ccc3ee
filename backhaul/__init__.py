"""The business of Backhaul, a returns desk for distributors."""
