"""What the runs of scenarios are worth: scorers, statistics, and the gate over them."""
