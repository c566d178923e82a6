# shellcheck shell=bash
# Simple supervision: a pid file holds the process id, its start time (so that a reused id is not taken for it)
# and a mark of what was started (so that `up` restarts what has changed since).

pid_file() { echo "$cluster_directory/run/$1.pid"; }

# start_time PID: clock ticks since boot; fails for a process that is gone or a zombie.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The name, in parentheses, may hold spaces.
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  echo "${20}"
}

# running NAME: prints the process id if the process that was started under that name still runs.
running() {
  local pid started mark
  { read -r pid started mark < "$(pid_file "$1")"; } 2>/dev/null || return 1
  [ "$(start_time "$pid")" = "$started" ] || return 1
  echo "$pid"
}

# ensure_process NAME MARK COMMAND…: starts the command unless it runs already with the same mark.
ensure_process() {
  local name=$1 mark=$2 pid started running_mark
  shift 2
  mark=$(printf '%s\0' "$mark" "$@" | sha256sum | cut -c1-16)
  if pid=$(running "$name"); then
    read -r pid started running_mark < "$(pid_file "$name")"
    [ "$running_mark" != "$mark" ] || return 0
    say "$name changed: restarting it"
    stop_process "$name"
  fi
  join_cgroup_and_exec "$name" "$@" &
  pid=$!
  until started=$(start_time "$pid"); do kill -0 "$pid" 2>/dev/null || die "$name did not start"; done
  echo "$pid $started $mark" > "$(pid_file "$name")"
  disown "$pid"
}

# The process and all that it ever starts stay in one cgroup, by which `down` finds them.
join_cgroup_and_exec() {
  local log=$cluster_directory/logs/$1.log cgroup
  shift
  cgroup=$(supervision_cgroup)
  mkdir -p "$cgroup"
  echo "$BASHPID" > "$cgroup/cgroup.procs"
  exec 8>&- 9>&-
  exec setsid "$@" < /dev/null >> "$log" 2>&1
}

# stop_process NAME: asks, waits up to ten seconds, then kills.
stop_process() {
  local pid
  pid=$(running "$1") || return 0
  kill -TERM "$pid" 2>/dev/null || true
  await 10 "$1 to stop" not_running "$1" || kill -KILL "$pid" 2>/dev/null || true
  await 10 "$1 to be killed" not_running "$1"
  rm -f "$(pid_file "$1")"
}

not_running() { ! running "$1" > /dev/null; }

# await SECONDS WHAT COMMAND…: repeats the command until it succeeds; fails, and says what it waited for, after that time.
await() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || {
      warn "gave up waiting for $what"
      return 1
    }
    sleep 0.05
  done
}

# Where a process of the cluster is put: cgroup v2 where there is one, else the first v1 hierarchy without limits.
supervision_cgroup() { echo "$(cgroup_hierarchies | sed -n 1p)$cgroup_parent/daemons"; }

cgroup_hierarchies() {
  awk '$3 == "cgroup2" { print $2 }' /proc/self/mounts
  awk '$3 == "cgroup" && $4 ~ /name=systemd|pids/ { print $2 }' /proc/self/mounts
  awk '$3 == "cgroup" && $4 !~ /name=systemd|pids/ { print $2 }' /proc/self/mounts
}

# All folders of the cluster in all hierarchies, the deepest first.
cluster_cgroups() {
  local hierarchy
  while read -r hierarchy; do
    [ ! -d "$hierarchy$cgroup_parent" ] || find "$hierarchy$cgroup_parent" -depth -type d 2>/dev/null
  done < <(cgroup_hierarchies)
  return 0
}

cluster_processes() {
  local cgroup
  while read -r cgroup; do cat "$cgroup/cgroup.procs" 2>/dev/null || true; done < <(cluster_cgroups) | sort -un
}

# Kills every process that the cluster ever started and removes their cgroups.
kill_cluster_processes() {
  local cgroup
  while read -r cgroup; do
    [ ! -e "$cgroup/freezer.state" ] || echo THAWED > "$cgroup/freezer.state" 2>/dev/null || true
    [ ! -e "$cgroup/cgroup.freeze" ] || echo 0 > "$cgroup/cgroup.freeze" 2>/dev/null || true
  done < <(cluster_cgroups)
  await 30 "the cluster's processes to end" kill_round || return 1
  await 10 "the cluster's cgroups to empty" remove_cgroups
}

kill_round() {
  local pid left=0
  for pid in $(cluster_processes); do
    start_time "$pid" > /dev/null || continue
    left=1
    kill -KILL "$pid" 2>/dev/null || true
  done
  return $left
}

remove_cgroups() {
  local cgroup
  while read -r cgroup; do rmdir "$cgroup" 2>/dev/null || true; done < <(cluster_cgroups)
  [ -z "$(cluster_cgroups)" ]
}

# memory_of PID: resident memory in MiB.
memory_of() { awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status" 2>/dev/null || echo -; }
