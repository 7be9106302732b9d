#!/bin/sh
# Builds the fuzz targets, gathers seeds, and runs one target after the other, on one core.
#   sh tools/fuzz.sh SECONDS PYTHON      PYTHON has pydicom, whose files are seeds
# What is found again by the next run is in rust/fuzz/corpus; a finding is in rust/fuzz/artifacts, and this script fails.
set -eu
cd "$(dirname "$0")/.."
seconds=$1 python=$2 fuzz=rust/fuzz

cargo fuzz --version >/dev/null 2>&1 || {
    printf '%s\n    %s\n' 'cargo-fuzz is missing. Install it with:' 'cargo install cargo-fuzz --locked' >&2
    exit 1
}

# 64 KiB hold the windows through which a file is read, and keep the runs fast.
largest=65536
seeds=$fuzz/corpus/seeds
rm -rf "$seeds"
mkdir -p "$seeds"
DICOMBLANK_SEEDS="$PWD/$seeds" cargo test --quiet --package dicomblank-core --test rows
"$python" - "$seeds" "$largest" <<'END'
import pathlib, shutil, sys

import pydicom

files = (pathlib.Path(pydicom.__file__).parent / "data").rglob("*")
for number, path in enumerate(path for path in files if path.is_file() and path.suffix not in {".py", ".pyc"}):
    if path.stat().st_size <= int(sys.argv[2]):
        shutil.copyfile(path, f"{sys.argv[1]}/pydicom-{number}")
END

# Without a sanitizer, which only nightly has: the core forbids `unsafe`, and what is looked for are panics, hangs and broken laws.
cargo fuzz build --fuzz-dir $fuzz --sanitizer none
for target in walk slice_vs_file apply rewrite; do
    echo "== $target, $seconds s"
    mkdir -p $fuzz/corpus/$target
    cargo fuzz run --fuzz-dir $fuzz --sanitizer none $target $fuzz/corpus/$target "$seeds" -- \
        -max_total_time="$seconds" -max_len=$largest -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0
done
