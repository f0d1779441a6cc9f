# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for tests of ovn-egress-kube with tests/kube-fake.  Sourced
# by tests/kube-bad.at beside tests/egress-functions.sh, which it needs.
#
# shellcheck shell=sh disable=SC2154,SC2317

# fake_start
# Starts the server, with two nodes and nothing else, the database, and a
# mirror.
fake_start () {
    command -v ovn-egress-kube > /dev/null \
        || egress_skip "there is no ovn-egress-kube"
    mkdir -p fake
    fake_answers
    "$PYTHON3" "$abs_top_srcdir/tests/kube-fake" port fake \
        > fake.log 2>&1 < /dev/null 5>&- 6>&- 7>&- 8>&- &
    echo $! > fake.pid
    on_exit "kill_daemon fake; rm -f fake.pid"
    wait_until "test -s port"
    cat > config <<END
current-context: fake
contexts: [{name: fake, context: {cluster: fake}}]
clusters:
- {name: fake, cluster: {server: "http://127.0.0.1:$(cat port)"}}
END
    start_db egress
    check ovn-egressctl init
    start_named mirror ovn-egress-kube --kubeconfig=config
}

# fake_list KIND VERSION [ITEM...]
# Prints a list of objects.
fake_list () {
    printf '{"kind": "%sList", "apiVersion": "%s", "metadata":
             {"resourceVersion": "10"}, "items": [' "$1" "$2"
    shift 2
    _comma=
    for _item; do
        printf '%s%s' "$_comma" "$_item"
        _comma=,
    done
    printf ']}\n'
}

# fake_node NAME
# Prints a Node.
fake_node () {
    printf '{"metadata": {"name": "%s", "resourceVersion": "10"}}' "$1"
}

# fake_answers
# Writes the files of a server that is in order.
fake_answers () {
    echo '{"kind": "APIGroupList", "groups": [{"versions":
           [{"groupVersion": "discovery.k8s.io/v1"}]}]}' > fake/apis
    echo '{"resources": [{"name": "services"}, {"name": "nodes"},
           {"name": "namespaces"}]}' > fake/api_v1
    echo '{"resources": [{"name": "endpointslices"}]}' \
        > fake/apis_discovery.k8s.io_v1
    fake_list Service v1 > fake/api_v1_services
    fake_list EndpointSlice discovery.k8s.io/v1 \
        > fake/apis_discovery.k8s.io_v1_endpointslices
    fake_list Node v1 "$(fake_node a)" "$(fake_node b)" > fake/api_v1_nodes
    fake_list Namespace v1 \
        '{"metadata": {"name": "kube-system", "uid": "u1"}}' \
        > fake/api_v1_namespaces
    for _name in api_v1_services api_v1_nodes api_v1_namespaces \
                 apis_discovery.k8s.io_v1_endpointslices; do
        echo '#hang' > fake/$_name.watch
    done
}

# fake_rows NAME...
# Succeeds if the rows are these Nodes.
fake_rows () {
    ovn-egressctl -f csv --no-headings --columns=name find Object | sort \
        | tr '\n' ' ' > rows
    test "$(cat rows)" = "$* "
}
