#!/bin/sh
# A compiler for `cargo xtask fuzz`, which names it in RUSTC_WRAPPER: rustc as cargo wants it, but csv-core without the
# counters of the fuzzer. It builds its state machine anew for every reader, which with counters takes twenty times
# as long as all the rest, and tells the fuzzer nothing.
rustc=$1
shift
case " $* " in
*" --crate-name csv_core "*)
    for argument; do
        shift
        case $argument in
        -Cpasses=sancov-module | -Cllvm-args=-sanitizer-coverage-*) ;;
        *) set -- "$@" "$argument" ;;
        esac
    done
    ;;
esac
exec "$rustc" "$@"
