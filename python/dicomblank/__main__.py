"""The command's start, for `python -m dicomblank` and the script alike: signals are taken before the rest is loaded."""

import sys

from dicomblank.signals import SIGNALS

__all__ = ["main"]


def main() -> int:
    """Runs the command and returns its exit code. Only this installs handlers of signals."""
    SIGNALS.install()
    try:
        from dicomblank.cli import main as command

        return command()
    finally:
        SIGNALS.ignore()


if __name__ == "__main__":
    sys.exit(main())
