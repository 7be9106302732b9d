#!/bin/sh
# Measures which lines of rust/core its rows and unit tests run, and checks those that none runs against rust/core/tests/uncovered.toml.
#   sh tools/coverage.sh PYTHON
# The laws are left out: what they run is chance, and a line that only chance runs is not tested.
set -eu
cd "$(dirname "$0")/.."
python=$1 target=target/coverage

# The profile's format is that of rustc's own LLVM: an older tool can't read it.
wanted=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
bin=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
find_tool() {
    for found in "$bin/$1" "$1-$wanted" "$1-$((wanted + 1))" "/usr/lib/llvm-$wanted/bin/$1" "$1"; do
        version=$("$found" --version 2>/dev/null | sed -n 's/.*LLVM version \([0-9]*\).*/\1/p')
        [ "${version:-0}" -ge "$wanted" ] && echo "$found" && return
    done
    printf '%s\n    %s\n' "$1 of LLVM $wanted or later is missing. Install it with one of:" \
        "rustup component add llvm-tools; sudo apt-get install llvm-$wanted" >&2
    return 1
}
profdata=$(find_tool llvm-profdata)
cov=$(find_tool llvm-cov)

rm -rf "$target/profiles"
mkdir -p "$target/profiles"
run() {
    RUSTFLAGS='-C instrument-coverage' LLVM_PROFILE_FILE="$PWD/$target/profiles/%p-%m.profraw" \
        cargo test --target-dir "$target" --package dicomblank-core --lib --test rows "$@"
}
run --quiet
programs=$(run --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | sed '1!s/^/-object /')
"$profdata" merge --sparse "$target"/profiles/*.profraw -o "$target/all.profdata"
# shellcheck disable=SC2086 # several words on purpose
"$cov" report $programs --instr-profile "$target/all.profdata" --sources rust/core/src
# shellcheck disable=SC2086
"$cov" export $programs --instr-profile "$target/all.profdata" --sources rust/core/src --format lcov >"$target/lcov.info"
"$python" tools/check_coverage.py "$target/lcov.info" rust/core/tests/uncovered.toml
