"""Proposals: what takes two people. One proposes it, another confirms it, and only then is it done."""
