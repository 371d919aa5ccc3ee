"""Faults on purpose: real workers on real connectors, killed and lied to, and the books counted."""
