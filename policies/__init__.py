"""The rules: policy documents and the engine that loads, checks and decides. No I/O."""
