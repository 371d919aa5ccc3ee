"""What is said about runs: a page that opens anywhere, and tables for the terminal."""
