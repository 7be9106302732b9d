"""What the commands `shard` and `run-shard` take, with the words of their help."""

from __future__ import annotations

from dicomblank.parser import usage
from dicomblank.rule_arguments import add_level_arguments
from dicomblank.source_arguments import add_source_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dicomblank.parser import Parser

__all__ = ["add_shard_commands"]

SHARD_ABOUT = """\
Divides a data set into shards: lists what is there, and writes manifests of some thousand files each, for run-shard on
one machine or on many. What was cut short is gone on with by the same command."""

SHARD_EXAMPLES = """\
examples:
  dicomblank shard study/ --into shards/
      writes shards/00000001.jsonl and so on, each of 10,000 files
  dicomblank shard study/ --into shards/ --files 2000 --exclude '*.txt'
      smaller ones, and without some of the files
  dicomblank shard --files-from list --relative-to study/ --into shards/
      of a listing that is there already, in its order
  dicomblank shard s3://bucket/study --into shards/
      of the objects of a store: s3://, gs://, az://
  dicomblank shard --files-from inventory.jsonl --relative-to s3://bucket --into shards/
      of an inventory of the store, with a line {"key": "study/1.dcm", "size": 528384} for each object

Each manifest has a line for its source, and one for each file: {"key": "a/1.dcm", "size": 528384}, with the ETag of an
object. Files are in the order of their keys. Links are not followed. Manifests lie on a disk.

Exit codes: 0, all shards are there. 1, there is no file, or a folder or store can't be listed: the shards before it are
there, and the same command goes on. 2, the arguments won't do: also a bucket that is not there, or no credentials."""

RUN_ABOUT = """\
Blanks the files of shards. When one is done, its report stands in the ledger, and the shard is not done again: by
whatever run, on whatever machine. What was cut short is gone on with."""

RUN_EXAMPLES = """\
examples:
  dicomblank run-shard shards/*.jsonl -o shared/ --ledger ledger/
      does them one after the other; a second run does what is left
  dicomblank run-shard shards/*.jsonl -o shared/ --ledger ledger/ \\
      --index $SLURM_ARRAY_TASK_ID --of 100
      does the share of one of a hundred tasks, counted from 0
  dicomblank run-shard shards/*.jsonl -o s3://shared/study --ledger ledger/
      does shards of objects: their manifests say where these are
  dicomblank report ledger/*.jsonl -o report.html
      makes a page of the whole run

Runs over different shards may go on at the same time, on any machine that sees the files, the manifests and the ledger.
A shard at which another process is, is left to that one. The ledger is a folder on a disk, also for objects.

Exit codes: 0, all of the shards are done, and every DICOM file of them. 1, a file was refused or failed, or another
process is at a shard. 2, the arguments won't do, or a report in the ledger is of another run. 130, interrupted by
Ctrl-C (143 by SIGTERM): the same command goes on."""


def add_shard_commands(
    command: Callable[[str, str, str, str], Parser], add_run_arguments: Callable[[Parser], None]
) -> None:
    """Adds them, by the function that adds a command by its name, what it is about, its usage and its examples.

    `add_run_arguments` adds what a run that blanks files takes besides.
    """
    about = "divide a data set into shards, for one machine or many"
    sub = command("shard", about, "SOURCE... --into DIR [options]", SHARD_EXAMPLES)
    sub.description = SHARD_ABOUT
    sub.add_argument("sources", metavar="SOURCE", nargs="*", help="a folder or URL; each has shards of its own")
    sub.add_argument("--into", metavar="DIR", help="the folder of the manifests, which is for them alone")
    sub.add_argument("--files", metavar="N", type=_number("--files"), help="files of a shard (default: 10,000)")
    add_source_arguments(sub)
    sub.add_argument("-q", "--quiet", action="store_true", help="print nothing when all is well")

    about = "blank the files of shards, each once"
    where = "MANIFEST... (--output DIR | --in-place) --ledger DIR [options]"
    sub = command("run-shard", about, where, RUN_EXAMPLES)
    sub.description = RUN_ABOUT
    sub.set_defaults(sources=[])  # which the sentences at the end of a run ask for
    sub.add_argument("manifests", metavar="MANIFEST", nargs="*", help='a manifest, made by "dicomblank shard"')
    to = sub.add_argument_group("where the result goes (one of the two), and the reports")
    to.add_argument(
        "-o", "--output", metavar="DIR", help="write blanked copies into DIR, or below that URL; leave the originals"
    )
    to.add_argument("--in-place", action="store_true", help="overwrite the originals")
    to.add_argument("--ledger", metavar="DIR", help="the folder of the reports: what is done, and what is not")
    sub.add_argument("--source", metavar="DIR", help="the folder or URL of manifests that don't say theirs")
    sub.add_argument(
        "--index", metavar="I", type=_number("--index"), help="do the share of task I alone; tasks count from 0"
    )
    sub.add_argument("--of", metavar="N", type=_number("--of"), help="of so many tasks")
    add_level_arguments(sub)
    add_run_arguments(sub)


def _number(option: str) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise usage(f"{option} is a whole number")
        return int(text)

    return number
