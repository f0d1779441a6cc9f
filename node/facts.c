/* SPDX-License-Identifier: Apache-2.0 */

/* Facts of the host: see facts.h. */

#include <config.h>

#include "node/facts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/links.h"
#include "node/rtnl-route.h"
#include "node/rtnl.h"
#include "openvswitch/dynamic-string.h"
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

        if (ovs_scan(ds_cstr(&line), " %u %63s", &number, table)
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
    const struct host_link *a = a_;
    const struct host_link *b = b_;

    return strcmp(a->name, b->name);
}

static void
collect_links(struct host_facts *facts)
{
    const struct link *all = links_get_all(&facts->n_links);

    facts->links = xcalloc(facts->n_links, sizeof *facts->links);
    for (size_t i = 0; i < facts->n_links; i++) {
        const struct link *link = &all[i];
        const struct link *master = links_find(link->master);

        facts->links[i] = (struct host_link) {
            .name = xstrdup(link->name),
            .up = link->up,
            .is_vrf = link->is_vrf,
            .ours = link->ours,
            .table = link->table,
            .master = xstrdup(master ? master->name : ""),
        };
        if (master && master->is_vrf) {
            char *path = xasprintf("/proc/sys/net/ipv4/conf/%s/forwarding",
                                   link->name);

            facts->links[i].forwarding = sysctl_is_set(path);
            free(path);
        }
    }
    if (facts->n_links) {
        qsort(facts->links, facts->n_links, sizeof *facts->links,
              compare_links);
    }
}

/* Tables. */

static void
reset_tables(void *facts_)
{
    struct host_facts *facts = facts_;

    facts->n_tables = 0;
}

static struct host_table *
get_table(struct host_facts *facts, uint32_t id)
{
    for (size_t i = 0; i < facts->n_tables; i++) {
        if (facts->tables[i].id == id) {
            return &facts->tables[i];
        }
    }
    facts->tables = xrealloc(facts->tables, (facts->n_tables + 1)
                                            * sizeof *facts->tables);
    facts->tables[facts->n_tables] = (struct host_table) { .id = id };
    return &facts->tables[facts->n_tables++];
}

static void
collect_route(const struct nlmsghdr *nlh, void *facts)
{
    const struct rtmsg *rtm = nlmsg_data(nlh);
    struct host_route route;

    if (rtm->rtm_type == RTN_UNICAST && rtm->rtm_protocol != RTPROT_KERNEL
        && !(rtm->rtm_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
        && rtnl_route_parse(nlh, &route)) {
        struct host_table *table = get_table(facts, route.table);

        table->usable[ip_family(&route.prefix.addr)] = true;
        host_route_destroy(&route);
    }
}

/* IPv4 and IPv6 are read into facts of their own, so that reading one again
 * does not lose the other. */
static int
collect_tables(struct host_facts *facts)
{
    static const int families[] = { AF_INET, AF_INET6 };

    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        struct host_facts some = { .n_tables = 0 };
        int error = rtnl_dump(RTM_GETROUTE, families[i], reset_tables,
                              collect_route, &some);

        for (size_t j = 0; j < some.n_tables; j++) {
            struct host_table *table = get_table(facts, some.tables[j].id);

            for (int f = 0; f < IP_N_FAMILIES; f++) {
                table->usable[f] |= some.tables[j].usable[f];
            }
        }
        free(some.tables);
        if (error && error != EAFNOSUPPORT && error != EOPNOTSUPP) {
            return error;
        }
    }
    return 0;
}

char *
facts_read(struct host_facts *facts)
{
    host_facts_init(facts);
    int error = links_read();
    if (error) {
        return xasprintf("reading network devices: %s", ovs_strerror(error));
    }
    collect_links(facts);
    error = collect_tables(facts);
    if (error) {
        return xasprintf("reading routes: %s", ovs_strerror(error));
    }
    read_table_names(&facts->table_names);
    facts->has_ipv6 = !access("/proc/sys/net/ipv6", F_OK);
    facts->ipv6_forwarding
        = sysctl_is_set("/proc/sys/net/ipv6/conf/all/forwarding");
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
    const struct ifaddrmsg *ifa = nlmsg_data(nlh);
    struct nlattr *attrs[IFA_MAX + 1];
    struct in6_addr ip;
    char buf[IP_STRLEN];

    if (nlh->nlmsg_type == RTM_NEWADDR
        && ifa->ifa_scope == RT_SCOPE_UNIVERSE
        && !nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh), sizeof *ifa,
                        attrs, IFA_MAX, NULL)
        && rtnl_get_ip(attrs[IFA_LOCAL] ? attrs[IFA_LOCAL]
                                        : attrs[IFA_ADDRESS],
                       ifa->ifa_family, &ip)) {
        sset_add(addresses, ip_format(&ip, buf));
    }
}

int
facts_read_addresses(struct sset *addresses)
{
    return rtnl_dump(RTM_GETADDR, AF_UNSPEC, reset_addresses, collect_address,
                     addresses);
}
