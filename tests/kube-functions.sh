# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for tests: start and stop a real Kubernetes API server and
# its etcd.  Sourced by tests/kube-macros.at beside tests/egress-functions.sh,
# which it needs.  All is on the loopback interface and in the folder kube/ of
# the test; "quickstart kube" builds the programs.
#
# In kube/: ca.crt, the certificate authority; USER.conf, a kubeconfig for
# each user; USER.token; client.crt and client.key, a client certificate of an
# administrator; apiserver.log, etcd.log, audit.log (a line for each request).
#
#   admin    may do everything
#   mirror   is the service account ovn-egress-kube of the namespace
#            ovn-egress: it may do what deploy/kubernetes allows it
#   nobody   may do nothing
#
# shellcheck shell=sh disable=SC2120,SC2154

# The namespace and the service account that the daemon has in a cluster.
KUBE_ACCOUNT=system:serviceaccount:ovn-egress:ovn-egress-kube

# --- Life ----------------------------------------------------------------

# kube_find
# Sets KUBE_BIN to the folder of the programs; fails if there is none.
kube_find () {
    if test -z "${KUBE_BIN-}"; then
        for _done in "${OVN_EGRESS_CACHE:-/var/cache/ovn-egress}"/kube-*/DONE
        do
            KUBE_BIN=${_done%/DONE}/bin
        done
    fi
    test -x "$KUBE_BIN/kube-apiserver"
}

# kube_require
# Skips the test if there is no API server.
kube_require () {
    kube_find || egress_skip 'there is no kube-apiserver: run quickstart kube'
    require openssl
}

# kube_start [OPTION...]
# Starts etcd and the API server, with more options for the latter.
kube_start () {
    kube_require
    mkdir -p kube/data
    kube_ports 3 > kube/ports
    read -r KUBE_PORT KUBE_ETCD_PORT KUBE_PEER_PORT < kube/ports
    KUBE_SERVER=https://127.0.0.1:$KUBE_PORT
    kube_keys
    kube_users
    kube_start_etcd
    kube_start_apiserver "$@"
}

# kube_start_etcd
# Starts etcd, again with the data that it had.
kube_start_etcd () {
    _etcd=http://127.0.0.1:$KUBE_ETCD_PORT
    _peer=http://127.0.0.1:$KUBE_PEER_PORT
    kube_spawn etcd "$KUBE_BIN/etcd" --data-dir=kube/data/etcd \
        --listen-client-urls="$_etcd" --advertise-client-urls="$_etcd" \
        --listen-peer-urls="$_peer" --initial-cluster="default=$_peer" \
        --initial-advertise-peer-urls="$_peer" --unsafe-no-fsync=true
}

# kube_start_apiserver [OPTION...]
# Starts the API server, again at the same address, and waits until it is
# ready.  Without a watch cache (--watch-cache=false) it answers a watch from
# a version that etcd has compacted with 410 Gone at once.
kube_start_apiserver () {
    kube_spawn apiserver "$KUBE_BIN/kube-apiserver" \
        --etcd-servers="http://127.0.0.1:$KUBE_ETCD_PORT" \
        --bind-address=127.0.0.1 --secure-port="$KUBE_PORT" \
        --advertise-address=192.0.2.1 --endpoint-reconciler-type=none \
        --tls-cert-file=kube/server.crt \
        --tls-private-key-file=kube/server.key \
        --client-ca-file=kube/ca.crt --token-auth-file=kube/tokens.csv \
        --authorization-mode=RBAC \
        --service-account-key-file=kube/account.pub \
        --service-account-signing-key-file=kube/account.key \
        --service-account-issuer=https://kubernetes.default \
        --disable-admission-plugins=ServiceAccount \
        --feature-gates=IPv6DualStack=true,EndpointSliceNodeName=true \
        --service-cluster-ip-range=172.30.0.0/16,fd02::/112 \
        --audit-policy-file=kube/audit.yaml \
        --audit-log-path=kube/audit.log "$@"
    wait_until kube_ready
}

# kube_ready
# Succeeds if the API server is ready, and has made its own namespaces.
kube_ready () {
    kill -0 "$(cat apiserver.pid)" \
        && test "$(kube_kubectl get --raw /readyz)" = ok \
        && kube_kubectl get namespace default kube-system
}

# kube_kill [apiserver|etcd]
# Kills it (default: apiserver) as if it crashed.
kube_kill () {
    kube_end "${1:-apiserver}" KILL
}

# kube_stop [apiserver|etcd]
# Stops it as an administrator does; without an argument, both.
kube_stop () {
    for _server in ${1:-apiserver etcd}; do
        kube_end "$_server" TERM
    done
}

