"""The subcommands of `tricolor`, a module each."""
