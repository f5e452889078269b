# ruff: noqa: S603  (starting programs is what this module is for)
"""Programs that end with the process that started them, however that ended. Needs the standard library alone.

As a program: python leash.py FILE-DESCRIPTOR COMMAND [ARGUMENT...] runs the command and kills it when the descriptor,
the reading end of a pipe, ends. Signals that end a command are passed on; the exit code is the command's.
"""

import os
import signal
import subprocess
import sys
import threading
from typing import Any


class Leashed:
    """A command that is killed when this process ends, and by `kill`."""

    def __init__(self, command: list[str], **options: Any) -> None:
        """With the options of Popen."""
        reading, writing = os.pipe()
        leash = [sys.executable, "-I", "-S", __file__, str(reading)]
        self.process = subprocess.Popen([*leash, *command], pass_fds=[reading], **options)
        os.close(reading)
        self._held: int | None = writing

    def kill(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
        self.process.wait()


def main(held: int, command: list[str]) -> int:
    """Run `command`; answer its exit code, as a shell would."""
    process = subprocess.Popen(command)

    def outlived() -> None:
        os.read(held, 1)
        process.kill()

    threading.Thread(target=outlived, daemon=True).start()
    signal.signal(signal.SIGINT, lambda *_: None)  # the terminal has told the command as well: let it finish
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: process.send_signal(received))
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
