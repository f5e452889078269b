"""What the services share: the wire contract, time, storage, messaging and identity. No business rules."""
