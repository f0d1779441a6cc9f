/* SPDX-License-Identifier: Apache-2.0 */

/* Facts of the host: see facts.h. */

#include <config.h>

#include "node/facts.h"

#include <ctype.h>
#include <dirent.h>
#include <linux/if_addr.h>
#include <linux/netconf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/kind.h"
#include "node/links.h"
#include "node/rtnl-address.h"
#include "node/rtnl-route.h"
#include "node/rtnl-rule.h"
#include "node/rtnl.h"
#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine-rule.h"
#include "util.h"

/* iproute2's names of tables; the later ones win. */
static const char *const rt_tables[] = {
    "/usr/share/iproute2/rt_tables",
    "/usr/share/iproute2/rt_tables.d",
    "/usr/lib/iproute2/rt_tables",
    "/etc/iproute2/rt_tables",
    "/etc/iproute2/rt_tables.d",
};

/* Names of tables. */

static void
read_names(const char *name, struct smap *names)
{
    FILE *file = fopen(name, "re");
    struct ds line = DS_EMPTY_INITIALIZER;

    while (file && !ds_get_line(&line, file)) {
        char table[64];
        unsigned int number;

        if ((ovs_scan(ds_cstr(&line), " 0x%x %63s", &number, table)
             || ovs_scan(ds_cstr(&line), " %u %63s", &number, table))
            && table[0] != '#') {
            char buf[16];

            snprintf(buf, sizeof buf, "%u", number);
            smap_replace(names, table, buf);
        }
    }
    ds_destroy(&line);
    if (file) {
        fclose(file);
    }
}

static void
read_table_names(struct smap *names)
{
    for (size_t i = 0; i < ARRAY_SIZE(rt_tables); i++) {
        DIR *dir = opendir(rt_tables[i]);

        if (!dir) {
            read_names(rt_tables[i], names);
            continue;
        }
        for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
            if (strlen(d->d_name) > 5
                && !strcmp(d->d_name + strlen(d->d_name) - 5, ".conf")) {
                char *file = xasprintf("%s/%s", rt_tables[i], d->d_name);

                read_names(file, names);
                free(file);
            }
        }
        closedir(dir);
    }
}

/* Links. */

/* Returns true if the sysctl is not 0. */
static bool
sysctl_is_set(const char *path)
{
    FILE *file = fopen(path, "re");
    int c = file ? getc(file) : '0';

    if (file) {
        fclose(file);
    }
    return isdigit(c) && c != '0';
}

static int
compare_links(const void *a_, const void *b_)
{
    const struct machine_link *a = a_;
    const struct machine_link *b = b_;

    return strcmp(a->name, b->name);
}

/* What is set for an interface. */
struct conf {
    int index;                  /* NETCONFA_IFINDEX_ALL: for all. */
    bool forwarding;
    int rp_filter;
};

struct confs {
    struct conf *items;
    size_t n, allocated;
};

static void
reset_confs(void *confs_)
{
    struct confs *confs = confs_;

    confs->n = 0;
}

static int
get_number(const struct nlattr *attr)
{
    return attr ? (int) nla_get_u32(attr) : 0;
}

static void
collect_conf(const struct nlmsghdr *nlh, void *confs_)
{
    struct nlattr *attrs[NETCONFA_MAX + 1];
    struct confs *confs = confs_;

    if (nlh->nlmsg_type == RTM_NEWNETCONF
        && !nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh),
                        sizeof(struct netconfmsg), attrs, NETCONFA_MAX, NULL)
        && attrs[NETCONFA_IFINDEX]) {
        if (confs->n >= confs->allocated) {
            confs->items = x2nrealloc(confs->items, &confs->allocated,
                                      sizeof *confs->items);
        }
        confs->items[confs->n++] = (struct conf) {
            .index = get_number(attrs[NETCONFA_IFINDEX]),
            .forwarding = get_number(attrs[NETCONFA_FORWARDING]),
            .rp_filter = get_number(attrs[NETCONFA_RP_FILTER]),
        };
    }
}

