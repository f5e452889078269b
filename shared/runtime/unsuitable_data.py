"""What a command says that finds other data than it is for. Alone in its module: every command has to know it."""


class UnsuitableData(Exception):  # noqa: N818  said of the data
    """The data are not what the command is for; the message says in both languages what to do."""
