"""The command `dicomblank`.

Exit codes: 0, every DICOM file is done; 1, at least one was refused or failed, a file named is not DICOM, a folder
named has no DICOM file in it, or what was to be said could not be written; 2, usage; 130 and 143, interrupted by SIGINT
and SIGTERM.
"""

from __future__ import annotations

from dicomblank.arguments import new_parser
from dicomblank.commands import DONE, FAULT
from dicomblank.terminal import begin, end

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code; `SystemExit` for usage errors and --help."""
    begin()
    try:
        args = new_parser().parse_args(argv)
        code: int = _run_of(args.command)(args)
    except SystemExit as leave:  # argparse's, behind --help or an error of usage
        if end() and not leave.code:
            raise SystemExit(FAULT) from None
        raise
    except BaseException:
        end()
        raise
    return FAULT if end() and code == DONE else code


def _run_of(command: str) -> Callable[[argparse.Namespace], int]:
    # Loaded only now: one command is asked for, and --version asks for none.
    module = __import__(f"dicomblank.commands.{command}", fromlist=("run",))
    run: Callable[[argparse.Namespace], int] = module.run
    return run