static const struct conf *
find_conf(const struct confs *confs, int index)
{
    static const struct conf none;

    for (size_t i = 0; i < confs->n; i++) {
        if (confs->items[i].index == index) {
            return &confs->items[i];
        }
    }
    return &none;
}

/* Returns what "rp_filter" of 'link' would be had we not written it; it is
 * 'value' now. */
static int
get_rp_filter_before(const struct link *link, int value)
{
    char *path = xasprintf("net/ipv4/conf/%s/rp_filter", link->name);
    char *now = xasprintf("%d", value);
    const char *before = kind_sysctl_before(path, now);

    free(path);
    free(now);
    return before ? atoi(before) : value;
}

static void
collect_links(const struct confs *confs, struct machine_facts *facts)
{
    int all_rp_filter = find_conf(confs, NETCONFA_IFINDEX_ALL)->rp_filter;

    const struct link *all = links_get_all(&facts->n_links);

    facts->links = xcalloc(facts->n_links, sizeof *facts->links);
    for (size_t i = 0; i < facts->n_links; i++) {
        const struct link *link = &all[i];
        const struct link *master = links_find(link->master);
        const struct conf *conf = find_conf(confs, link->index);

        facts->links[i] = (struct machine_link) {
            .name = xstrdup(link->name),
            .up = link->up,
            .is_vrf = link->is_vrf,
            .ours = link->ours,
            .table = link->table,
            .master = xstrdup(master ? master->name : ""),
            .forwarding = conf->forwarding,
            .strict = MAX(conf->rp_filter, all_rp_filter) == 1,
            .was_strict = MAX(get_rp_filter_before(link, conf->rp_filter),
                              all_rp_filter) == 1,
        };
    }
    if (facts->n_links) {
        qsort(facts->links, facts->n_links, sizeof *facts->links,
              compare_links);
    }
}

/* Tables. */

/* What is read from a dump of routes. */
struct facts_reader {
    const struct machine_options *options;
    struct machine_facts facts; /* Tables only. */
    struct sset inside;         /* Interfaces to networks of the cluster. */
    struct svec gateways;       /* Of the main table. */
    uint32_t gateway_metric;    /* The least of their routes. */
    uint32_t dead_metric;       /* And of default routes that lead nowhere. */
};

static void
clear_tables(struct machine_facts *facts)
{
    for (size_t i = 0; i < facts->n_tables; i++) {
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            svec_destroy(&facts->tables[i].links[f]);
        }
    }
    facts->n_tables = 0;
}

static void
reset_tables(void *reader)
{
    struct facts_reader *r = reader;

    clear_tables(&r->facts);
    sset_clear(&r->inside);
    svec_clear(&r->gateways);
    r->gateway_metric = r->dead_metric = UINT32_MAX;
}

static struct machine_table *
get_table(struct machine_facts *facts, uint32_t id)
{
    for (size_t i = 0; i < facts->n_tables; i++) {
        if (facts->tables[i].id == id) {
            return &facts->tables[i];
        }
    }
    facts->tables = xrealloc(facts->tables, (facts->n_tables + 1)
                                            * sizeof *facts->tables);
    facts->tables[facts->n_tables] = (struct machine_table) { .id = id };
    return &facts->tables[facts->n_tables++];
}

/* Notes that 'route' leads to a network of the cluster, if it does. */
static void
note_inside(struct facts_reader *r, const struct machine_route *route)
{
    const struct intent_prefixes *nets = &r->options->cluster_networks;

    for (size_t i = 0; i < nets->n; i++) {
        const struct ip_prefix *net = &nets->items[i];

        if (route->prefix.plen < net->plen
            || !ip_prefix_contains(net, &route->prefix.addr)) {
            continue;
        }
        for (size_t j = 0; j < route->n_hops; j++) {
            sset_add(&r->inside, route->hops[j].dev);
        }
    }
}

