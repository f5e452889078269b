"""Reconciling: the proof that every accepted event has its alert, case, clock and outcome, and the mending of gaps.

It stands above the services: it reads what all have stored, and asks each service to mend its own.
"""
