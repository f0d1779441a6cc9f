# SPDX-License-Identifier: Apache-2.0
#
# quickstart: builds libopenvswitch once from Debian's openvswitch-source and
# keeps it in the cache, where all source trees share it.
# Sourced by utilities/quickstart; build.sh calls ovs_build.
# shellcheck shell=bash

OVS_TARBALL=/usr/src/openvswitch/openvswitch.tar.gz

# Prints the version of Open vSwitch that is packaged, such as 3.1.0.
ovs_version () {
    local version
    version=$(dpkg-query -W -f '${Version}' openvswitch-source 2> /dev/null) \
        || die "openvswitch-source is not installed; run: $0 deps"
    version=${version%-*}
    echo "${version#*:}"
}

# Sets OVS_DIR, whose src/ and build/ are for configure, and builds there
# unless that was done.  An interrupted build has no stamp and is done anew.
ovs_build () {
    local version
    version=$(ovs_version) || exit
    OVS_DIR=$CACHE/ovs-$version
    mkdir -p "$OVS_DIR"
    exec 9> "$OVS_DIR/lock"
    flock 9
    if test ! -e "$OVS_DIR/DONE"; then
        say "building Open vSwitch in $OVS_DIR (once, some minutes)"
        rm -rf "$OVS_DIR/src" "$OVS_DIR/build"
        mkdir -p "$OVS_DIR/src" "$OVS_DIR/build"
        (quietly "$OVS_DIR/build.log" ovs_make) || return
        : > "$OVS_DIR/DONE"
    fi
    exec 9>&-
}

# Unpacks, configures and makes.  Nothing is installed.
ovs_make () {
    # shellcheck disable=SC2016
    tar xzf "$OVS_TARBALL" -C "$OVS_DIR/src" --strip-components=1 \
        --no-same-owner \
        && cd "$OVS_DIR/build" \
        && ../src/configure --disable-shared --enable-ssl \
            CFLAGS="-g -O2 -fPIC" \
        && make -j"$JOBS" --eval .SECONDEXPANSION: \
            --eval 'sources-first: $$(BUILT_SOURCES)' sources-first \
        && make -j"$JOBS" lib/libopenvswitch.la ovsdb/libovsdb.la \
            ovsdb/ovsdb-idlc
}
