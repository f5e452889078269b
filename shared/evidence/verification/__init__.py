"""Verifying the store of evidence: its records, their chains, the tree over them, and what is kept elsewhere."""
