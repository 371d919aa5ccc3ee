"""Durable work: deciding proposals and carrying returns, with two runners."""
