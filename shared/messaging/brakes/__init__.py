"""Brakes: a partition that is stopped because too much of it is refused, or a batch of it cannot be read."""
