/* SPDX-License-Identifier: Apache-2.0 */

/* The planner's options: from text with defaults, and back.
 *
 * The agent reads them from Egress_Global's "options"; plan.c writes them,
 * completed, to "effective".  An option of another module is passed over. */

#include <config.h>

#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/problem.h"
#include "util.h"

/* ovn-kubernetes' name of the router between the nodes' switches. */
#define DEFAULT_ROUTER "ovn_cluster_router"

/* An ovn-controller handles a change of a set in time proportional to its
 * size: 17,000 members cost it 3.5 ms a change, 10 members 1.5 ms. */
#define DEFAULT_SET_SIZE 2000
#define DEFAULT_DRAIN_SECONDS 10

struct word {
    const char *name;
    int value;
};

static const struct word gateway_modes[] = {
    { "local", PLAN_GW_LOCAL }, { "shared", PLAN_GW_SHARED }, { NULL, 0 }
};
static const struct word layouts[] = {
    { "node", PLAN_LAYOUT_NODE }, { "endpoint", PLAN_LAYOUT_ENDPOINT },
    { NULL, 0 }
};
static const struct word on_no_hosts[] = {
    { "allow", PLAN_NO_HOST_ALLOW }, { "drop", PLAN_NO_HOST_DROP },
    { NULL, 0 }
};
static const struct word ingresses[] = {
    { "auto", PLAN_INGRESS_AUTO }, { "true", PLAN_INGRESS_ON },
    { "false", PLAN_INGRESS_OFF }, { NULL, 0 }
};
static const struct word rules[] = {
    { "mark", PLAN_RULES_MARK }, { "address", PLAN_RULES_ADDRESS },
    { NULL, 0 }
};
static const struct word bools[] = {
    { "false", false }, { "true", true }, { NULL, 0 }
};

/* What is being read, and where to complain. */
struct reader {
    const struct smap *options;
    struct intent_problems *problems;
};

static void OVS_PRINTF_FORMAT(3, 4)
complain(struct reader *r, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);

    char *field = xasprintf("options:%s", key);
    plan_problem_add(r->problems, INTENT_ERROR, "", field, message);
    free(field);
    free(message);
}

/* Returns the value of the word that option 'key' has in 'words', the first
 * of which is the default unless 'def' says otherwise. */
static int
read_word(struct reader *r, const char *key, const struct word *words, int def)
{
    const char *value = smap_get(r->options, key);
    if (!value) {
        return def;
    }

    struct ds known = DS_EMPTY_INITIALIZER;
    for (const struct word *w = words; w->name; w++) {
        if (!strcmp(value, w->name)) {
            ds_destroy(&known);
            return w->value;
        }
        ds_put_format(&known, "%s\"%s\"", w == words ? "" : " or ", w->name);
    }
    complain(r, key, "\"%s\" is not %s", value, ds_cstr(&known));
    ds_destroy(&known);
    return def;
}

static const char *
word_name(const struct word *words, int value)
{
    while (words->value != value) {
        words++;
    }
    return words->name;
}

static unsigned int
read_number(struct reader *r, const char *key, unsigned int min,
            unsigned int def)
{
    const char *value = smap_get(r->options, key);
    unsigned int number;

    if (!value) {
        return def;
    }
    if (!str_to_uint(value, 10, &number) || number < min
        || number > INT32_MAX) {
        complain(r, key, "\"%s\" is not a number of %u or more", value, min);
        return def;
    }
    return number;
}

static char *
read_string(struct reader *r, const char *key, const char *def)
{
    return xstrdup(smap_get_def(r->options, key, def));
}

static void
read_prefixes(struct reader *r, const char *key, struct ip_prefix **prefixes,
              size_t *n)
{
    char *list = read_string(r, key, "");
    char *save = NULL;

    *prefixes = NULL;
    *n = 0;
    for (char *s = strtok_r(list, ", ", &save); s;
         s = strtok_r(NULL, ", ", &save)) {
        struct ip_prefix prefix;

        if (!ip_prefix_parse(s, &prefix, NULL)) {
            complain(r, key, "\"%s\" is not a network", s);
            continue;
        }
        *prefixes = xrealloc(*prefixes, (*n + 1) * sizeof **prefixes);
        (*prefixes)[(*n)++] = prefix;
    }
    free(list);
}

/* Keeps the options that are not ours, for the nodes to read. */
static void
keep_others(struct plan_options *o, const struct smap *options)
{
    struct smap ours = SMAP_INITIALIZER(&ours);
    struct smap_node *node;

    smap_init(&o->others);
    plan_options_format(o, &ours);
    SMAP_FOR_EACH (node, options) {
        if (!smap_get_node(&ours, node->key)) {
            smap_add(&o->others, node->key, node->value);
        }
    }
    smap_destroy(&ours);
}

void
plan_options_init(struct plan_options *o, const struct smap *options,
                  struct intent_problems *problems)
{
    struct reader r = { options, problems };

    memset(o, 0, sizeof *o);
    o->gateway_mode = read_word(&r, "gateway-mode", gateway_modes,
                                PLAN_GW_LOCAL);
    o->layout = read_word(&r, "layout", layouts, PLAN_LAYOUT_NODE);
    o->on_no_host = read_word(&r, "on-no-host", on_no_hosts,
                              PLAN_NO_HOST_ALLOW);
    o->rules = read_word(&r, "rules", rules, PLAN_RULES_MARK);
    o->wait_for_nodes = read_word(&r, "wait-for-nodes", bools, true);
    o->allocate_ips = read_word(&r, "allocate-ips", bools, true);
    o->announce = read_word(&r, "announce", bools, true);
    o->ingress = read_word(&r, "ingress", ingresses, PLAN_INGRESS_AUTO);
    o->router = read_string(&r, "router", DEFAULT_ROUTER);
    o->zone = read_string(&r, "zone", "");
    o->lb_class = read_string(&r, "lb-class", "");
    o->set_size = read_number(&r, "set-size", 1, DEFAULT_SET_SIZE);
    o->drain_seconds = read_number(&r, "drain-seconds", 0,
                                   DEFAULT_DRAIN_SECONDS);
    read_prefixes(&r, "cluster-networks", &o->cluster_networks,
                  &o->n_cluster_networks);
    read_prefixes(&r, "service-networks", &o->service_networks,
                  &o->n_service_networks);

    read_prefixes(&r, "join-networks", &o->join_networks,
                  &o->n_join_networks);
    read_prefixes(&r, "masquerade-networks", &o->masquerade_networks,
                  &o->n_masquerade_networks);
    keep_others(o, options);
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

void
plan_options_format(const struct plan_options *o, struct smap *smap)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, &o->others) {
        smap_replace(smap, node->key, node->value);
    }
    smap_replace(smap, "gateway-mode",
                 word_name(gateway_modes, o->gateway_mode));
    smap_replace(smap, "layout", word_name(layouts, o->layout));
    smap_replace(smap, "on-no-host", word_name(on_no_hosts, o->on_no_host));
    smap_replace(smap, "rules", word_name(rules, o->rules));
    smap_replace(smap, "wait-for-nodes", word_name(bools, o->wait_for_nodes));
    smap_replace(smap, "allocate-ips", word_name(bools, o->allocate_ips));
    smap_replace(smap, "announce", word_name(bools, o->announce));
    smap_replace(smap, "ingress", word_name(ingresses, o->ingress));
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
