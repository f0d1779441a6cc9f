/* SPDX-License-Identifier: Apache-2.0 */

/* The options that matter to a host: see machine.h and ovn-egress(5). */

#include <config.h>

#include "plan/machine/machine.h"

#include <stdlib.h>
#include <string.h>

#include "plan/world/option.h"
#include "smap.h"
#include "util.h"

/* Adds each of 'options' that is wrong to 'errors'. */
static void
check_options(const struct smap *options, struct smap *errors)
{
    for (const struct option *o = option_table; o->name; o++) {
        const char *value = smap_get(options, o->name);
        char *why = value && strstr(o->readers, "nodes")
                    ? option_check(o, value) : NULL;

        if (why) {
            char *origin = xasprintf("options:%s", o->name);

            machine_error(errors, origin, "%s", why);
            free(origin);
            free(why);
        }
    }
}

/* Initializes 'ips' with the addresses in 'list', by family, as we write
 * them. */
static void
parse_addresses(const char *list, struct sset ips[IP_N_FAMILIES])
{
    struct sset texts;
    const char *text;

    sset_init(&ips[IP_V4]);
    sset_init(&ips[IP_V6]);
    sset_from_delimited_string(&texts, list, ", ");
    SSET_FOR_EACH (text, &texts) {
        struct in6_addr ip;
        char buf[IP_STRLEN];

        if (ip_addr_parse(text, &ip)) {
            sset_add(&ips[ip_family(&ip)], ip_format(&ip, buf));
        }
    }
    sset_destroy(&texts);
}

void
machine_options_init(struct machine_options *o, const struct smap *options,
                     struct smap *errors)
{
    memset(o, 0, sizeof *o);
    o->cluster_networks = option_get_networks(options, NULL,
                                              "cluster-networks");
    o->service_networks = option_get_networks(options, NULL,
                                              "service-networks");
    o->join_networks = option_get_networks(options, NULL, "join-networks");
    o->masquerade_networks = option_get_networks(options, NULL,
                                                 "masquerade-networks");
    parse_addresses(smap_get_def(options, "node-addresses", ""),
                    o->node_addresses);
    o->drain_seconds = option_get_number(options, NULL, "drain-seconds");
    o->guard_seconds = option_get_number(options, NULL, "guard-seconds");
    o->rollback_seconds = option_get_number(options, NULL,
                                            "rollback-seconds");
    o->mark_mask = option_get_number(options, NULL, "mark-mask");
    o->heartbeat_interval = option_get_number(options, NULL,
                                              "heartbeat-interval");
    o->rules = option_get_word(options, NULL, "rules");
    check_options(options, errors);
}

void
machine_options_destroy(struct machine_options *o)
{
    if (o) {
        free(o->cluster_networks.items);
        free(o->service_networks.items);
        free(o->join_networks.items);
        free(o->masquerade_networks.items);
        sset_destroy(&o->node_addresses[IP_V4]);
        sset_destroy(&o->node_addresses[IP_V6]);
    }
}