/* True if 'route' leads to networks of the cluster only. */
static bool
stays_inside(const struct facts_reader *r, const struct machine_route *route)
{
    const struct intent_prefixes *lists[] = {
        &r->options->cluster_networks, &r->options->service_networks,
        &r->options->join_networks, &r->options->masquerade_networks,
    };

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        for (size_t j = 0; j < lists[i]->n; j++) {
            const struct ip_prefix *net = &lists[i]->items[j];

            if (route->prefix.plen >= net->plen
                && ip_prefix_contains(net, &route->prefix.addr)) {
                return true;
            }
        }
    }
    return false;
}

static bool
has_name(const struct svec *names, const char *name)
{
    const char *s;
    size_t i;

    SVEC_FOR_EACH (i, s, names) {
        if (!strcmp(s, name)) {
            return true;
        }
    }
    return false;
}

/* Notes the links that 'route' leads to as those of its table. */
static void
note_links(struct facts_reader *r, const struct machine_route *route,
           enum ip_family family)
{
    for (size_t i = 0; i < route->n_hops; i++) {
        struct svec *links = &get_table(&r->facts, route->table)
                                  ->links[family];

        if (strcmp(route->hops[i].dev, "lo")
            && !has_name(links, route->hops[i].dev)) {
            svec_add(links, route->hops[i].dev);
        }
    }
}

/* Notes where the default route 'route' of the main table leads. */
static void
note_gateways(struct facts_reader *r, const struct machine_route *route)
{
    r->gateway_metric = MIN(r->gateway_metric, route->metric);
    for (size_t i = 0; i < route->n_hops; i++) {
        const struct machine_hop *hop = &route->hops[i];
        char buf[IP_STRLEN];

        svec_add(&r->gateways, (ip_is_set(&hop->via)
                                ? ip_format(&hop->via, buf) : hop->dev));
    }
}

static void
collect_route(const struct nlmsghdr *nlh, void *reader)
{
    const struct rtmsg *rtm = nlmsg_data(nlh);
    struct facts_reader *r = reader;
    struct machine_route route;

    if (rtm->rtm_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)
        || !rtnl_route_parse(nlh, &route)) {
        return;
    } else if (route.type != INTENT_UNICAST) {
        if (route.table == RT_TABLE_MAIN && !route.prefix.plen) {
            r->dead_metric = MIN(r->dead_metric, route.metric);
        }
    } else {
        enum ip_family family = ip_family(&route.prefix.addr);

        if (!route.prefix.plen) {
            get_table(&r->facts, route.table)->has_default[family] = true;
        }
        if (!stays_inside(r, &route)) {
            if (rtm->rtm_protocol != RTPROT_KERNEL) {
                get_table(&r->facts, route.table)->usable[family] = true;
            }
            note_links(r, &route, family);
        }
        if (route.table == RT_TABLE_MAIN && !route.prefix.plen) {
            note_gateways(r, &route);
        }
        if (route.table == RT_TABLE_MAIN && family == IP_V4) {
            note_inside(r, &route);
        }
    }
    machine_route_destroy(&route);
}

static void
merge_tables(const struct facts_reader *r, struct machine_facts *facts)
{
    for (size_t i = 0; i < r->facts.n_tables; i++) {
        const struct machine_table *some = &r->facts.tables[i];
        struct machine_table *table = get_table(facts, some->id);

        for (int f = 0; f < IP_N_FAMILIES; f++) {
            table->usable[f] |= some->usable[f];
            table->has_default[f] |= some->has_default[f];
            svec_append(&table->links[f], &some->links[f]);
            svec_sort_unique(&table->links[f]);
        }
    }
    for (size_t i = 0; i < facts->n_links; i++) {
        facts->links[i].inside |= sset_contains(&r->inside,
                                                facts->links[i].name);
    }
}

