/* SPDX-License-Identifier: Apache-2.0 */

/* The table of options, and its readers: see the header. */

#include <config.h>

#include "plan/world/option.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/rows/problem.h"
#include "smap.h"
#include "util.h"

#define BOOL .type = OPTION_WORD, .words = "false true"

/* An ovn-controller handles a change of a set in time proportional to its
 * size: 17,000 members cost it 3.5 ms a change, 10 members 1.5 ms.  The router
 * and the networks are ovn-kubernetes' defaults. */
const struct option option_table[] = {
    { "allocate-ips", BOOL, .def = "true", .safe = "false",
      .readers = "agent",
      .text = "whether Services get ingress addresses from IPAddressPools" },
    { "announce", BOOL, .def = "true", .safe = "false", .readers = "agent",
      .text = "whether the nodes announce ingress addresses over BGP" },
    { "cluster-networks", .type = OPTION_NETWORKS, .def = "",
      .def_text = "from OVN_Northbound", .readers = "agent, nodes",
      .text = "the networks of pods" },
    { "drain-seconds", .type = OPTION_NUMBER, .min = 0, .max = 86400,
      .def = "10", .readers = "agent, nodes",
      .text = "how long a node serves on that was not told to stop" },
    { "gateway-mode", .type = OPTION_WORD, .words = "local shared",
      .def = "local", .readers = "agent",
      .text = "whether the host's kernel or its gateway router translates" },
    { "guard-seconds", .type = OPTION_NUMBER, .min = 1, .max = 86400,
      .def = "150", .readers = "nodes",
      .text = "how long a node holds back what is left of a connection" },
    { "heartbeat-interval", .type = OPTION_NUMBER, .min = 100, .max = 60000,
      .def = "2000", .readers = "agent, nodes",
      .text = "how often a node's helper says that it is alive, in ms" },
    { "ingress", .type = OPTION_WORD, .words = "auto true false",
      .def = "auto", .readers = "agent",
      .text = "whether Services get load balancers in OVN_Northbound" },
    { "join-networks", .type = OPTION_NETWORKS,
      .def = "100.64.0.0/16, fd98::/64",
      .def_text = "from OVN_Northbound", .readers = "agent, nodes",
      .text = "the networks between cluster router and gateway routers" },
    { "layout", .type = OPTION_WORD, .words = "node endpoint",
      .def = "node", .readers = "agent",
      .text = "one policy in OVN_Northbound for each node or endpoint" },
    { "lb-class", .type = OPTION_TEXT, .def = "", .readers = "agent",
      .text = "the loadBalancerClass of the Services that get addresses" },
    { "mark-mask", .type = OPTION_NUMBER, .min = 1, .max = UINT32_MAX,
      .taken = 1008 | 42,       /* ovn-kubernetes': see plan/emit/zone.c. */
      .def = "0xff000000", .readers = "nodes",
      .text = "the bits of the packet mark that the nodes may use" },
    { "masquerade-networks", .type = OPTION_NETWORKS,
      .def = "169.254.169.0/29, fd69::/125",
      .def_text = "from the Nodes", .readers = "agent, nodes",
      .text = "the networks of masquerade addresses on each host" },
    { "newest-by", .type = OPTION_WORD, .words = "med as-path",
      .def = "med", .readers = "agent",
      .text = "by what routers prefer the newest host of a service" },
    { "on-no-host", .type = OPTION_WORD, .words = "allow drop",
      .def = "allow", .safe = "drop", .readers = "agent",
      .text = "what happens to a service that no node can host" },
    { "rollback-seconds", .type = OPTION_NUMBER, .min = 1, .max = 86400,
      .def = "60", .readers = "nodes",
      .text = "how long a policy may cut a node off until it is undone" },
    { "router", .type = OPTION_TEXT, .min = 1, .def = "ovn_cluster_router",
      .readers = "agent", .text = "the name of the cluster router" },
    { "rules", .type = OPTION_WORD, .words = "mark address",
      .def = "mark", .readers = "agent, nodes",
      .text = "routing rules for marks or for addresses on the nodes" },
    { "service-networks", .type = OPTION_NETWORKS, .def = "",
      .readers = "agent, nodes", .text = "the networks of ClusterIPs" },
    { "set-size", .type = OPTION_NUMBER, .min = 1, .max = 1000000,
      .def = "2000", .readers = "agent",
      .text = "an address set of more addresses is split" },
    { "wait-for-nodes", BOOL, .def = "true", .readers = "agent",
      .text = "whether a node must acknowledge before traffic goes there" },
    { "zone", .type = OPTION_TEXT, .def = "", .readers = "agent",
      .text = "the name of this zone, where there are several" },
    { .name = NULL },
};

