/* SPDX-License-Identifier: Apache-2.0 */

/* What to do about a session that is not well.  See frr-heal.h. */

#include <config.h>

#include "node/frr-heal.h"

#include <ifaddrs.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/frr-read.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(frr_heal);

/* A session has so long (ms) to become good by itself. */
#define PATIENCE 1000

/* It is helped again after this long (ms), doubled each time. */
#define INTERVAL_MIN 5000
#define INTERVAL_MAX 60000

/* Flags in /proc/net/if_inet6 of an address that cannot be used (yet): those
 * of linux/if_addr.h, dadfailed and tentative. */
#define UNUSABLE 0x48

/* Returns the link that has the address 'local'.  The caller frees it. */
static char *
find_link(const char *local)
{
    struct in6_addr wanted;
    struct ifaddrs *all;
    char *link = NULL;

    if (!ip_addr_parse(local, &wanted) || getifaddrs(&all)) {
        return NULL;
    }
    for (const struct ifaddrs *i = all; i && !link; i = i->ifa_next) {
        struct in6_addr ip;

        if (!i->ifa_addr) {
            continue;
        } else if (i->ifa_addr->sa_family == AF_INET) {
            struct sockaddr_in sin;

            memcpy(&sin, i->ifa_addr, sizeof sin);
            ip = in6_addr_mapped_ipv4(sin.sin_addr.s_addr);
        } else if (i->ifa_addr->sa_family == AF_INET6) {
            struct sockaddr_in6 sin6;

            memcpy(&sin6, i->ifa_addr, sizeof sin6);
            ip = sin6.sin6_addr;
        } else {
            continue;
        }
        link = ip_compare(&ip, &wanted) ? NULL : xstrdup(i->ifa_name);
    }
    freeifaddrs(all);
    return link;
}

/* True if 'link' has a global IPv6 address that can be used. */
static bool
has_global_ipv6(const char *link)
{
    FILE *stream = fopen("/proc/net/if_inet6", "r");
    char line[256];
    bool found = false;

    while (stream && !found && fgets(line, sizeof line, stream)) {
        char name[64];
        unsigned int scope, flags;

        found = (ovs_scan(line, "%*s %*s %*s %x %x %63s", &scope, &flags,
                          name)
                 && !scope && !(flags & UNUSABLE) && !strcmp(name, link));
    }
    if (stream) {
        fclose(stream);
    }
    return found;
}

/* bgpd takes the IPv6 next hop of a session from its link when the session
 * begins or the link loses the address, and never looks for a better one: only
 * a new session helps, as soon as there is one (FRR 8.4: a soft clear does
 * not).  Returns the command, or NULL. */
static char *
heal_mapped(const struct frr_neighbor *n)
{
    struct in6_addr ip;
    char *link = (ip_addr_parse(n->name, &ip) ? find_link(n->local)
                  : xstrdup(n->name));
    bool can = link && has_global_ipv6(link);

    free(link);
    return (can ? xasprintf("clear bgp vrf %s %s",
                            *n->vrf ? n->vrf : "default", n->name) : NULL);
}

char *
frr_heal(struct frr_neighbor *n, long long int now)
{
    char *command;

    if (!frr_neighbor_is_up(n) || frr_neighbor_is_good(n)) {
        n->bad_since = LLONG_MAX;
        if (frr_neighbor_is_up(n)) {
            n->heal_interval = 0;
        }
        return NULL;
    }
    n->bad_since = MIN(n->bad_since, now);
    if (now < n->heal_next || (!n->mapped && now < n->bad_since + PATIENCE)) {
        return NULL;
    }
    command = (n->mapped ? heal_mapped(n)
               : xasprintf("clear bgp vrf %s %s soft out",
                           *n->vrf ? n->vrf : "default", n->name));
    if (command) {
        VLOG_INFO("neighbor %s: announcements are out of sync: %s", n->name,
                  command);
        n->heal_interval = MIN(MAX(INTERVAL_MIN, n->heal_interval * 2),
                               INTERVAL_MAX);
        n->heal_next = now + n->heal_interval;
    }
    return command;
}
