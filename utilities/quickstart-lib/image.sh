# SPDX-License-Identifier: Apache-2.0
#
# quickstart: makes an OCI image of Debian packages and our programs, without
# a container engine, as "docker load", "podman load" and "skopeo copy
# oci-archive:" take it.
# Sourced by utilities/quickstart, which calls image, and by
# tests/image-check, which calls image_make.
# shellcheck shell=bash

# The packages that our programs, and the commands in deploy/kubernetes, need.
IMAGE_PACKAGES=(
    libcap-ng0 libcurl4 libjansson4 libnl-3-200 libnl-route-3-200 libssl3
    libyaml-0-2 openvswitch-common ovn-common
)

# image_sources
# Prints the machine's entries of Debian, for mmdebstrap.
image_sources () {
    local signed=/usr/share/keyrings/debian-archive-keyring.gpg
    test -e "$signed" && signed="[signed-by=$signed] " || signed=
    # apt replaces what looks like variables here.
    # shellcheck disable=SC2016
    apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
        --format "deb $signed"'$(REPO_URI) $(RELEASE) $(COMPONENT)' | sort -u
}

# image_root BUILD ROOT
# Makes the root file system of the image, with the programs of BUILD.
image_root () {
    local packages codename
    packages=$(IFS=,; echo "${IMAGE_PACKAGES[*]}")
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    image_sources > "$2.list"
    rm -rf "$2"
    mmdebstrap --quiet --variant=essential --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        "$codename" "$2" "$2.list" \
        && make -C "$1" install-strip DESTDIR="$2" \
        && rm -rf "$2"/usr/local/share/doc "$2"/usr/local/share/man
}

# image_pack ROOT FILE
# Packs ROOT as the image FILE, an archive of an OCI layout.
image_pack () {
    local layout=$2.layout
    rm -rf "$layout"
    umoci init --layout "$layout" \
        && umoci new --image "$layout:latest" \
        && umoci insert --image "$layout:latest" "$1" / \
        && umoci config --image "$layout:latest" \
            --config.cmd /bin/sh --config.env \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            --config.label org.opencontainers.image.title=ovn-egress \
            --config.label org.opencontainers.image.licenses=Apache-2.0 \
        && tar c -C "$layout" --owner=0 --group=0 . > "$2" \
        && rm -rf "$layout"
}

# image_make BUILD DIR
# Makes DIR/ovn-egress.oci of the programs of BUILD, and leaves DIR/root.
image_make () {
    mkdir -p "$2" \
        && image_root "$1" "$2/root" \
        && image_pack "$2/root" "$2/ovn-egress.oci"
}

image () {
    say "making an image in $TREE/image"
    quietly "$TREE/log/image.log" image_make "$BUILD" "$TREE/image" || return
    rm -rf "$TREE/image/root"
    say "image: $TREE/image/ovn-egress.oci"
}