#define MAX_TEXT 255

const struct option *
option_find(const char *name)
{
    for (const struct option *o = option_table; o->name; o++) {
        if (!strcmp(o->name, name)) {
            return o;
        }
    }
    return NULL;
}

/* Returns the place of 'value' in 'words', or -1. */
static int
find_word(const char *words, const char *value)
{
    size_t n = strlen(value);

    for (int i = 0; *words; i++) {
        size_t len = strcspn(words, " ");

        if (len == n && !memcmp(words, value, n)) {
            return i;
        }
        words += len + strspn(words + len, " ");
    }
    return -1;
}

/* Appends the networks in 'list' to 'nets'.  Returns the first that is none,
 * or all there is, which the caller frees, or NULL. */
static char *
parse_networks(const char *list, struct intent_prefixes *nets)
{
    char *copy = xstrdup(list);
    char *save = NULL;
    char *bad = NULL;

    for (char *s = strtok_r(copy, ", ", &save); s && !bad;
         s = strtok_r(NULL, ", ", &save)) {
        struct ip_prefix prefix;

        if (!ip_prefix_parse(s, &prefix, NULL) || !prefix.plen) {
            bad = xstrdup(s);
        } else {
            nets->items = xrealloc(nets->items,
                                   (nets->n + 1) * sizeof *nets->items);
            nets->items[nets->n++] = prefix;
        }
    }
    free(copy);
    return bad;
}

static char *
check_networks_option(const char *value)
{
    struct intent_prefixes nets = { NULL, 0 };
    char *bad = parse_networks(value, &nets);
    char *clean = bad ? intent_clean(bad, MAX_TEXT) : NULL;
    char *why = clean ? xasprintf("\"%s\" is not a network", clean) : NULL;

    free(clean);
    free(bad);
    free(nets.items);
    return why;
}

/* Returns 'words' with "or" between them, in quotes if 'quoted'. */
static char *
join_words(const char *words, bool quoted)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *q = quoted ? "\"" : "";

    for (const char *w = words; *w; ) {
        size_t len = strcspn(w, " ");
        bool last = !w[len];

        ds_put_format(&s, "%s%s%.*s%s",
                      w == words ? "" : last ? " or " : ", ", q, (int) len, w,
                      q);
        w += len + strspn(w + len, " ");
    }
    return ds_steal_cstr(&s);
}

char *
option_check(const struct option *o, const char *value)
{
    char *clean = intent_clean(value, MAX_TEXT);
    char *why = NULL;
    unsigned int number;
    char *words;

    switch (o->type) {
    case OPTION_WORD:
        if (find_word(o->words, value) < 0) {
            words = join_words(o->words, true);
            why = xasprintf("\"%s\" is not %s", clean, words);
            free(words);
        }
        break;
    case OPTION_NUMBER:
        if (!str_to_uint(value, 0, &number) || number < o->min
            || number > o->max) {
            why = xasprintf("\"%s\" is not a number from %u to %u", clean,
                            o->min, o->max);
        } else if (number & o->taken) {
            why = xasprintf("\"%s\" has bits that others use: 0x%x", clean,
                            o->taken);
        }
        break;
    case OPTION_NETWORKS:
        why = check_networks_option(value);
        break;
    case OPTION_TEXT:
        if (strlen(value) < o->min || strcmp(clean, value)) {
            why = xasprintf("\"%s\" is not a name", clean);
        }
        break;
    }
    free(clean);
    return why;
}

