"""A made-up district and its anomalies, for trying out. Nothing here describes a real enterprise."""
