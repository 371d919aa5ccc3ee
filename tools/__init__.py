"""The verbs: what the agent may ask for, and the guard and gateway behind them."""
