"""The only place that chooses: which database, which systems outside, which reader."""
