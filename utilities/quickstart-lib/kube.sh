# SPDX-License-Identifier: Apache-2.0
#
# quickstart: builds kube-apiserver and kubectl once from Debian's source
# package, and keeps them with Debian's etcd in the cache, where the tests of
# all source trees find them (tests/kube-functions.sh).  Nothing of it is
# installed, and apt's configuration stays as it is.
# Sourced by utilities/quickstart, which calls kube, and by check.sh.
# shellcheck shell=bash

# The exit code of "quickstart kube" if they cannot be built here.
KUBE_SKIP=77

# A newer package of a library that the source package has a copy of.
KUBE_REFLECT=golang-github-modern-go-reflect2-dev
KUBE_REFLECT_DIR=github.com/modern-go/reflect2

KUBE_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# kube_version
# Prints the version of the source package that apt has, such as
# 1.20.5+really1.20.2-1.1.
kube_version () {
    apt-cache show --no-all-versions kubernetes-client 2> /dev/null | awk '
        $1 == "Version:" { version = $2 }
        $1 == "Source:" && $3 != "" { source = substr($3, 2, length($3) - 2) }
        END { print source != "" ? source : version }'
}

# kube_release VERSION
# Prints the release of Kubernetes in the package of this version: 1.20.2.
kube_release () {
    local version=${1#*:}
    version=${version%%-*}
    echo "${version#*+really}"
}

# kube_sources
# Prints the source entries that belong to the machine's entries of Debian.
kube_sources () {
    local signed=
    test ! -e "$KUBE_KEYRING" || signed="[signed-by=$KUBE_KEYRING] "
    # apt replaces what looks like variables here.
    # shellcheck disable=SC2016
    apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
        --format "deb-src $signed"'$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        | sort -u
}

# kube_apt DIR
# Makes a configuration of apt in DIR that has the sources, and lists and a
# cache of its own.
kube_apt () {
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial" \
        && kube_sources > "$1/sources.list" \
        && cat > "$1/apt.conf" <<EOF
Dir::Etc::sourcelist "$1/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$1/lists";
Dir::Cache "$1/cache";
EOF
}

# kube_fetch DIR VERSION
# Downloads the source package and what else is needed to DIR.
kube_fetch () {
    cd "$1" \
        && apt-get -q download etcd-server "$KUBE_REFLECT" \
        && kube_apt "$1/apt" \
        && APT_CONFIG=$1/apt/apt.conf apt-get -q update \
        && APT_CONFIG=$1/apt/apt.conf apt-get -q source --download-only \
            "kubernetes=$2"
}

# kube_mend TOP DEB
# Has the source in TOP work with Go 1.18 and later, for which it was not
# written.  Its copy of reflect2 would crash the API server, so there is the
# one that is unpacked in DEB in its place.  The validation of custom resources
# would take an empty string for null, which it compares in a way that is true
# since then.
kube_mend () {
    local name type
    rm -r "$1/vendor/$KUBE_REFLECT_DIR" \
        && cp -r "$2/usr/share/gocode/src/$KUBE_REFLECT_DIR" \
            "$1/vendor/$KUBE_REFLECT_DIR" || return
    for name in go-openapi kube-openapi/pkg/validation; do
        for type in "$1"/vendor/*/"$name"/validate/type.go; do
            sed -i 's/\(if data == nil\) || reflect.DeepEqual(.*) {/\1 {/' \
                "$type" && grep -q 'if data == nil {' "$type" || return
        done
    done
}

# kube_make DIR RELEASE
# Builds what is in DIR, and puts the programs into DIR/bin.
kube_make () {
    local top=$1/go/src/k8s.io/kubernetes
    mkdir -p "${top%/*}" "$1/bin" \
        && dpkg-deb -x "$1"/etcd-server_*.deb "$1/deb" \
        && dpkg-deb -x "$1/$KUBE_REFLECT"_*.deb "$1/deb" \
        && cp "$1/deb/usr/bin/etcd" "$1/bin" \
        && dpkg-source --no-check -x "$1"/kubernetes_*.dsc "$top" \
        && kube_mend "$top" "$1/deb" \
        && GO111MODULE=off GOPATH=$1/go \
            GOMAXPROCS=$JOBS KUBE_GIT_VERSION=v$2 KUBE_GIT_COMMIT=archive \
            KUBE_GIT_TREE_STATE=archive nice -n 10 make -C "$top" \
            WHAT='cmd/kube-apiserver cmd/kubectl' GOLDFLAGS='-s -w' \
        && cp "$top/_output/bin/kube-apiserver" "$top/_output/bin/kubectl" \
            "$1/bin"
}

# kube_missing
# Prints why they cannot be built here, if they cannot.
kube_missing () {
    local program
    for program in apt-get dpkg-source go rsync jq make; do
        if ! command -v "$program" > /dev/null; then
            echo "$program is not installed"
            return
        fi
    done
    test -n "$(kube_version)" || echo "apt knows no package kubernetes-client"
}

# kube_build
# Sets KUBE_DIR, in whose bin/ the programs are, and builds them unless that
# was done.  An interrupted build has no stamp and is done anew.
kube_build () {
    local version why part
    why=$(kube_missing)
    if test -n "$why"; then
        say "no kube-apiserver: $why"
        return "$KUBE_SKIP"
    fi
    version=$(kube_version)
    KUBE_DIR=$CACHE/kube-${version#*:}
    mkdir -p "$KUBE_DIR"
    exec 8> "$KUBE_DIR/lock"
    flock 8
    if test ! -e "$KUBE_DIR/DONE"; then
        say "building kube-apiserver in $KUBE_DIR (once, some minutes)"
        part=$KUBE_DIR/part
        rm -rf "$part" "${KUBE_DIR:?}/bin"
        mkdir -p "$part"
        if ! (quietly "$KUBE_DIR/fetch.log" kube_fetch "$part" "$version" \
              && quietly "$KUBE_DIR/build.log" kube_make "$part" \
                  "$(kube_release "$version")"); then
            exec 8>&-
            say "no kube-apiserver: it could not be built"
            return "$KUBE_SKIP"
        fi
        mv "$part/bin" "$KUBE_DIR/bin"
        : > "$KUBE_DIR/DONE"
        rm -rf "$part"
    fi
    exec 8>&-
}

kube () {
    kube_build || return
    say "built: $KUBE_DIR/bin/{kube-apiserver,kubectl,etcd}"
}
