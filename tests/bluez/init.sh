#!/bin/busybox sh
# Process 1 of the guest. The kernel has mounted the host's / read-only; the kernel's command line gives
# GUEST_COMMAND, a script to run. Its exit code goes out on the control line.
#
# Above the host's / lies an empty layer in memory: the guest sees every program of the host, may write
# anywhere, and nothing of what it writes reaches the host.
bb=/bin/busybox

if [ -z "$GUEST_ROOT_READY" ]; then
    $bb mount -t tmpfs layer /mnt
    $bb mkdir /mnt/written /mnt/work /mnt/root
    $bb mount -t overlay -o lowerdir=/,upperdir=/mnt/written,workdir=/mnt/work overlay /mnt/root
    root=/mnt/root
    $bb mount -t proc proc $root/proc
    $bb mount -t sysfs sysfs $root/sys
    $bb mount -t devtmpfs dev $root/dev
    $bb mkdir -p $root/dev/pts $root/dev/shm
    $bb mount -t devpts devpts $root/dev/pts
    # What runs on the host, or is paired with it, is none of the guest's business.
    for folder in dev/shm run var/lib/bluetooth; do
        $bb mount -t tmpfs -o mode=755 empty $root/$folder
    done
    $bb chmod 1777 $root/dev/shm
    export GUEST_ROOT_READY=1
    exec $bb chroot $root "$0"
fi

$bb ln -s /proc/self/fd /dev/fd
$bb ip link set lo up
for line in /dev/tty1 /dev/ttyS0 /dev/ttyS1 /dev/ttyS2; do
    $bb stty -F $line raw -echo
done
/bin/sh "$GUEST_COMMAND" </dev/null >/dev/tty1 2>&1
echo "{\"order\": \"exit\", \"code\": $?}" >/dev/ttyS2
$bb poweroff -f
