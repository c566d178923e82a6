# shellcheck shell=bash
# One containerd a host, with a configuration of our own beside the system's.

containerd_socket() { echo "$(host_directory "$1")/containerd.sock"; }

write_containerd_config() {
  local directory
  directory=$(host_directory "$1")
  mkdir -p "$directory/cni" "$directory/certs.d"
  cat > "$directory/containerd.toml" <<TOML
version = 2
root = "$directory/containerd/root"
state = "$directory/containerd/state"
oom_score = 0
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]
[grpc]
  address = "$directory/containerd.sock"
[ttrpc]
  address = "$directory/containerd.sock.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "$directory/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/orchestrator/pause:1"
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = $(restrict_oom_score_adj)
  disable_apparmor = $(disable_apparmor)
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$directory/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$directory/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "crun"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options]
      BinaryName = "/usr/bin/crun"
      Root = "$directory/crun"
TOML
}

# Lowering a score needs CAP_SYS_RESOURCE, which not even root has everywhere.
restrict_oom_score_adj() {
  if (echo -1 > /proc/self/oom_score_adj) 2>/dev/null; then echo false; else echo true; fi
}

disable_apparmor() {
  if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then echo false; else echo true; fi
}

containerd_answers() { [ -S "$(containerd_socket "$1")" ] && in_host "$1" ctr --connect-timeout 1s --address "$(containerd_socket "$1")" version; }

containerd_up() {
  local number=$1
  write_containerd_config "$number"
  ensure_process "host-$number-containerd" "$(sha256sum < "$(host_directory "$number")/containerd.toml")" \
    nsenter --net="/run/netns/$(host_namespace "$number")" --mount="$cluster_directory/pins/host-$number" \
    containerd --config "$(host_directory "$number")/containerd.toml"
}

host_ctr() {
  local number=$1
  shift
  in_host "$number" ctr --address "$(containerd_socket "$number")" --namespace k8s.io "$@"
}

# import_images NUMBER: the local images, into a host's own store.
import_images() {
  local file
  for file in "$repository"/artifacts/images/*.tar; do
    host_ctr "$1" images import "$file" > /dev/null
  done
}
