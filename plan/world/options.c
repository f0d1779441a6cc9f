/* SPDX-License-Identifier: Apache-2.0 */

/* The planner's options: from text with defaults, and back.
 *
 * The agent reads them from Egress_Global's "options"; plan.c writes them,
 * completed, to "effective".  What an option may be is in option.c; the words
 * there are in the order of the enumerations in plan.h. */

#include <config.h>

#include "plan/world/options.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/world/option.h"
#include "util.h"

/* Keeps the options that are not ours, for the nodes to read: as they are in
 * force, if they are known. */
static void
keep_others(struct plan_options *o, const struct smap *options,
            const struct smap *last)
{
    struct smap ours = SMAP_INITIALIZER(&ours);
    struct smap_node *node;

    smap_init(&o->others);
    plan_options_format(o, &ours);
    SMAP_FOR_EACH (node, options) {
        if (!smap_get_node(&ours, node->key)) {
            smap_add(&o->others, node->key,
                     (option_find(node->key)
                      ? option_get(options, last, node->key) : node->value));
        }
    }
    smap_destroy(&ours);
}

static void
set_networks(struct intent_prefixes nets, struct ip_prefix **prefixes,
             size_t *n)
{
    *prefixes = nets.items;
    *n = nets.n;
}

void
plan_options_init(struct plan_options *o, const struct smap *options,
                  struct intent_problems *problems)
{
    plan_options_read(o, options, NULL, problems);
}

void
plan_options_read(struct plan_options *o, const struct smap *options,
                  const struct smap *last, struct intent_problems *problems)
{
#define WORD(NAME) option_get_word(options, last, NAME)
#define TEXT(NAME) xstrdup(option_get(options, last, NAME))
    memset(o, 0, sizeof *o);
    o->gateway_mode = WORD("gateway-mode");
    o->layout = WORD("layout");
    o->newest_by = WORD("newest-by");
    o->on_no_host = WORD("on-no-host");
    o->rules = WORD("rules");
    o->wait_for_nodes = WORD("wait-for-nodes");
    o->allocate_ips = WORD("allocate-ips");
    o->announce = WORD("announce");
    o->ingress = WORD("ingress");
    o->router = TEXT("router");
    o->zone = TEXT("zone");
    o->lb_class = TEXT("lb-class");
    o->set_size = option_get_number(options, last, "set-size");
    o->drain_seconds = option_get_number(options, last, "drain-seconds");
#undef WORD
#undef TEXT
#define NETWORKS(NAME) option_get_networks(options, last, NAME)
    set_networks(NETWORKS("cluster-networks"), &o->cluster_networks,
                 &o->n_cluster_networks);
    set_networks(NETWORKS("service-networks"), &o->service_networks,
                 &o->n_service_networks);
#undef NETWORKS
    /* These are found in OVN_Northbound unless they are given.  The default is
     * for nodes that do not know what was found. */
#define GIVEN(NAME) option_get_given_networks(options, last, NAME)
    set_networks(GIVEN("join-networks"), &o->join_networks,
                 &o->n_join_networks);
    set_networks(GIVEN("masquerade-networks"), &o->masquerade_networks,
                 &o->n_masquerade_networks);
#undef GIVEN
    keep_others(o, options, last);
    option_check_all(options, problems);
}

void
plan_options_destroy(struct plan_options *o)
{
    if (o && o->router) {
        smap_destroy(&o->others);
        free(o->router);
        free(o->zone);
        free(o->lb_class);
        free(o->cluster_networks);
        free(o->service_networks);
        free(o->join_networks);
        free(o->masquerade_networks);
        memset(o, 0, sizeof *o);
    }
}

static void
put_prefixes(struct smap *smap, const char *key,
             const struct ip_prefix *prefixes, size_t n)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        char buf[IP_STRLEN];
        ds_put_format(&s, "%s%s", i ? ", " : "",
                      ip_prefix_format(&prefixes[i], buf));
    }
    smap_replace(smap, key, ds_cstr(&s));
    ds_destroy(&s);
}

/* Sets the option 'name' to the word with number 'i'. */
static void
put_word(struct smap *smap, const char *name, unsigned int i)
{
    const char *word = option_find(name)->words;

    for (; i > 0; i--) {
        word += strcspn(word, " ") + 1;
    }
    smap_replace_nocopy(smap, name, xmemdup0(word, strcspn(word, " ")));
}

void
plan_options_format(const struct plan_options *o, struct smap *smap)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, &o->others) {
        smap_replace(smap, node->key, node->value);
    }
    put_word(smap, "gateway-mode", o->gateway_mode);
    put_word(smap, "layout", o->layout);
    put_word(smap, "newest-by", o->newest_by);
    put_word(smap, "on-no-host", o->on_no_host);
    put_word(smap, "rules", o->rules);
    put_word(smap, "wait-for-nodes", o->wait_for_nodes);
    put_word(smap, "allocate-ips", o->allocate_ips);
    put_word(smap, "announce", o->announce);
    put_word(smap, "ingress", o->ingress);
    smap_replace(smap, "router", o->router);
    smap_replace(smap, "zone", o->zone);
    smap_replace(smap, "lb-class", o->lb_class);
    smap_replace_nocopy(smap, "set-size", xasprintf("%u", o->set_size));
    smap_replace_nocopy(smap, "drain-seconds",
                        xasprintf("%u", o->drain_seconds));
    put_prefixes(smap, "cluster-networks", o->cluster_networks,
                 o->n_cluster_networks);
    put_prefixes(smap, "service-networks", o->service_networks,
                 o->n_service_networks);
    put_prefixes(smap, "join-networks", o->join_networks, o->n_join_networks);
    put_prefixes(smap, "masquerade-networks", o->masquerade_networks,
                 o->n_masquerade_networks);
}
