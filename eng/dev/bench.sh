# shellcheck shell=bash
# Figures. What needs a cluster is measured on one of its own that is gone afterwards.

run_bench() {
  case ${1:-} in
    skeleton) bench_skeleton "$@" ;;
    scheduler | rings) bench_alone "$@" ;;
    api | placing) bench_silo "$@" ;;
    *) die "usage: ./dev bench skeleton | scheduler | rings | api | placing [PART…]" ;;
  esac
}

bench_alone() {
  need_dotnet
  mkdir -p artifacts/bench
  dotnet run --project tests/Benchmarks -c Release -- "$1" --output "artifacts/bench/$1.json" "${@:2}"
}

# A silo alone, on a store on the disk that clusters use.
bench_silo() {
  need_root bench
  build
  local directory
  directory=/var/lib/orchestrator-dev-b$(work_tree_id)
  # shellcheck disable=SC2064
  trap "rm -rf '$directory'" EXIT
  mkdir -p artifacts/bench "$directory"
  dotnet run --project tests/Benchmarks -c Release -- "$1" --directory "$directory" --output "artifacts/bench/$1.json" "${@:2}"
}

bench_skeleton() {
  need_root bench
  need_dotnet
  local name
  name=b$(work_tree_id)
  export ORCHESTRATOR_DEV_NAME=$name ORCHESTRATOR_DEV_DIR=/var/lib/orchestrator-dev-$name
  export ORCHESTRATOR_DEV_PORT=$((30000 + 4 * (16#$(work_tree_id) % 500)))
  trap './dev down > /dev/null' EXIT
  ./dev down > /dev/null
  ./dev up --hosts 1 --no-examples
  mkdir -p artifacts/bench
  dotnet run --project tests/Benchmarks -c Release -- "$1" --directory "$ORCHESTRATOR_DEV_DIR" \
    --port "$ORCHESTRATOR_DEV_PORT" --output "artifacts/bench/$1.json" "${@:2}"
}

# The scheduler on a cluster that doesn't exist.
run_simulate() {
  need_dotnet
  dotnet run --project tests/Simulation -c Release -- "$@"
}