static bool
is_good(const struct option *o, const char *value)
{
    char *why = option_check(o, value);

    free(why);
    return !why;
}

/* Returns what is given for 'o', or was in 'last' if that is not valid; NULL
 * if there is neither. */
static const char *
find_given(const struct option *o, const struct smap *options,
           const struct smap *last)
{
    const char *value = smap_get(options, o->name);
    const char *before = last ? smap_get(last, o->name) : NULL;

    return (!value || is_good(o, value) ? value
            : before && is_good(o, before) ? before : NULL);
}

const char *
option_get(const struct smap *options, const struct smap *last,
           const char *name)
{
    const struct option *o = option_find(name);
    const char *value = find_given(o, options, last);

    return (value ? value
            : o->safe && smap_get(options, name) ? o->safe : o->def);
}

unsigned int
option_get_word(const struct smap *options, const struct smap *last,
                const char *name)
{
    return find_word(option_find(name)->words,
                     option_get(options, last, name));
}

uint32_t
option_get_number(const struct smap *options, const struct smap *last,
                  const char *name)
{
    unsigned int number;

    return (str_to_uint(option_get(options, last, name), 0, &number)
            ? number : 0);
}

struct intent_prefixes
option_get_given_networks(const struct smap *options, const struct smap *last,
                          const char *name)
{
    const char *value = find_given(option_find(name), options, last);
    struct intent_prefixes nets = { NULL, 0 };

    free(value ? parse_networks(value, &nets) : NULL);
    return nets;
}

struct intent_prefixes
option_get_networks(const struct smap *options, const struct smap *last,
                    const char *name)
{
    struct intent_prefixes nets = { NULL, 0 };

    free(parse_networks(option_get(options, last, name), &nets));
    return nets;
}

/* Checking. */

/* True if 'a' becomes 'b' by one slip: a character more, less or another, or
 * two that are swapped. */
static bool
is_near(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] && a[n] == b[n]) {
        n++;
    }
    a += n;
    b += n;
    return ((*a && *b && !strcmp(a + 1, b + 1)) || (*a && !strcmp(a + 1, b))
            || (*b && !strcmp(a, b + 1))
            || (*a && *b && a[0] == b[1] && a[1] == b[0] && a[1]
                && !strcmp(a + 2, b + 2)));
}

/* Adds that 'name' is no option. */
static void
add_unknown(const char *name, struct intent_problems *problems)
{
    const char *near = NULL;

    for (const struct option *o = option_table; o->name && !near; o++) {
        near = is_near(name, o->name) ? o->name : NULL;
    }
    plan_problem(problems, INTENT_ERROR, "options", name,
                 "there is no such option%s%s%s",
                 near ? " (did you mean \"" : "", near ? near : "",
                 near ? "\"?)" : "");
}

void
option_check_all(const struct smap *options, struct intent_problems *problems)
{
    const struct smap_node **sorted = smap_sort(options);

    for (size_t i = 0; i < smap_count(options); i++) {
        const struct option *o = option_find(sorted[i]->key);
        char *why = o ? option_check(o, sorted[i]->value) : NULL;

        if (!o) {
            add_unknown(sorted[i]->key, problems);
        } else if (why) {
            plan_problem(problems, INTENT_ERROR, "options", o->name, "%s",
                         why);
        }
        free(why);
    }
    free(sorted);
}

char *
option_format_values(const struct option *o)
{
    switch (o->type) {
    case OPTION_WORD:
        return join_words(o->words, false);
    case OPTION_NUMBER:
        return xasprintf("integer from %u to %u", o->min, o->max);
    case OPTION_NETWORKS:
        return xstrdup("networks");
    case OPTION_TEXT:
        break;
    }
    return xstrdup("string");
}

const char *
option_format_default(const struct option *o)
{
    return o->def_text ? o->def_text : *o->def ? o->def : "empty";
}
