/* SPDX-License-Identifier: Apache-2.0 */

/* The options that matter to a host: see host.h and ovn-egress(5). */

#include <config.h>

#include "plan/host.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define DEFAULT_JOIN_NETWORKS "100.64.0.0/16, fd98::/64"
#define DEFAULT_MASQUERADE_NETWORKS "169.254.169.0/29, fd69::/125"
#define DEFAULT_DRAIN_SECONDS 10

/* TCP retransmits every two minutes at least. */
#define DEFAULT_GUARD_SECONDS 150
#define DEFAULT_MARK_MASK 0xff000000u
#define DEFAULT_HEARTBEAT 2000

/* Appends the networks in 'list', separated by commas or spaces. */
static void
parse_networks(const char *key, const char *list, struct intent_prefixes *nets,
               struct smap *errors)
{
    char *copy = xstrdup(list);
    char *save = NULL;

    for (char *s = strtok_r(copy, ", ", &save); s;
         s = strtok_r(NULL, ", ", &save)) {
        struct ip_prefix prefix;

        if (!ip_prefix_parse(s, &prefix, NULL)) {
            char *origin = xasprintf("options:%s", key);
            host_error(errors, origin, "\"%s\" is not a network", s);
            free(origin);
            continue;
        }
        nets->items = xrealloc(nets->items,
                               (nets->n + 1) * sizeof *nets->items);
        nets->items[nets->n++] = prefix;
    }
    free(copy);
}

static void
get_networks(const struct smap *options, const char *key, const char *def,
             struct intent_prefixes *nets, struct smap *errors)
{
    parse_networks(key, smap_get_def(options, key, def), nets, errors);
}

/* Returns the number that is option 'key', of at least 'min'.  Also takes
 * hexadecimal ("0x..."). */
static unsigned int
get_number(const struct smap *options, const char *key, unsigned int min,
           unsigned int def, struct smap *errors)
{
    const char *s = smap_get(options, key);
    unsigned int value = def;

    if (s && (!str_to_uint(s, 0, &value) || value < min)) {
        char *origin = xasprintf("options:%s", key);
        host_error(errors, origin, "\"%s\" is not a number of %u or more", s,
                   min);
        free(origin);
        value = def;
    }
    return value;
}

void
host_options_init(struct host_options *o, const struct smap *options,
                  struct smap *errors)
{
    const char *rules = smap_get_def(options, "rules", "mark");

    memset(o, 0, sizeof *o);
    get_networks(options, "cluster-networks", "", &o->cluster_networks,
                 errors);
    get_networks(options, "service-networks", "", &o->service_networks,
                 errors);
    get_networks(options, "join-networks", DEFAULT_JOIN_NETWORKS,
                 &o->join_networks, errors);
    get_networks(options, "masquerade-networks", DEFAULT_MASQUERADE_NETWORKS,
                 &o->masquerade_networks, errors);
    o->drain_seconds = get_number(options, "drain-seconds", 0,
                                  DEFAULT_DRAIN_SECONDS, errors);
    o->guard_seconds = get_number(options, "guard-seconds", 1,
                                  DEFAULT_GUARD_SECONDS, errors);
    o->mark_mask = get_number(options, "mark-mask", 1, DEFAULT_MARK_MASK,
                              errors);
    o->heartbeat_interval = get_number(options, "heartbeat-interval", 100,
                                       DEFAULT_HEARTBEAT, errors);
    o->rules = (!strcmp(rules, "address") ? HOST_RULES_ADDRESS
                : HOST_RULES_MARK);
    if (strcmp(rules, "address") && strcmp(rules, "mark")) {
        host_error(errors, "options:rules",
                   "\"%s\" is neither \"mark\" nor \"address\"", rules);
    }
}

void
host_options_destroy(struct host_options *o)
{
    if (o) {
        free(o->cluster_networks.items);
        free(o->service_networks.items);
        free(o->join_networks.items);
        free(o->masquerade_networks.items);
        memset(o, 0, sizeof *o);
    }
}
