# shellcheck shell=bash
# Long suites. Each prints its seed, by which it repeats itself.

run_soak() {
  need_root soak
  case ${1:-} in
    kill-loop) kill_loop "${2:-50}" "${3:-$RANDOM}" ;;
    disks) soak_disks "${2:-20000}" "${3:-}" ;;
    rings) soak_rings "${2:-5000}" "${3:-$RANDOM}" ;;
    store) soak_store "${2:-200}" "${3:-$RANDOM}" ;;
    doors) soak_doors "${2:-200000}" "${3:-$RANDOM}" ;;
    properties) soak_properties "${2:-10}" ;;
    *) die "usage: ./dev soak kill-loop [ROUNDS] [SEED] | disks [CASES] [SEED] | rings [ROUNDS] [SEED] | store [KILLS] [SEED] | doors [INPUTS] [SEED] | properties [ROUNDS]" ;;
  esac
}

# Power cuts at any point of simulated disks. A failure prints the seed of its case, with which CsCheck repeats it.
soak_disks() {
  need_dotnet
  build_tests tests/Hypervisor.Tests || return 1
  say "disks: $1 cases${2:+, seed $2}"
  ORCHESTRATOR_SOAK_CASES=$1 ${2:+env CsCheck_Seed="$2"} \
    tests/Hypervisor.Tests/bin/Debug/net10.0/Orchestrator.Hypervisor.Tests -class Orchestrator.Hypervisor.Tests.Disks.CrashProperties \
    -showLiveOutput -noLogo -noColor
}

# Front-ends that say and write anything, beside one whose work must go on.
soak_rings() {
  need_dotnet
  build_tests tests/Hypervisor.Tests || return 1
  say "rings: $1 front-ends, seed $2"
  RINGS_SOAK_ROUNDS=$1 RINGS_SOAK_SEED=$2 \
    tests/Hypervisor.Tests/bin/Debug/net10.0/Orchestrator.Hypervisor.Tests -class Orchestrator.Hypervisor.Tests.VhostUser.HostileSoakTests \
    -showLiveOutput -noLogo -noColor
}

# Clients that compare and swap while their silo is killed, on SQLite and, with half the kills, on PostgreSQL.
soak_store() {
  need_dotnet
  need_packages postgresql
  build_tests tests/Silo.Tests || return 1
  say "store: $1 kills, seed $2"
  STORE_SOAK_KILLS=$1 STORE_SOAK_SEED=$2 \
    tests/Silo.Tests/bin/Debug/net10.0/Orchestrator.Silo.Tests -class Orchestrator.Silo.Tests.Linearizability.KillTests \
    -showLiveOutput -noLogo -noColor
}

# What nobody should send, at both doors.
soak_doors() {
  need_dotnet
  build_tests tests/Silo.Tests || return 1
  say "doors: $1 inputs at each, seed $2"
  DOORS_SOAK_INPUTS=$1 DOORS_SOAK_SEED=$2 \
    tests/Silo.Tests/bin/Debug/net10.0/Orchestrator.Silo.Tests -class Orchestrator.Silo.Tests.Hostile.DoorTests \
    -showLiveOutput -noLogo -noColor
}

# Every property with cases that no run has had before. A failure prints the seed of its case, which CsCheck_Seed repeats.
soak_properties() {
  local round project
  need_dotnet
  build_tests Orchestrator.sln || return 1
  for ((round = 1; round <= $1; round++)); do
    for project in tests/*.Tests; do
      project=${project#tests/}
      mapfile -t classes < <(grep -lrE '\.Holds(Async)?\(' "tests/$project" --include='*.cs' | sed 's|.*/\(.*\)\.cs|-class\n*.\1|')
      [ ${#classes[@]} -gt 0 ] || continue
      say "properties: round $round of $1, $project"
      ORCHESTRATOR_SEEDS=random "tests/$project/bin/Debug/net10.0/Orchestrator.$project" "${classes[@]}" -noLogo -noColor
    done
  done
}

# Kills one process of a running cluster after the other with SIGKILL and brings it back. The workloads of examples/
# must run on all the time: the same containers, the same guest processes.
kill_loop() {
  local name rounds=$1 seed=$2 round victim before after victims
  name=s$(work_tree_id)
  export ORCHESTRATOR_DEV_NAME=$name ORCHESTRATOR_DEV_DIR=/var/lib/orchestrator-dev-$name
  export ORCHESTRATOR_DEV_PORT=$((30002 + 4 * (16#$(work_tree_id) % 500)))
  # shellcheck source=eng/dev/settings.sh
  . eng/dev/settings.sh
  trap './dev down > /dev/null' EXIT
  ./dev down > /dev/null
  ./dev up --hosts 2 > /dev/null
  victims=(silo host-{1,2}-{agent,dom0,containerd})
  say "kill-loop: $rounds rounds, seed $seed"
  RANDOM=$seed
  before=$(workload_identities)
  for ((round = 1; round <= rounds; round++)); do
    victim=${victims[RANDOM % ${#victims[@]}]}
    kill -KILL "$(running "$victim")"
    ./dev up --no-examples > /dev/null
    after=$(workload_identities)
    if [ "$before" != "$after" ]; then
      diff <(echo "$before") <(echo "$after") || true
      die "round $round of seed $seed: killing $victim disturbed a workload"
    fi
    say "round $round: $victim killed, nothing disturbed"
  done
  say "kill-loop: $rounds rounds with seed $seed, no workload disturbed"
}

workload_identities() {
  orc get pods -o 'jsonpath={range .items[*]}{.metadata.name} {.status.phase} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}{"\n"}{end}'
  orc get vms -o 'jsonpath={range .items[*]}{.metadata.name} {.status.phase} {.status.domain.processId} {.status.restartCount}{"\n"}{end}'
}
