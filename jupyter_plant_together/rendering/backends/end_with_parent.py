"""Runs a program in the place of its own process and ends it when its parent has ended; run as a script.

``python -I end_with_parent.py PROGRAM ARGUMENT…``. A Java that draws without end does not notice that its
standard input has closed. What it is given: no core files, no large files, less of the processor than people
who type.
"""

import os
import resource
import signal
import subprocess
import sys

_LOOK_EVERY = 0.5  # seconds
_NICE = 5
_FILE_AT_MOST = 10_000_000


def main() -> int:
    """Return the program's exit status."""
    parent = os.getppid()
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_AT_MOST, _FILE_AT_MOST))
    child = subprocess.Popen(sys.argv[1:])
    # Its pipes are the child's alone, so that whoever reads notices its end.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    while True:
        try:
            return child.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                os.killpg(0, signal.SIGKILL)  # this process, the program and whatever it has started


if __name__ == "__main__":
    sys.exit(main())
