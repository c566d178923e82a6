# shellcheck shell=bash
# Test hosts: each has a network namespace and a mount namespace of its own, both pinned by files so that they outlive
# every process in them. The fabric is one more network namespace with a bridge that joins the hosts; nothing is
# changed in the namespace that we were started in. Addresses are the same in every cluster, for none sees another:
#   10.87.0.K     host K on the fabric       10.88.0.0/16   pods and machines: of it the silo gives each host a range
#   10.87.0.254   the fabric itself, the place to look at the cluster from outside

fabric_up() {
  ip netns list | grep -qw "^$fabric_namespace" || ip netns add "$fabric_namespace"
  ip -n "$fabric_namespace" link set lo up
  ip -n "$fabric_namespace" link show fabric > /dev/null 2>&1 || ip -n "$fabric_namespace" link add fabric type bridge
  ip -n "$fabric_namespace" address replace 10.87.0.254/24 dev fabric
  ip -n "$fabric_namespace" link set fabric up
}

# Mount namespaces are pinned below a private mount: the kernel refuses to pin one on a shared mount.
pins_up() {
  mkdir -p "$cluster_directory/pins"
  mountpoint -q "$cluster_directory/pins" || {
    mount --bind "$cluster_directory/pins" "$cluster_directory/pins"
    mount --make-private "$cluster_directory/pins"
  }
}

host_network_up() {
  local number=$1 namespace
  namespace=$(host_namespace "$number")
  ip netns list | grep -qw "^$namespace" || ip netns add "$namespace"
  ip -n "$namespace" link set lo up
  ip -n "$namespace" link show eth0 > /dev/null 2>&1 ||
    ip -n "$namespace" link add eth0 type veth peer name "host-$number" netns "$fabric_namespace"
  ip -n "$fabric_namespace" link set "host-$number" master fabric up
  ip -n "$namespace" address replace "10.87.0.$number/24" dev eth0
  ip -n "$namespace" link set eth0 up
}

# host_range_route NUMBER: how the fabric, which is no host, reaches the host's pods. The hosts have their routes from the silo.
host_range_route() {
  local range
  range=$(orc get node "host-$1" -o 'jsonpath={.spec.podCIDR}')
  ip -n "$fabric_namespace" route replace "$range" via "10.87.0.$1"
}

# containerd and CNI keep state in fixed places whatever their configuration says; every host sees its own there.
host_mounts_up() {
  local pin=$cluster_directory/pins/host-$1 directory
  directory=$(host_directory "$1")
  ! mountpoint -q "$pin" || return 0
  mkdir -p /run/containerd /var/lib/cni "$directory/run-containerd" "$directory/var-lib-cni"
  : > "$pin"
  # shellcheck disable=SC2016
  unshare --mount="$pin" --propagation slave sh -e -c '
    ! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
    mount --make-rshared /
    mount --bind "$1/run-containerd" /run/containerd
    mount --bind "$1/var-lib-cni" /var/lib/cni' sh "$directory" || {
    umount "$pin" 2>/dev/null || true
    die "host-$1's mount namespace could not be made"
  }
}

# in_host NUMBER COMMAND…: the words that run a command inside a host.
in_host() {
  local number=$1
  shift
  nsenter --net="/run/netns/$(host_namespace "$number")" --mount="$cluster_directory/pins/host-$number" "$@"
}

hosts_down() {
  local pin namespace
  for pin in "$cluster_directory"/pins/*; do
    ! mountpoint -q "$pin" || umount "$pin"
  done
  ! mountpoint -q "$cluster_directory/pins" || umount "$cluster_directory/pins"
  ip netns list | cut -d' ' -f1 | grep -E "^$cluster_name-(fabric|host-[0-9]+)$" | while read -r namespace; do
    ip netns delete "$namespace"
  done || true
  # What iproute2 and we made on the way, unless somebody else uses it too.
  if mountpoint -q /run/netns && [ -z "$(ls -A /run/netns)" ]; then umount /run/netns && rmdir /run/netns; fi
  rmdir --ignore-fail-on-non-empty /run/containerd /var/lib/cni 2>/dev/null || true
}
