# SPDX-License-Identifier: Apache-2.0
#
# quickstart: builds a copy of the source tree, out of tree.
# Sourced by utilities/quickstart, which calls build; check.sh calls
# build_configured.
# shellcheck shell=bash

# Prints the names of the files of the source tree.
source_files () {
    if test -e "$SOURCE/.git" && command -v git > /dev/null; then
        # The tree may belong to somebody else than to root.
        git -c safe.directory='*' -C "$SOURCE" ls-files -z -co \
            --exclude-standard | tr '\0' '\n' | while read -r name; do
            test ! -e "$SOURCE/$name" || printf '%s\n' "$name"
        done
    else
        (cd "$SOURCE" && find . -name _build -prune -o \
            \( -type f -o -type l \) -printf '%P\n')
    fi
}

# Brings $TREE/src to the state of the source tree: what did not change keeps
# its time, so that make does not build it again.
source_copy () {
    mkdir -p "$TREE/src"
    test -e "$TREE/files" || : > "$TREE/files"
    source_files | sort > "$TREE/files.new" \
        && comm -23 "$TREE/files" "$TREE/files.new" \
            | (cd "$TREE/src" && xargs -r -d '\n' rm -f) \
        && tar c -C "$SOURCE" -T "$TREE/files.new" \
            | tar x -C "$TREE/src" --no-same-owner \
        && mv "$TREE/files.new" "$TREE/files"
}

# Makes configure, unless it is newer than all that it is made of.
source_boot () {
    local src=$TREE/src
    if test ! -e "$src/configure" || test ! -e "$src/build-aux/ltmain.sh" \
       || test -n "$(find "$src" \( -name '*.am' -o -name '*.mk' \
            -o -name '*.ac' -o -name ovn-egress.m4 \) \
            -newer "$src/configure")"; then
        "$src/boot.sh"
    fi
}

# configure_in DIR [OPTION...]
# Configures in DIR, unless that was done with these options at least.  With
# others all has to be compiled again.
configure_in () {
    local dir=$1 configure=$TREE/src/configure option
    shift
    for option; do
        grep -qsxF -e "$option" "$dir/options" || rm -rf "$dir"
    done
    mkdir -p "$dir"
    if test ! -e "$dir/config.status" \
       || test "$configure" -nt "$dir/config.status"; then
        (cd "$dir" && "$configure" --with-ovs-source="$OVS_DIR/src" \
            --with-ovs-build="$OVS_DIR/build" "$@") \
            && printf '%s\n' "$@" > "$dir/options"
    fi
}

# build_configured NAME [OPTION...]
# Builds in $TREE/NAME, configured with the options given.
build_configured () {
    local dir=$TREE/$1
    shift
    ovs_build || return
    say "building in $dir"
    source_copy \
        && quietly "$TREE/log/boot.log" source_boot \
        && quietly "$TREE/log/configure.log" configure_in "$dir" "$@" \
        && quietly "$TREE/log/make.log" make -C "$dir" -j"$JOBS"
}

# BUILD is where the programs are afterwards.
build () {
    build_configured build
    BUILD=$TREE/build
    say "built: $BUILD/{agent,node,utilities}/ovn-egress*"
}
