"""`dicomblank key`: key files, made and shown."""

from __future__ import annotations

from dicomblank._core import Key
from dicomblank.arguments import reason, usage_error
from dicomblank.commands import DONE
from dicomblank.key_arguments import KEEP
from dicomblank.terminal import escaped, say, say_sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["run"]


def run(args: argparse.Namespace) -> int:
    """Makes a key file, or prints the id of one."""
    if args.action is None:
        usage_error(args, "say what to do: new makes a key file, show prints the id of one")
    if args.key_file is None:
        usage_error(args, "FILE is missing: name the key file")
    try:
        if args.action == "new":
            key = Key.generate()
            key.save(args.key_file)
        else:
            key = Key.load(args.key_file)
    except (OSError, ValueError) as error:
        usage_error(args, reason(error))
    if args.action == "new":
        say(f"{escaped(args.key_file)}: key {key.id}")
        say_sentence(KEEP)
    else:
        say(key.id)
    return DONE
