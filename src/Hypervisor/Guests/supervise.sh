# Process 1 of a guest whose image brings no init: runs the workload with its output on the console, keeps a shell
# there, reaps what is orphaned, and powers off when the workload ends or the host asks (ctrl-alt-del, SIGINT).
. /dev/.orchestrator/seed
busybox=/dev/.orchestrator/busybox
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=vt102 HOME=/root

$busybox mkdir -p /dev/pts /dev/shm
$busybox mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
$busybox mount -t tmpfs -o mode=1777 tmpfs /dev/shm
$busybox ip link set lo up
[ -e /etc/hostname ] || echo "$guest_hostname" >/etc/hostname

shell() {
    for candidate in /bin/bash /bin/sh; do
        [ -x "$candidate" ] && exec $busybox setsid $busybox cttyhack "$candidate"
    done
    exec $busybox setsid $busybox cttyhack $busybox sh
}

# Finds the program as execvp would in the image, never among busybox' own.
resolve() {
    case $1 in
    */*) program=$1; return ;;
    esac
    IFS=:
    for directory in $guest_path; do
        if [ -x "$directory/$1" ] && [ ! -d "$directory/$1" ]; then
            program=$directory/$1
            unset IFS
            return
        fi
    done
    echo "init: $1: not found in $guest_path"
    exit 127
}

run() {
    resolve "$1"
    shift
    cd "$guest_workdir" || exit 126
    if [ "$guest_on_console" = 1 ]; then
        with_environment $busybox setsid $busybox cttyhack "$program" "$@"
    elif [ "$guest_user" = 0:0 ]; then
        with_environment $busybox setsid "$program" "$@" </dev/null
    else
        with_environment $busybox setsid $busybox start-stop-daemon -S -p /dev/.orchestrator/none \
            -c "$guest_user" -x "$program" -- "$@" </dev/null
    fi
}

power_off() {
    $busybox kill -TERM -1
    $busybox sync
    $busybox mount -o remount,ro /
    $busybox poweroff -f
}

workload=
interrupted=0
shutdown() {
    interrupted=1
    echo "init: shutting down"
    [ -n "$workload" ] || power_off
    # An interactive shell ignores TERM.
    kill -TERM "$workload"
    [ "$guest_on_console" = 1 ] && kill -HUP "$workload"
    $busybox sync
}
trap shutdown INT USR1 USR2 TERM

if [ "$guest_has_command" = 1 ]; then
    with_command run &
    workload=$!
fi
if [ "$guest_on_console" != 1 ]; then
    (trap - INT USR1 USR2 TERM; while :; do (shell); $busybox usleep 200000; done) &
fi
[ -n "$workload" ] || while :; do wait; done

until [ "$interrupted" = done ]; do
    interrupted=done
    wait "$workload"
    code=$?
done
# The host reads this disk after the guest has gone; nothing else of the guest is trusted.
echo "exit $code" >"$guest_report_device"
echo "init: the workload ended with exit code $code"
power_off