/* IPv4 and IPv6 are read into facts of their own, so that reading one again
 * does not lose the other. */
static int
collect_tables(const struct machine_options *options,
               struct machine_facts *facts)
{
    static const int families[] = { AF_INET, AF_INET6 };
    int error = 0;

    for (size_t i = 0; i < ARRAY_SIZE(families) && !error; i++) {
        struct facts_reader r = { .options = options };

        sset_init(&r.inside);
        svec_init(&r.gateways);
        error = rtnl_dump(RTM_GETROUTE, families[i], reset_tables,
                          collect_route, &r);
        merge_tables(&r, facts);
        if (r.dead_metric < r.gateway_metric) {
            svec_clear(&r.gateways);
        }
        svec_append(&facts->gateways[i], &r.gateways);
        svec_sort_unique(&facts->gateways[i]);
        svec_destroy(&r.gateways);
        clear_tables(&r.facts);
        free(r.facts.tables);
        sset_destroy(&r.inside);
    }
    return error;
}

char *
facts_read(const struct machine_options *options, struct machine_facts *facts)
{
    struct confs confs = { NULL, 0, 0 };

    machine_facts_init(facts);
    int error = links_read();
    if (error) {
        return xasprintf("reading network devices: %s", ovs_strerror(error));
    }
    error = rtnl_dump(RTM_GETNETCONF, AF_INET, reset_confs, collect_conf,
                      &confs);
    if (!error) {
        collect_links(&confs, facts);
    }
    free(confs.items);
    if (error) {
        return xasprintf("reading settings of IPv4: %s", ovs_strerror(error));
    }
    error = collect_tables(options, facts);
    if (error) {
        return xasprintf("reading routes: %s", ovs_strerror(error));
    }
    read_table_names(&facts->table_names);
    facts->has_ipv6 = !access("/proc/sys/net/ipv6", F_OK);
    facts->ipv6_forwarding
        = sysctl_is_set("/proc/sys/net/ipv6/conf/all/forwarding");
    return NULL;
}

/* Rules. */

struct rules_reader {
    struct machine_facts facts;    /* Lookups only. */
    uint8_t protocol;           /* Of ours. */
};

static void
reset_rules(void *reader)
{
    struct rules_reader *r = reader;

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        r->facts.n_lookups[f] = 0;
    }
}

static void
collect_rule(const struct nlmsghdr *nlh, void *reader)
{
    struct rules_reader *r = reader;
    struct machine_rule rule;

    if (rtnl_rule_parse(nlh, &rule) && rule.object.protocol != r->protocol) {
        machine_facts_add_rule(&r->facts, &rule);
    }
}

char *
facts_read_rules(uint8_t protocol, struct machine_facts *facts)
{
    static const int families[] = { AF_INET, AF_INET6 };

    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        struct rules_reader r = { .protocol = protocol };
        int error = rtnl_dump(RTM_GETRULE, families[i], reset_rules,
                              collect_rule, &r);

        facts->lookups[i] = r.facts.lookups[i];
        facts->n_lookups[i] = r.facts.n_lookups[i];
        if (error) {
            return xasprintf("reading rules: %s", ovs_strerror(error));
        }
    }
    return NULL;
}

/* Addresses. */

static void
reset_addresses(void *addresses)
{
    sset_clear(addresses);
}

static void
collect_address(const struct nlmsghdr *nlh, void *addresses)
{
    struct rtnl_address a;
    char buf[IP_STRLEN];

    if (rtnl_address_parse(nlh, &a) && a.scope == RT_SCOPE_UNIVERSE) {
        sset_add(addresses, ip_format(&a.ip, buf));
    }
}

int
facts_read_addresses(struct sset *addresses)
{
    return rtnl_dump(RTM_GETADDR, AF_UNSPEC, reset_addresses, collect_address,
                     addresses);
}
