#!/bin/sh
# Breaks the code of rust/core and rust/files in one place after the other, and checks the faults that no test of Rust notices against
# rust/survivors.toml.
#   sh tools/mutants.sh PYTHON ['FILE ...']        all, which takes hours; or the files named, such as rust/core/src/span.rs
# Each crate is tested by its own tests alone: those of Python take minutes, and a fault is better noticed near where it is.
set -eu
cd "$(dirname "$0")/.."
python=$1 files=${2:-'rust/core/src/**/*.rs rust/files/src/**/*.rs'} out=target/mutants jobs=${JOBS:-1}

if ! cargo mutants --version >/dev/null 2>&1; then
    printf '%s\n    %s\n' 'cargo-mutants is missing. Install it with:' 'cargo install --locked cargo-mutants' >&2
    exit 1
fi

rm -rf "$out"
set -f # cargo-mutants knows the globs
for crate in core files; do
    chosen= tests=
    for file in $files; do
        case $file in
            "rust/$crate/"*) chosen="$chosen --file $file" ;;
        esac
    done
    [ -n "$chosen" ] || continue
    # The laws of the core try other cases each time: what they alone notice would be listed one day and not the next.
    [ "$crate" = files ] || tests='--cargo-arg=--lib --cargo-arg=--test=rows'
    mkdir -p "$out/$crate"
    code=0
    # The test that is skipped takes as long as all others together, and has small ones beside it.
    # shellcheck disable=SC2086 # several words on purpose
    cargo mutants --no-times --jobs "$jobs" --package "dicomblank-$crate" --test-package "dicomblank-$crate" \
        --output "$out/$crate" $chosen $tests -- -- --skip a_hundred_thousand_items || code=$?
    # 2: some were missed; 3: some took too long, which is noticed.
    case $code in 0 | 2 | 3) ;; *) exit "$code" ;; esac
done
set +f
"$python" tools/check_mutants.py rust/survivors.toml "$out"/*/mutants.out
