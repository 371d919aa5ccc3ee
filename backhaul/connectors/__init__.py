"""The outside: ports in our words, and the systems behind them."""
