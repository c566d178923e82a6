# shellcheck shell=bash
# What runs, and how to look at it from outside.

cluster_status() {
  local number failed=0
  [ -n "$(host_numbers)" ] || {
    say "cluster '$cluster_name' is down"
    return 1
  }
  printf '%-20s %-9s %8s %9s  %s\n' PROCESS STATE PID MEMORY HEALTH
  status_row silo "silo_ready" || failed=1
  for number in $(host_numbers); do
    status_row "host-$number-containerd" "containerd_answers $number" || failed=1
    status_row "host-$number-dom0" "dom0_answers $number" || failed=1
    status_row "host-$number-agent" "agent_connected $number" || failed=1
  done
  if silo_ready; then show_workloads; fi
  [ $failed = 0 ] || say "./dev up repairs what is down"
  return $failed
}

status_row() {
  local pid state=running health=ok result=0 memory=-
  if pid=$(running "$1"); then
    memory="$(memory_of "$pid") MiB"
  else
    pid=- state=down result=1
  fi
  $2 > /dev/null 2>&1 || health="does not answer" result=1
  printf '%-20s %-9s %8s %9s  %s\n' "$1" "$state" "$pid" "$memory" "$health"
  return $result
}

agent_connected() {
  running "host-$1-agent" && [ "$(orc get node "host-$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]
}

show_workloads() {
  say ""
  orc get nodes || true
  say ""
  orc get pods -A -o wide || true
  say ""
  orc get virtualmachines -A -o wide || true
}

show_examples() {
  step "applying examples/"
  orc apply -f examples/
  orc wait --for=condition=Ready pod/web pod/twin-a pod/twin-b pod/prepared pod/configured --timeout=60s > /dev/null || warn "not all example pods are ready"
  orc wait --for=jsonpath='{.status.phase}'=Running vm/paravirtual vm/emulated --timeout=90s > /dev/null || warn "not all example machines run"
  show_workloads
  local address prefix=""
  address=$(orc get pod web -o 'jsonpath={.status.podIP}' || true)
  [ "$cluster_name" = orc ] || prefix="ORCHESTRATOR_DEV_NAME=$cluster_name "
  say ""
  say "Next, after  export PATH=\"$repository/artifacts/bin:\$PATH\""
  [ "$grpc_port" = 7650 ] || say "and          export ORC_SERVER=http://127.0.0.1:$grpc_port"
  cat <<TEXT
  orc logs -f web                      orc exec web -- ls -l /www
  ${prefix}./dev curl http://$address/         (the pod's page, from outside its host)
  orc console paravirtual              orc describe vm paravirtual
  orc explain pod/too-large            orc events
  orc run localhost/orchestrator/web:1 --vm --name mine
  ${prefix}./dev down
TEXT
}

# A GET from the fabric: neither a host nor a pod.
cluster_curl() {
  [ $# = 1 ] || die "usage: ./dev curl URL"
  need_root curl
  [ -e "/run/netns/$fabric_namespace" ] || die "cluster '$cluster_name' is down"
  nsenter --net="/run/netns/$fabric_namespace" timeout 5 busybox wget -q -O - "$1"
}

cluster_enter() {
  local number=${1#host-}
  [ $# -ge 2 ] || die "usage: ./dev enter HOST COMMAND…"
  need_root enter
  shift
  grep -qx "$number" < <(host_numbers) || die "there is no host-$number"
  CONTAINERD_ADDRESS=$(containerd_socket "$number") CONTAINERD_NAMESPACE=k8s.io in_host "$number" "$@"
}
