"""Becomes one program that cannot outlive its supervisor. Run as a script, never imported.

A script between fork and exec, because code run there inside the supervisor (`preexec_fn`) may deadlock beside threads.
Arguments: the supervisor's process id, the signal to receive when it dies, user and group id (-1: stay), the command.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    supervisor, death_signal, user, group = (int(argument) for argument in arguments[:4])
    command = arguments[4:]
    # A shell that starts us in the background leaves SIGINT and SIGQUIT ignored; children must heed them all the same.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if user >= 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if sys.platform == "linux":  # elsewhere a killed supervisor leaves its children behind
        # After setuid, which clears it; before exec, which keeps it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != supervisor:
            sys.exit("the supervisor died before its child started")
    os.execv(command[0], command)  # noqa: S606  no shell is wanted here


if __name__ == "__main__":
    main(sys.argv[1:])
