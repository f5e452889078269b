"""Dead letters as a work list: what a service refused waits there until a person retries or discards it."""
