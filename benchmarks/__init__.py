"""Measured, never asserted: each figure beside a baseline of the same run, on embedded PostgreSQL."""
