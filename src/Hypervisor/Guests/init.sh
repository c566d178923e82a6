#!/bin/busybox sh
# The first process of every guest, in the initramfs: finds the root disk, then becomes the image's own init,
# or the supervisor (supervise.sh), with the root disk as its root.
# /seed (written for this guest alone) defines guest_* and the functions with_environment, with_command
# and with_interfaces.
alias mount='busybox mount' mkdir='busybox mkdir' cp='busybox cp' ip='busybox ip'
fail() {
    echo "init: $*"
    busybox sync
    busybox poweroff -f
}

PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
echo 0 >/proc/sys/kernel/ctrl-alt-del # from here on the host's request to shut down is a signal to us
. /seed
busybox hostname "$guest_hostname"
while read -r module; do
    busybox insmod "/modules/$module" || fail "the module $module could not be loaded"
done </modules/order

# The disk's driver may still be probing.
tries=0
until [ -b "$guest_root_device" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || fail "the root disk $guest_root_device did not appear"
    busybox usleep 25000
done
mount -t ext4 -o rw "$guest_root_device" /root || fail "the root disk $guest_root_device could not be mounted"

# One call for each network card (see with_interfaces): MAC GATEWAY MTU [ADDRESS/PREFIX…]
configure_interface() {
    mac=$1 gateway=$2 mtu=$3
    shift 3
    for device in /sys/class/net/*; do
        [ "$(busybox cat "$device/address")" = "$mac" ] || continue
        device=${device##*/}
        for address; do ip address add "$address" dev "$device"; done
        [ -z "$mtu" ] || ip link set "$device" mtu "$mtu"
        ip link set "$device" up
        [ -z "$gateway" ] || ip route add default via "$gateway" dev "$device"
        return
    done
    echo "init: the network card $mac did not appear"
}
with_interfaces configure_interface
mount -o move /proc /root/proc
mount -o move /sys /root/sys
mount -o move /dev /root/dev

# The image may hold no program that we could use, so ours stays where it disturbs nothing.
mkdir -m 0755 /root/dev/.orchestrator
cp /bin/busybox /supervise /seed /root/dev/.orchestrator/
busybox chmod 0600 /root/dev/.orchestrator/seed

become_init() {
    with_environment /bin/busybox switch_root -c /dev/console /root "$@"
}
if [ "$guest_runs_init" = 1 ]; then
    busybox rm -r /root/dev/.orchestrator
    with_command become_init
fi
exec busybox switch_root -c /dev/console /root /dev/.orchestrator/busybox sh /dev/.orchestrator/supervise
