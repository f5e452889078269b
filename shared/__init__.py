"""What the three services share: the wire contract, time, storage, messaging and identity. No business rules."""
