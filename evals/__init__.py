"""The examination: suites and scorers for the decisions of the agent."""
