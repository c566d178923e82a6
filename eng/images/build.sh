#!/usr/bin/env bash
# Builds the example image and the pause image from Debian's static busybox and catatonit, without any registry.
# Usage: build.sh OUTPUT_FOLDER. Prints "NAME DIGEST FILE" for each image.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=eng/images/oci.sh
. "$here/oci.sh"

output=$1
web_name=localhost/orchestrator/web:1
busybox=$(command -v busybox)
catatonit=$(command -v catatonit)
mkdir -p "$output"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

web_root() {
  local root=$1 applet
  mkdir -p "$root"/{bin,dev,etc,proc,root,run,sbin,sys,tmp,usr/bin,var,www}
  chmod 1777 "$root/tmp"
  install -m 755 "$busybox" "$root/bin/busybox"
  install -m 755 "$catatonit" "$root/bin/catatonit"
  while read -r applet; do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done < <("$busybox" --list)
  ln -s ../bin/busybox "$root/sbin/init"
  ln -s ../../bin/env "$root/usr/bin/env"
  install -m 644 "$here"/web/etc/{group,inittab,passwd} "$root/etc"
  install -m 755 "$here/web/etc/rc" "$root/etc/rc"
  install -m 644 "$here/web/www/index.html" "$root/www/index.html"
}

# catatonit is the image's first process: busybox httpd has no SIGTERM handler, so as process 1 it would not stop.
web_process='{"Env":["PATH=/bin:/sbin:/usr/bin"],"Entrypoint":["/bin/catatonit","--"],"Cmd":["/bin/httpd","-f","-vv","-p","80","-h","/www"],"WorkingDir":"/","ExposedPorts":{"80/tcp":{}}}'
web_root "$work/web"
echo "$web_name $(write_oci_image "$work/web" "$web_process" "$web_name" "$output/web.tar") $output/web.tar"

mkdir "$work/pause"
install -m 755 "$catatonit" "$work/pause/pause"
pause_process='{"Entrypoint":["/pause","-P"],"WorkingDir":"/"}'
pause_name=localhost/orchestrator/pause:1
echo "$pause_name $(write_oci_image "$work/pause" "$pause_process" "$pause_name" "$output/pause.tar") $output/pause.tar"
