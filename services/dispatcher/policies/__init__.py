"""The versions of the dispatch policy: which one is in force, and how a new one comes into force."""
