# shellcheck shell=bash
# Names, places and ports of one development cluster; all other files read them from here.

cluster_name=${ORCHESTRATOR_DEV_NAME:-orc}
[[ $cluster_name =~ ^[a-z][a-z0-9]{0,11}$ ]] || {
  echo "ORCHESTRATOR_DEV_NAME must be 1 to 12 lower-case letters and digits, not '$cluster_name'" >&2
  exit 2
}

if [ "$cluster_name" = orc ]; then
  cluster_slot=0
  cluster_directory=${ORCHESTRATOR_DEV_DIR:-/var/lib/orchestrator-dev}
else
  # Ports and user ids of another cluster follow from its name.
  cluster_slot=$((1 + $(printf %s "$cluster_name" | cksum | cut -d' ' -f1) % 1000))
  cluster_directory=${ORCHESTRATOR_DEV_DIR:-/var/lib/orchestrator-dev-$cluster_name}
fi
[[ $cluster_directory == /*[!/]* ]] || {
  echo "ORCHESTRATOR_DEV_DIR must be an absolute path, not '$cluster_directory'" >&2
  exit 2
}

grpc_port=${ORCHESTRATOR_DEV_PORT:-$((7650 + 10 * cluster_slot))}
http_port=$((grpc_port + 1))
cgroup_parent=/orchestrator-$cluster_name
fabric_namespace=$cluster_name-fabric
orc_binary=artifacts/publish/Cli/orc

host_namespace() { echo "$cluster_name-host-$1"; }
host_directory() { echo "$cluster_directory/hosts/host-$1"; }

# Each host hands its guests a thousand user ids; hosts of all clusters keep apart.
host_uid_base() { echo $((1000000 + 100000 * cluster_slot + 1000 * $1)); }

# The numbers of the hosts that this cluster has (nothing if it is down).
host_numbers() { cat "$cluster_directory/hosts/numbers" 2>/dev/null || true; }

# Names this work tree, so that tests and benchmarks of several work trees don't meet.
work_tree_id() { printf %s "$repository" | sha256sum | cut -c1-6; }

orc() { "$orc_binary" --server "http://127.0.0.1:$grpc_port" "$@"; }

say() { printf '%s\n' "$*"; }
step() { printf '== %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

need_root() {
  [ "$(id -u)" = 0 ] || die "./dev $1 makes network namespaces, mounts and cgroups: run it as root (sudo ./dev $1)"
}
