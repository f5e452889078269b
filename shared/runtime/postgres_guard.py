"""Stop an embedded PostgreSQL once the last process that uses it has ended, however that ended.

A program of its own, which `shared.runtime.embedded` starts beside every process that uses a server: a process that is
killed cannot stop anything itself. It needs the standard library alone, so that it is there in a few milliseconds.
"""

import fcntl
import os
import subprocess
import sys


def main(held: int, directory: str, pg_ctl: str) -> None:
    """Keep the data directory in use until standard input ends; the last one to let go stops the server.

    Standard input ends with the process that holds its other end. The lock in `held` is the guard's and not that
    process's: a dying process lets go of its files one after another, and the guard could not tell when.
    """
    sys.stdin.read()
    try:
        # Of two that let go at once the later one finds nobody: the shared lock is gone before the other is asked for.
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    # Root may not run it; the server then belongs to a user of its own, and so does the directory.
    owner = os.fstat(held).st_uid if os.geteuid() == 0 else None
    # On a slow disk writing everything takes longer than anybody waits; the second recovers on the next start.
    for mode, seconds in (("fast", "4"), ("immediate", "60")):
        stop = [pg_ctl, "stop", "-D", directory, "-m", mode, "-w", "-t", seconds]
        if subprocess.run(stop, user=owner, capture_output=True, check=False).returncode == 0:  # noqa: S603  our own
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
