"""`make run`: the whole system on the sample district, hurried by a scaled clock and shown live."""
