# SPDX-License-Identifier: Apache-2.0
#
# Shell functions for tests/system-node.at: work for a node's helper in a
# database, without an agent.  Beside tests/egress-functions.sh and
# tests/system-functions.sh.
# shellcheck shell=sh disable=SC2154

# transact OPERATION...
# Carries out operations in JSON in one transaction of OVN_Egress.
transact () {
    _ops='["OVN_Egress"'
    for _op; do
        _ops="$_ops,$_op"
    done
    ovsdb-client --timeout="$EGRESS_TIMEOUT" transact "$OVN_EGRESS_DB" \
        "$_ops]" > transact.out \
        || egress_fail "transaction"
    if grep -q '"error":[^n]' transact.out; then
        cat transact.out
        egress_fail "transaction"
    fi
}

# json_quote
# Prints standard input as a string of JSON.
json_quote () {
    printf '"%s"' "$(sed 's/["\\]/\\&/g' | tr '\n' ' ')"
}

# start_work [OPTION-AS-JSON...]
# Starts the database with what the agent puts there at first: options, given
# as '["KEY","VALUE"]', with $DRAIN seconds to drain and $GUARD to keep back
# what has left, and the row of node "n1".
start_work () {
    start_db egress
    _options='["cluster-networks","10.132.0.0/14, fd01::/48"],
              ["service-networks","172.30.0.0/16, fd02::/112"],
              ["drain-seconds","'"${DRAIN:-2}"'"],
              ["guard-seconds","'"${GUARD:-3}"'"]'
    for _option; do
        _options="$_options,$_option"
    done
    transact '{"op":"insert","table":"Egress_Global","row":
               {"effective":["map",['"$_options"']]}}' \
             '{"op":"insert","table":"Node","row":{"name":"n1"}}'
}

# policy NAME REVISION
# Gives the node a policy, with the desiredState from standard input in JSON.
policy () {
    _manifest=$(printf '{"apiVersion":"nmstate.io/v1",
        "kind":"NodeNetworkConfigurationPolicy","metadata":{"name":"%s"},
        "spec":{"desiredState":%s}}' "$1" "$(cat)" | json_quote)
    transact '{"op":"delete","table":"Node_Policy",
               "where":[["policy","==","'"$1"'"]]}' \
             '{"op":"insert","table":"Node_Policy","row":{"node":"n1",
               "policy":"'"$1"'","revision":"'"$2"'",
               "manifest":'"$_manifest"'}}'
}

# service NAME REVISION COLUMNS
# Gives the node a service to host; COLUMNS is text of JSON, such as
# '"network":"2","endpoints":["set",["10.132.0.1"]]'.
service () {
    transact '{"op":"delete","table":"Node_Service",
               "where":[["service","==","'"$1"'"]]}' \
             '{"op":"insert","table":"Node_Service","row":{"node":"n1",
               "role":"host","service":"'"$1"'","revision":"'"$2"'",'"$3"'}}'
}

# change_service NAME REVISION COLUMNS
# Changes columns of its row.
change_service () {
    transact '{"op":"update","table":"Node_Service",
               "where":[["service","==","'"$1"'"]],
               "row":{"revision":"'"$2"'",'"$3"'}}'
}

# work_table KIND
# Prints the table where KIND of work is.
work_table () {
    case $1 in
    policy) echo Node_Policy ;;
    *) echo Node_Service ;;
    esac
}

# take_away KIND NAME
# Removes a policy or service of the node.
take_away () {
    transact '{"op":"delete","table":"'"$(work_table "$1")"'",
               "where":[["'"$1"'","==","'"$2"'"]]}'
}

# wait_acked KIND NAME REVISION
# Waits until the node has done what it was given.
wait_acked () {
    transact '{"op":"wait","timeout":'"$((EGRESS_TIMEOUT * 1000))"',
               "table":"'"$(work_table "$1")"'",
               "where":[["'"$1"'","==","'"$2"'"]],
               "columns":["acked","error"],"until":"==",
               "rows":[{"acked":"'"$3"'","error":""}]}'
}

# wait_error KIND NAME TEXT
# Waits until the node has an error for it that contains TEXT, and prints all
# of it.  It must not be acknowledged.
wait_error () {
    _t=egress:$(work_table "$1")
    wait_until "db_find error $_t $1=$2 | grep -F '$3'"
    db_find error "$_t" "$1=$2"
    check_column '' "$_t" acked "$1=$2"
}

