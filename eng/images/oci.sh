# shellcheck shell=bash
# Writes OCI image layouts as tar files, byte for byte the same for the same input:
# https://github.com/opencontainers/image-spec/blob/main/image-layout.md

# tar_of DIR FILE: the tree as a tar without times, owners or an order of its own.
tar_of() {
  tar --create --file "$2" --directory "$1" --format=ustar --sort=name --mtime=@0 \
    --owner=0 --group=0 --numeric-owner .
}

# store_blob LAYOUT FILE: moves the file among the layout's blobs and prints its digest without "sha256:".
store_blob() {
  local digest
  digest=$(sha256sum "$2" | cut -d' ' -f1)
  mv "$2" "$1/blobs/sha256/$digest"
  echo "$digest"
}

# write_oci_image ROOTFS PROCESS_JSON NAME FILE: one layer, one manifest. PROCESS_JSON is the image's `config`.
write_oci_image() {
  local rootfs=$1 process=$2 name=$3 file=$4 layout layer config manifest layer_size config_size manifest_size
  layout=$(mktemp -d)
  mkdir -p "$layout/blobs/sha256"

  tar_of "$rootfs" "$layout/layer"
  layer_size=$(stat -c %s "$layout/layer")
  layer=$(store_blob "$layout" "$layout/layer")

  printf '{"architecture":"amd64","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$process" "$layer" > "$layout/config"
  config_size=$(stat -c %s "$layout/config")
  config=$(store_blob "$layout" "$layout/config")

  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:%s","size":%s}]}' \
    "$config" "$config_size" "$layer" "$layer_size" > "$layout/manifest"
  manifest_size=$(stat -c %s "$layout/manifest")
  manifest=$(store_blob "$layout" "$layout/manifest")

  printf '{"imageLayoutVersion":"1.0.0"}' > "$layout/oci-layout"
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"io.containerd.image.name":"%s","org.opencontainers.image.ref.name":"%s"},"platform":{"architecture":"amd64","os":"linux"}}]}' \
    "$manifest" "$manifest_size" "$name" "${name##*:}" > "$layout/index.json"

  tar_of "$layout" "$file.new"
  mv "$file.new" "$file"
  rm -rf "$layout"
  echo "sha256:$manifest"
}
