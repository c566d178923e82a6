# shellcheck shell=bash
# Publishes the four programs into artifacts/publish/<project>, each only when its sources changed.

programs=(Silo NodeAgent Hypervisor Cli)

# What a program is built from.
sources_of() {
  echo Directory.Build.props Directory.Packages.props global.json "src/$1"
  case $1 in
    Silo) echo src/Contracts src/Scheduler ;;
    Hypervisor) echo src/Contracts/Protos/dom0 ;;
    *) echo src/Contracts ;;
  esac
}

# One line that changes when a source of the program does.
fingerprint_of() {
  # shellcheck disable=SC2046
  find $(sources_of "$1") \( -name bin -o -name obj \) -prune -o -type f -printf '%p %s %T@\n' | sort | sha256sum | cut -d' ' -f1
}

build_of() { cat "artifacts/publish/$1/.fingerprint" 2>/dev/null || echo none; }

build() {
  need_dotnet
  need_packages busybox-static catatonit
  mkdir -p artifacts/publish artifacts/bin artifacts/images artifacts/logs
  # Two clusters may come up at once.
  exec 8> artifacts/.build-lock
  flock 8
  publish_changed
  ln -sfn ../publish/Cli/orc artifacts/bin/orc
  build_images
  exec 8>&-
}

publish_changed() {
  local program fingerprint changed=() fingerprints=()
  for program in "${programs[@]}"; do
    fingerprint=$(fingerprint_of "$program")
    [ "$(build_of "$program")" != "$fingerprint" ] || continue
    changed+=("$program") fingerprints+=("$fingerprint")
  done
  [ ${#changed[@]} -gt 0 ] || return 0
  step "building ${changed[*]}"
  # What is published comes from an empty folder: a file that is no longer part of the program would stay.
  for program in "${changed[@]}"; do rm -rf "$(published "$program")"; done
  # The lock is not for the build servers that dotnet may leave behind.
  if ! dotnet msbuild eng/publish.proj -m -nologo -v:quiet -p:Programs="${changed[*]}" 8>&- > artifacts/logs/publish.log 2>&1; then
    grep -E 'error|warning' artifacts/logs/publish.log | sort -u >&2 || true
    die "${changed[*]}: not built; the whole output is in artifacts/logs/publish.log"
  fi
  for program in "${!changed[@]}"; do install_program "${changed[$program]}" "${fingerprints[$program]}"; done
}

published() { echo "src/$1/bin/Release/net10.0/linux-x64/publish"; }

# install_program PROGRAM FINGERPRINT
install_program() {
  local new=artifacts/publish/.new-$1
  rm -rf "$new"
  mv "$(published "$1")" "$new"
  echo "$2" > "$new/.fingerprint"
  # A running process keeps the files it has open; overwriting them in place would crash it.
  rm -rf "artifacts/publish/$1"
  mv "$new" "artifacts/publish/$1"
}

build_images() {
  local fingerprint
  fingerprint=$({ sha256sum "$(command -v busybox)" "$(command -v catatonit)"; find eng/images -type f -exec sha256sum {} +; } | sort | sha256sum)
  [ "$(cat artifacts/images/.fingerprint 2>/dev/null)" != "$fingerprint" ] || return 0
  step "building the example images"
  eng/images/build.sh artifacts/images
  echo "$fingerprint" > artifacts/images/.fingerprint
}
