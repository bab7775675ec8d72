"""Becomes another program that cannot outlive the process which started it.

`python launch.py PARENT COMMAND…`: on Linux the kernel is asked to kill this process with its parent, then
the command takes its place. It is run as a script with the standard library alone, and not as a hook between
fork and exec, because running Python code there is unsafe once a process has threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Takes the parent's process id and the command; does not return."""
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        # Kill, not terminate: whoever starts the assistant again at once must find its ports free.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)  # the parent went before the kernel was asked
    try:
        os.execvp(command[0], command)
    except OSError as cause:
        sys.exit(f"{command[0]} cannot be started: {cause.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
