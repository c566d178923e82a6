# shellcheck shell=bash
# A whole cluster on this machine: up, down, status, and ways to look at it.

cluster_up() {
  local hosts="" examples=yes number started=$SECONDS
  while [ $# -gt 0 ]; do
    case $1 in
      --hosts) hosts=${2:-} && shift 2 ;;
      --hosts=*) hosts=${1#*=} && shift ;;
      --no-examples) examples=no && shift ;;
      *) die "unknown option '$1' of up" ;;
    esac
  done
  need_root up
  hosts=$(wanted_hosts "$hosts")
  need_packages "${host_packages[@]}"
  build

  mkdir -p "$cluster_directory"/{run,logs,hosts,silo}
  # Engines pass through to files of their own, and list nothing.
  chmod 711 "$cluster_directory"
  chmod 700 "$cluster_directory/silo"
  exec 9> "$cluster_directory/run/lock"
  flock 9
  step "starting cluster '$cluster_name' of $hosts host(s) in $cluster_directory"
  seq "$hosts" > "$cluster_directory/hosts/numbers"
  fabric_up
  pins_up
  for number in $(host_numbers); do host_up "$number"; done
  silo_up
  for number in $(host_numbers); do host_ready "$number"; done
  exec 9>&-

  say "up after $((SECONDS - started)) s"
  [ $examples = no ] || show_examples
}

# The number asked for, or what there is, or one. A cluster grows, but it shrinks only by going down.
wanted_hosts() {
  local present
  present=$(host_numbers | wc -l)
  [[ ${1:-1} =~ ^[1-9][0-9]?$ ]] || die "--hosts takes a number from 1 to 99, not '$1'"
  if [ "${1:-1}" -lt "$present" ]; then
    [ -z "$1" ] || warn "the cluster has $present hosts and keeps them; ./dev down makes room for a smaller one"
    echo "$present"
  else
    echo "${1:-1}"
  fi
}

host_up() {
  host_network_up "$1"
  host_mounts_up "$1"
  containerd_up "$1"
  dom0_up "$1"
}

silo_up() {
  ensure_process silo "$(build_of Silo)" "$repository/artifacts/publish/Silo/orchestrator-silo" \
    --data "$cluster_directory/silo" --listen "127.0.0.1:$grpc_port" --http "127.0.0.1:$http_port" \
    --agent-socket "$cluster_directory/agent.sock" --cluster-cidr 10.88.0.0/16
  await 30 "the silo to be ready" silo_ready || die "the silo is not ready; see $cluster_directory/logs/silo.log"
}

silo_ready() { [ -S "$cluster_directory/agent.sock" ] && http_ok 127.0.0.1 "$http_port" /readyz; }

# http_ok ADDRESS PORT PATH: whether a GET answers 200. (A fresh Debian has no curl.)
http_ok() (
  exec 3<> "/dev/tcp/$1/$2" || exit 1
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$3" "$1" >&3
  read -r -t 2 _ status _ <&3 && [ "$status" = 200 ]
) 2>/dev/null

dom0_up() {
  local number=$1 directory
  directory=$(host_directory "$number")
  mkdir -p "$directory/dom0"
  ensure_process "host-$number-dom0" "$(build_of Hypervisor)" \
    nsenter --net="/run/netns/$(host_namespace "$number")" --mount="$cluster_directory/pins/host-$number" \
    "$repository/artifacts/publish/Hypervisor/dom0" --data "$directory/dom0" --socket "$directory/dom0.sock" \
    --cgroup-parent "$cgroup_parent/host-$number/machines" --uid-base "$(host_uid_base "$number")" --uid-count 1000
}

agent_up() {
  local number=$1 directory
  directory=$(host_directory "$number")
  mkdir -p "$directory/agent"
  ensure_process "host-$number-agent" "$(build_of NodeAgent)" \
    nsenter --net="/run/netns/$(host_namespace "$number")" --mount="$cluster_directory/pins/host-$number" \
    "$repository/artifacts/publish/NodeAgent/orchestrator-agent" --host "host-$number" \
    --silo "unix://$cluster_directory/agent.sock" --containerd "unix://$(containerd_socket "$number")" \
    --dom0 "unix://$directory/dom0.sock" --data "$directory/agent" \
    --cgroup-parent "$cgroup_parent/host-$number/pods" --runtime-handler crun --cni-conf "$directory/cni"
}

# A host is ready when its three processes are and the cluster says so.
host_ready() {
  local number=$1
  await 30 "containerd of host-$number" containerd_answers "$number" || die_with_log "host-$number-containerd"
  import_images "$number"
  await 30 "dom0 of host-$number" dom0_answers "$number" || die_with_log "host-$number-dom0"
  agent_up "$number"
  await 30 "host-$number to join" agent_connected "$number" || die_with_log "host-$number-agent"
  host_range_route "$number"
}

die_with_log() { die "$1 is not ready; see $cluster_directory/logs/$1.log"; }

dom0_answers() { running "host-$1-dom0" && in_host "$1" cat /proc/net/unix | listens_on "$(host_directory "$1")/dom0.sock"; }

# listens_on PATH: whether a table of unix sockets (one a network namespace) has a listener there; a dead one leaves its file behind.
listens_on() { awk -v path="$1" '$8 == path && $6 == "01" { found = 1 } END { exit !found }'; }

cluster_down() {
  local number
  need_root down
  if [ -d "$cluster_directory" ]; then
    mkdir -p "$cluster_directory/run"
    exec 9> "$cluster_directory/run/lock"
    flock 9
  fi
  step "stopping cluster '$cluster_name'"
  kill_cluster_processes || die "these processes of the cluster do not end: $(cluster_processes | tr '\n' ' ')"
  hosts_down
  rm -rf "$cluster_directory"/{run,hosts,silo,pins,agent.sock}
  exec 9>&-
  rmdir --ignore-fail-on-non-empty "$cluster_directory/logs" "$cluster_directory" 2>/dev/null || true
  [ ! -d "$cluster_directory/logs" ] || say "down; the logs stay in $cluster_directory/logs"
}
