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

/* Parses a list of addresses; what is none is left out. */
static struct intent_ips
parse_addresses(const char *list)
{
    struct intent_ips ips = { NULL, 0 };
    struct sset texts;
    const char *text;

    sset_from_delimited_string(&texts, list, ", ");
    ips.items = xmalloc((sset_count(&texts) + 1) * sizeof *ips.items);
    SSET_FOR_EACH (text, &texts) {
        ips.n += ip_addr_parse(text, &ips.items[ips.n]);
    }
    sset_destroy(&texts);
    return ips;
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
    o->node_addresses = parse_addresses(smap_get_def(options, "node-addresses",
                                                     ""));
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
        free(o->node_addresses.items);
    }
}