# kube_restart [OPTION...]
# Kills the API server and starts it again.
kube_restart () {
    kube_kill apiserver
    kube_start_apiserver "$@"
}

# kube_spawn NAME PROGRAM [OPTION...]
# Starts a program in the background that knows nothing of pidfiles.
kube_spawn () {
    _name=$1
    shift
    "$@" >> "kube/$_name.log" 2>&1 < /dev/null 5>&- 6>&- 7>&- 8>&- &
    echo $! > "$_name.pid"
    on_exit "kill_daemon $_name"
}

# kube_end NAME SIGNAL
# Sends SIGNAL to what kube_spawn started, and waits for its end.
kube_end () {
    test -s "$1.pid" || return 0
    kill_daemon "$1" "$2"
    wait "$(cat "$1.pid")" 2> /dev/null || :
    rm -f "$1.pid"
}

# kube_ports COUNT
# Prints free ports of the loopback interface, below those that the kernel
# gives to connections.
kube_ports () {
    "$PYTHON3" - "$1" <<'EOF'
import random, socket, sys
sockets = []
while len(sockets) < int(sys.argv[1]):
    tried = socket.socket()
    try:
        tried.bind(('127.0.0.1', random.randrange(10240, 30000)))
        sockets.append(tried)
    except OSError:
        tried.close()
print(*[s.getsockname()[1] for s in sockets])
EOF
}

# --- Keys and users ------------------------------------------------------

# kube_certificate NAME SUBJECT [EXTENSION]
# Makes NAME.key and NAME.crt, signed by the certificate authority.
kube_certificate () {
    check openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -keyout "kube/$1.key" -out "kube/$1.csr" -subj "$2" \
        2> openssl.out
    echo "${3:-extendedKeyUsage=clientAuth}" > kube/extensions
    check openssl x509 -req -in "kube/$1.csr" -CA kube/ca.crt \
        -CAkey kube/ca.key -CAcreateserial -days 30 \
        -extfile kube/extensions -out "kube/$1.crt" 2> openssl.out
}

# kube_keys
# Makes the certificate authority and all keys.  KUBE_NAMES has more names of
# the server, as in its certificate, such as IP:192.0.2.1.
kube_keys () {
    check openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -keyout kube/ca.key -out kube/ca.crt -days 30 \
        -subj /CN=kube-ca 2> openssl.out
    kube_certificate server /CN=kube-apiserver \
        "subjectAltName=IP:127.0.0.1,DNS:localhost${KUBE_NAMES:+,$KUBE_NAMES}"
    kube_certificate client /O=system:masters/CN=client
    check openssl genrsa -out kube/account.key 2048 2> openssl.out
    check openssl rsa -in kube/account.key -pubout -out kube/account.pub \
        2> openssl.out
}

# kube_users
# Makes the users with their tokens, and says what is noted of requests.
kube_users () {
    : > kube/tokens.csv
    kube_user admin admin system:masters
    kube_user mirror "$KUBE_ACCOUNT" \
        system:serviceaccounts,system:serviceaccounts:ovn-egress
    kube_user nobody nobody nobody
    cat > kube/audit.yaml <<'EOF'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, users: ["system:apiserver"]}
- {level: Metadata}
EOF
}

# kube_user NAME USER GROUPS
# Adds a user with a token, and makes NAME.conf.
kube_user () {
    _token=$(openssl rand -hex 16)
    printf '%s,%s,%s,"%s"\n' "$_token" "$2" "$1" "$3" >> kube/tokens.csv
    printf %s "$_token" > "kube/$1.token"
    kube_config "$_token" > "kube/$1.conf"
}

# kube_config TOKEN [SERVER]
# Prints a kubeconfig with this token.
kube_config () {
    cat <<EOF
apiVersion: v1
kind: Config
current-context: test
contexts:
- {name: test, context: {cluster: test, user: test}}
clusters:
- name: test
  cluster:
    server: ${2:-$KUBE_SERVER}
    certificate-authority: $PWD/kube/ca.crt
users:
- {name: test, user: {token: $1}}
EOF
}

# kube_account_token [NAMESPACE NAME [SECONDS]]
# Prints a new token of this service account (default: the mirror's), as a
# kubelet gets it.  It ends after SECONDS, or with the service account.
kube_account_token () {
    printf '{"apiVersion": "authentication.k8s.io/v1",
             "kind": "TokenRequest",
             "spec": {"audiences": [], "expirationSeconds": %d}}' \
        "${3:-3600}" \
        | kube_kubectl create -f - --raw "/api/v1/namespaces/${1:-ovn-egress}\
/serviceaccounts/${2:-ovn-egress-kube}/token" \
        | sed 's/.*"token":"\([^"]*\)".*/\1/'
}

