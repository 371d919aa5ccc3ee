"""Hand-written messages the reader learns from: a file per reason, one out of scope, one for acts."""
