# Shared by the scripts of dev/: where things are, and how a script ends with one clear line.
# Sourced, not run. Settings that a developer may override:
#   PENSTOCK_SCRATCH   build products (default ~/.cache/penstock/build), shared by all clones
#   PENSTOCK_PEERS     Python environment of the foreign peers (default ~/.cache/penstock/peers)
#   CONFIGURATION      debug (default) or release

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/penstock
peers=${PENSTOCK_PEERS:-$cache/peers}
configuration=${CONFIGURATION:-debug}
scratch=${PENSTOCK_SCRATCH:-$cache/build}

# A release build has other flags. In the same scratch path each kind would rebuild the other's work.
build_flags=()
if [ "$configuration" = release ]; then
    scratch=$scratch-release
    build_flags=(--configuration release --static-swift-stdlib)
fi

script=dev/$(basename "$0")

fail() {
    echo "$script: $*" >&2
    exit 1
}

say() { echo "$script: $*"; }

case $configuration in
debug | release) ;;
*) fail "CONFIGURATION is '$configuration'; it can be debug or release" ;;
esac

# Programs to measure with: PENSTOCK_BIN (a folder) and OPCUA_BENCH, built for release unless they are named. With names
# only these of the programs.
bench_programs() {
    [ $# -gt 0 ] || set -- penstock ot-simulator zerobus-local
    local program bench=${BENCH_SCRATCH:-$cache/bench}
    if [ -z "${OPCUA_BENCH:-}" ]; then
        say "building opcua-bench (release)"
        FOCUS=OPCUA BENCHMARKS=1 swift build -c release --product opcua-bench --scratch-path "$bench" >"$bench.log" 2>&1 ||
            { tail -n 20 "$bench.log"; fail "the benchmark does not build"; }
        OPCUA_BENCH=$bench/release/opcua-bench
    fi
    [ -z "${PENSTOCK_BIN:-}" ] || return 0
    for program in "$@"; do
        say "building $program (release)"
        CONFIGURATION=release dev/build --product "$program" >"$cache/bench-build.log" 2>&1 ||
            fail "the build of $program failed; see $cache/bench-build.log"
    done
    PENSTOCK_BIN=$(CONFIGURATION=release dev/build --show-bin-path)
}