# --- Use -----------------------------------------------------------------

# kube_kubectl ARG...
# Runs kubectl as the administrator.
kube_kubectl () {
    kube_as admin "$@"
}

# kube_as USER ARG...
# Runs kubectl as this user.
kube_as () {
    _user=$1
    shift
    "$KUBE_BIN/kubectl" --kubeconfig="kube/$_user.conf" \
        --cache-dir="kube/cache-$_user" "$@"
}

# kube_status PATH JSON
# Writes the status of the object at PATH, as its controller does.
kube_status () {
    kube_kubectl get --raw "$1" > kube/object || return
    "$PYTHON3" -c 'import json, sys
found = json.load(sys.stdin)
found["status"] = json.loads(sys.argv[1])
json.dump(found, sys.stdout)' "$2" < kube/object > kube/object.new \
        && kube_kubectl replace --raw "$1/status" -f kube/object.new \
            > kube/object
}

# kube_definitions [FILE]
# Has the API server know all our kinds, EgressService as in FILE (default:
# deploy/kubernetes), and waits until it serves them.
kube_definitions () {
    check kube_kubectl apply -f "$abs_top_srcdir/tests/kube-crds.yaml" \
        -f "${1:-$abs_top_srcdir/deploy/kubernetes/crds}" > kube/definitions
    check kube_kubectl wait --for=condition=Established --all \
        --timeout="${EGRESS_TIMEOUT}s" customresourcedefinitions \
        > kube/definitions
    rm -rf kube/cache-*
}

# kube_examples [FOLDER]
# Applies the documented manifests, and the namespaces that they are in.  The
# status of a Node is what its kubelet would write.  Before Kubernetes 1.21
# there is no discovery.k8s.io/v1.
kube_examples () {
    _from=${1:-$abs_top_srcdir/Documentation/examples}
    mkdir -p kube/examples
    cp "$_from"/*.yaml kube/examples
    kube_kubectl get --raw /apis/discovery.k8s.io/v1 > kube/served 2>&1 \
        || sed -i 's,discovery.k8s.io/v1$,discovery.k8s.io/v1beta1,' \
            kube/examples/*.yaml
    for _namespace in test metallb-system; do
        kube_kubectl create namespace "$_namespace" || return
    done
    kube_kubectl apply -f kube/examples
}

# kube_rights USER NAMESPACE
# Prints what USER may do there, without what everybody may: RESOURCE VERB...
kube_rights () {
    kube_as "$1" auth can-i --list -n "$2" | sed -n '
        /^selfsubject/d
        s/^\([a-z][^ ]*\) *\[\] *\[\([^]]*\)\] *\[\(.*\)\]$/\1 \2 \3/p' \
        | tr -s ' ' | sort
}

# kube_options FILE PROGRAM
# Succeeds if PROGRAM knows all options that deploy/kubernetes/FILE.yaml gives.
kube_options () {
    sed -n 's/^        - \(-[-v].*\)$/\1/p' \
        "$abs_top_srcdir/deploy/kubernetes/$1.yaml" > options
    test "$(wc -l < options)" -ge 5 || return
    # shellcheck disable=SC2016
    xargs -a options -d '\n' sh -c 'exec "$0" "$@" --version' "$2" \
        > options.out 2>&1 || { cat options.out; return 1; }
}

# kube_revision
# Prints the latest version in etcd.
kube_revision () {
    kube_etcd kv/range '{"key": "AA=="}' \
        | sed 's/.*"revision":"\([0-9]*\)".*/\1/'
}

# kube_compact
# Has etcd forget all versions before the latest one.
kube_compact () {
    _revision=$(kube_revision)
    kube_etcd kv/compaction \
        "{\"revision\": \"$_revision\", \"physical\": true}" > kube/compact
    grep -q revision kube/compact || egress_fail "etcd compacted nothing"
}

# kube_etcd PATH JSON
# Sends a request to etcd and prints its answer.
kube_etcd () {
    "$PYTHON3" - "http://127.0.0.1:$KUBE_ETCD_PORT/v3/$1" "$2" <<'EOF'
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(opener.open(sys.argv[1], sys.argv[2].encode()).read().decode())
EOF
}

# kube_requests [PATTERN]
# Prints the requests of all users but the administrator that PATTERN, an
# extended regular expression, matches, a line each: VERB PATH CODE.
kube_requests () {
    sed -n '/"username":"admin"/!s/.*"requestURI":"\([^"]*\)","verb":"\([^"]*\)".*"code":\([0-9]*\).*/\2 \1 \3/p' \
        kube/audit.log | grep -E -e "${1:-.}"
}
