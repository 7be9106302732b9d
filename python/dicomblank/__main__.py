"""The command's start, for `python -m dicomblank` and the script alike: signals are taken before the rest is loaded."""

import os
import sys

from dicomblank.signals import SIGNALS

__all__ = ["main"]


def main() -> int:
    """Runs the command and returns its exit code. Only this installs handlers of signals."""
    _occupy_streams()
    SIGNALS.install()
    try:
        from dicomblank.cli import main as command

        return command()
    finally:
        SIGNALS.ignore()


def _occupy_streams() -> None:
    """Opens what was closed of the standard streams: else a file that is opened gets its number, and what is said."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free


if __name__ == "__main__":
    sys.exit(main())