# start_helper [OPTION...]
# Starts the helper of n1 in the namespace n1.
start_helper () {
    start_in n1 ovn-egress-node ovn-egress-node --node=n1 "$@"
}

# start_host
# Makes the host n1 with the interfaces ens4, which has addresses, and ens5,
# both connected to namespace "net".
start_host () {
    add_namespaces n1 net
    add_veth n1 ens4 net ens4
    add_veth n1 ens5 net ens5
    ns_ip n1 <<'EOT'
addr add 192.168.130.5/24 dev ens4
addr add 2001:db8:4::5/64 dev ens4 nodad
EOT
    ns_ip net <<'EOT'
addr add 192.168.130.1/24 dev ens4
addr add 2001:db8:4::1/64 dev ens4 nodad
EOT
    ns n1 sysctl -q -w net.ipv6.conf.all.forwarding=1
}

# red_policy REVISION
# A VRF "red" with table 2 on ens4, with an address and default routes.
red_policy () {
    policy red "$1" <<'EOT'
{"interfaces": [
   {"name": "red", "type": "vrf", "state": "up",
    "vrf": {"port": ["ens4"], "route-table-id": 2}},
   {"name": "ens4", "type": "ethernet", "state": "up",
    "ipv4": {"enabled": true,
             "address": [{"ip": "192.168.130.130", "prefix-length": 24}]},
    "ipv6": {"enabled": true,
             "address": [{"ip": "2001:db8:4::130", "prefix-length": 64}]}}],
 "routes": {"config": [
   {"destination": "0.0.0.0/0", "metric": 150, "table-id": 2,
    "next-hop-address": "192.168.130.1", "next-hop-interface": "ens4"},
   {"destination": "::/0", "metric": 150, "table-id": 2,
    "next-hop-address": "2001:db8:4::1", "next-hop-interface": "ens4"}]},
 "route-rules": {"config": [
   {"ip-to": "172.30.0.0/16", "priority": 998, "route-table": 254},
   {"ip-to": "10.132.0.0/14", "priority": 998, "route-table": 254}]}}
EOT
}

# one_service REVISION
# A service "test/server1" of both families with network 2.
one_service () {
    service test/server1 "$1" '"state":"active","network":"2",
        "source_ips":["set",["192.0.2.10","2001:db8:10::1"]],
        "ingress_ips":["set",["192.0.2.10","2001:db8:10::1"]],
        "endpoints":["set",["10.132.0.5","fd01::5"]],
        "cluster_ips":["set",["172.30.0.1","fd02::1"]]'
}

# show_rules
# Prints the rules of n1 that are not the kernel's own, sorted.
show_rules () {
    { ip -n n1 -4 rule; ip -n n1 -6 rule; } | tr '\t' ' ' \
        | grep -v 'l3mdev\|^0:\|^3276[67]:' | sort
}

# show_routes TABLE
# Prints the routes of a table of n1 that the kernel did not make.
show_routes () {
    for _f in -4 -6; do
        ip -n n1 $_f route show table "$1" 2> /dev/null | grep -v ' kernel ' \
            | grep -v '^local\|^multicast\|^anycast' \
            | sed 's/ *$//; s/\t/ /g' || :
    done
}

# show_addresses LINK
# Prints the addresses of an interface of n1, but not the link-local one.
show_addresses () {
    ip -n n1 -o addr show dev "$1" \
        | sed -n 's/ secondary//; s/.* \(inet6* [^ ]*\) .*/\1/p' \
        | grep -v fe80 | sort
}

# show_all
# Prints everything in n1 that a helper may make or break.
show_all () {
    show_rules
    for _t in 2 3 254; do
        show_routes $_t
    done
    for _l in ens4 ens5; do
        show_addresses $_l
    done
    ip -n n1 -o link | grep -o ' [a-z0-9]*[:@].*>\|master [a-z0-9]*'
    ns n1 nft -a list ruleset
}

# json_map [KEY VALUE]...
# Prints a map of strings as OVSDB's JSON.
json_map () {
    _sep=
    printf '["map",['
    while test $# -ge 2; do
        printf '%s["%s","%s"]' "$_sep" "$1" "$2"
        _sep=,
        shift 2
    done
    printf ']]'
}
