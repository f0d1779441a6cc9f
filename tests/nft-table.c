/* SPDX-License-Identifier: Apache-2.0 */

/* A description of our nftables table, and a turn of the reconciler.  See
 * nft-table.h. */

#include <config.h>
#include "tests/nft-table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/kind.h"
#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine-nft.h"
#include "util.h"

static const enum machine_set_id set_ids[] = {
    [NFT_TABLE_LOCAL] = MACHINE_SET_LOCAL,
    [NFT_TABLE_HIDDEN] = MACHINE_SET_HIDDEN,
    [NFT_TABLE_PAIR] = MACHINE_SET_PAIR,
    [NFT_TABLE_EXIT] = MACHINE_SET_EXIT,
    [NFT_TABLE_PUBLIC] = MACHINE_SET_PUBLIC,
    [NFT_TABLE_WAY] = MACHINE_SET_WAY,
    [NFT_TABLE_ANYWHERE] = MACHINE_SET_ANYWHERE,
    [NFT_TABLE_SERVICES] = MACHINE_SET_SERVICES,
    [NFT_TABLE_WATCHED] = MACHINE_SET_WATCHED,
    [NFT_TABLE_NODES] = MACHINE_SET_NODES,
};

static const char *
set_name(int i)
{
    return machine_set_types[set_ids[i]].name;
}

void
nft_table_init(struct nft_table *t)
{
    *t = (struct nft_table) { .empty = true, .mask = 0xff000000 };
    for (int f = 0; f < 2; f++) {
        smap_init(&t->snat[f]);
        smap_init(&t->mark[f]);
        smap_init(&t->port[f]);
        for (int i = 0; i < NFT_TABLE_N_SETS; i++) {
            sset_init(&t->sets[i][f]);
        }
    }
    smap_init(&t->behind);
}

void
nft_table_destroy(struct nft_table *t)
{
    for (int f = 0; f < 2; f++) {
        smap_destroy(&t->snat[f]);
        smap_destroy(&t->mark[f]);
        smap_destroy(&t->port[f]);
        for (int i = 0; i < NFT_TABLE_N_SETS; i++) {
            sset_destroy(&t->sets[i][f]);
        }
    }
    smap_destroy(&t->behind);
}

/* Removes the pair of 'endpoint' and its source, if it has one. */
static void
remove_pair(struct nft_table *t, const char *endpoint, int f)
{
    const char *source = smap_get(&t->snat[f], endpoint);

    if (source) {
        char *pair = xasprintf("%s . %s", endpoint, source);

        sset_find_and_delete(&t->sets[NFT_TABLE_PAIR][f], pair);
        free(pair);
    }
}

void
nft_table_remove_endpoint(struct nft_table *t, const char *endpoint)
{
    int f = strchr(endpoint, ':') != NULL;

    remove_pair(t, endpoint, f);
    smap_remove(&t->snat[f], endpoint);
    smap_remove(&t->mark[f], endpoint);
    sset_find_and_delete(&t->sets[NFT_TABLE_HIDDEN][f], endpoint);
}

void
nft_table_add_endpoint(struct nft_table *t, const char *endpoint,
                       const char *source, const char *mark)
{
    int f = strchr(endpoint, ':') != NULL;

    remove_pair(t, endpoint, f);
    smap_replace(&t->snat[f], endpoint, source);
    sset_add(&t->sets[NFT_TABLE_HIDDEN][f], endpoint);
    sset_add_and_free(&t->sets[NFT_TABLE_PAIR][f],
                      xasprintf("%s . %s", endpoint, source));
    if (mark) {
        smap_replace(&t->mark[f], endpoint, mark);
    }
}

void
nft_table_add_endpoints(struct nft_table *t, int n, const char *source,
                        const char *mark)
{
    for (int i = 0; i < n; i++) {
        char ip[32];

        snprintf(ip, sizeof ip, "10.%d.%d.%d", 64 + i / 65536,
                 i / 256 % 256, i % 256);
        nft_table_add_endpoint(t, ip, source, mark);
    }
}

/* Adds "A" or "A . B" to the set called 'verb'.  Returns false if there is
 * none. */
static bool
add_to_set(struct nft_table *t, const char *verb, int f, const char *a,
           const char *b)
{
    for (int i = 0; i < NFT_TABLE_N_SETS; i++) {
        if (!strcmp(set_name(i), verb)) {
            sset_add_and_free(&t->sets[i][f],
                              xasprintf("%s%s%s", a, *b ? " . " : "", b));
            return true;
        }
    }
    return false;
}

static void
table_parse_line(struct nft_table *t, const char *line)
{
    char verb[16], a[64] = "", b[64] = "", c[64] = "";

    if (sscanf(line, "%15s %63s %63s %63s", verb, a, b, c) < 2) {
        return;
    }
    int f = strchr(a, ':') != NULL;

    t->empty = false;
    if (!strcmp(verb, "mask")) {
        t->mask = strtoul(a, NULL, 0);
    } else if (!strcmp(verb, "network")) {
        ovs_assert(t->n_marks < ARRAY_SIZE(t->marks));
        t->marks[t->n_marks++] = strtoul(a, NULL, 0);
    } else if (!strcmp(verb, "snat")) {
        nft_table_add_endpoint(t, a, b, NULL);
    } else if (!strcmp(verb, "mark")) {
        smap_replace(&t->mark[f], a, b);
    } else if (!strcmp(verb, "port")) {
        char *key = xasprintf("%s . %s", a, b);
        smap_replace(&t->port[f], key, c);
        free(key);
    } else if (!strcmp(verb, "behind")) {
        smap_replace(&t->behind, a, b);
    } else if (!strcmp(verb, "endpoints")) {
        nft_table_add_endpoints(t, atoi(a), "192.0.2.10", "0x02000000");
    } else if (!add_to_set(t, verb, f, a, b)) {
        ovs_fatal(0, "%s: unknown", line);
    }
}

void
nft_table_read(struct nft_table *t, const char *file_name)
{
    FILE *file = strcmp(file_name, "-") ? fopen(file_name, "r") : stdin;
    char line[256];

    if (!file) {
        ovs_fatal(errno, "%s", file_name);
    }
    while (fgets(line, sizeof line, file)) {
        table_parse_line(t, line);
    }
    if (file != stdin) {
        fclose(file);
    }
}

static void
write_map(const char *verb, const struct smap *map, FILE *file)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, map) {
        const char *dot = strstr(node->key, " . ");     /* Of a port. */
        int len = dot ? dot - node->key : strlen(node->key);

        fprintf(file, "%s %.*s %s %s\n", verb, len, node->key,
                dot ? dot + 3 : "", node->value);
    }
}

static void
write_set(const char *verb, const struct sset *set, FILE *file)
{
    const char *member;

    SSET_FOR_EACH (member, set) {
        const char *dot = strstr(member, " . ");
        int len = dot ? dot - member : strlen(member);

        fprintf(file, "%s %.*s %s\n", verb, len, member, dot ? dot + 3 : "");
    }
}

void
nft_table_write(const struct nft_table *t, FILE *file)
{
    for (size_t i = 0; i < t->n_marks && !t->empty; i++) {
        fprintf(file, "network 0x%08"PRIx32"\n", t->marks[i]);
    }
    for (int f = 0; f < IP_N_FAMILIES && !t->empty; f++) {
        write_map("snat", &t->snat[f], file);
        write_map("mark", &t->mark[f], file);
        write_map("port", &t->port[f], file);
        for (int i = 0; i < NFT_TABLE_N_SETS; i++) {
            write_set(set_name(i), &t->sets[i][f], file);
        }
    }
}

/* Takes 's', of part 'part'.  Returns false if it is none. */
static bool
parse_part(enum machine_part part, const char *s, struct machine_value *v)
{
    struct in6_addr *ip = part == MACHINE_PART_IP ? &v->ip : &v->other;
    unsigned int number;

    if (part == MACHINE_PART_IP || part == MACHINE_PART_OTHER) {
        return ip_addr_parse(s, ip);
    } else if (part == MACHINE_PART_LINK) {
        ovs_strlcpy(v->link, s, sizeof v->link);
        return strlen(s) < sizeof v->link;
    } else if (part == MACHINE_PART_PROTOCOL) {
        v->protocol = (!strcmp(s, "tcp") ? IPPROTO_TCP
                       : !strcmp(s, "udp") ? IPPROTO_UDP : IPPROTO_SCTP);
        return true;
    } else if (!str_to_uint(s, 10, &number)) {
        return false;
    } else if (part == MACHINE_PART_PORT) {
        v->port = number;
    } else {
        v->number = number;
    }
    return true;
}

/* Parses what machine_value_format() makes, and single addresses as
 * ranges. */
static struct machine_value
parse_value(enum machine_form form, const char *s)
{
    struct machine_value v = { .number = 0 };
    struct ip_range range;

    if (form == MACHINE_MARK) {
        ovs_assert(str_to_uint(s, 0, &v.number));
    } else if (form == MACHINE_RANGE) {
        ovs_assert(ip_range_parse(s, &range));
        v.ip = range.first;
        v.other = range.last;
    } else {
        char *copy = xstrdup(s);
        char *save = NULL;

        for (size_t i = 0; machine_forms[form][i]; i++) {
            const char *word = strtok_r(i ? NULL : copy, " ", &save);

            if (i) {
                word = strtok_r(NULL, " ", &save);      /* After the dot. */
            }
            ovs_assert(word && parse_part(machine_forms[form][i], word, &v));
        }
        free(copy);
    }
    return v;
}

void
nft_table_add_element(struct machine_set *set, const char *key,
                      const char *data)
{
    struct machine_element e = { .key = parse_value(set->type->key, key) };

    if (set->type->data != MACHINE_NOTHING) {
        e.data = parse_value(set->type->data, data);
    }
    machine_set_add(set, &e);
}

static void
add_map(struct machine *machine, enum machine_set_id id, int family,
        const struct smap *elements)
{
    const struct smap_node *node;
    struct machine_set set;

    machine_set_init(&set, id, family);
    SMAP_FOR_EACH (node, elements) {
        nft_table_add_element(&set, node->key, node->value);
    }
    machine_set_sort(&set);
    machine_objects_add(&machine->want, &set);
}

static void
add_set(struct machine *machine, enum machine_set_id id, int family,
        const struct sset *elements)
{
    struct machine_set set;
    const char *key;

    machine_set_init(&set, id, family);
    SSET_FOR_EACH (key, elements) {
        nft_table_add_element(&set, key, NULL);
    }
    machine_set_sort(&set);
    machine_objects_add(&machine->want, &set);
}

/* Adds who is behind which ingress IP. */
static void
add_leftovers(struct machine *machine, const struct nft_table *t)
{
    const struct smap_node *node;
    struct machine_set set;

    machine_leftovers_init(&set);
    SMAP_FOR_EACH (node, &t->behind) {
        struct machine_element e = { .flags = 0 };

        ovs_assert(ip_addr_parse(node->key, &e.key.ip));
        machine_set_add(&set, &e);
        ovs_assert(ip_addr_parse(node->value, &e.key.other));
        machine_set_add(&set, &e);
    }
    machine_set_sort(&set);
    machine_objects_add(&machine->want, &set);
}

void
nft_table_build(const struct nft_table *t, struct machine *machine)
{
    const struct sset none = SSET_INITIALIZER(&none);
    bool watching = !sset_is_empty(&t->sets[NFT_TABLE_WATCHED][IP_V4])
                    || !sset_is_empty(&t->sets[NFT_TABLE_WATCHED][IP_V6]);

    machine_init(machine);
    if (t->empty) {
        return;
    }
    machine_nft_build(&(struct machine_nft) {
                       .mask = t->mask,
                       .marks = t->marks,
                       .n_marks = t->n_marks,
                       .guard_seconds = 150,
                       .watch_seconds = watching,
                   }, &machine->want);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        add_map(machine, MACHINE_SET_SNAT, f, &t->snat[f]);
        add_map(machine, MACHINE_SET_MARK, f, &t->mark[f]);
        add_map(machine, MACHINE_SET_PORT, f, &t->port[f]);
        for (int i = 0; i < NFT_TABLE_N_SETS; i++) {
            if (i != NFT_TABLE_WATCHED || watching) {
                add_set(machine, set_ids[i], f, &t->sets[i][f]);
            }
        }
        add_set(machine, MACHINE_SET_LEAVING, f, &none);
        add_set(machine, MACHINE_SET_GONE, f, &none);
        add_set(machine, MACHINE_SET_CUT, f, &none);
        add_set(machine, MACHINE_SET_DROPPED, f, &none);
        if (watching) {
            add_set(machine, MACHINE_SET_SEEN, f, &none);
        }
    }
    add_leftovers(machine, t);
    machine_objects_sort(&machine->want);
}

/* A turn of the reconciler, for these two kinds. */

static const struct kind *const kinds[] = { &kind_nft, &kind_conntrack };

struct changes {
    struct machine_change *changes;
    size_t n, allocated;
};

static void
collect(const struct machine_change *change, void *changes_)
{
    struct changes *c = changes_;

    if (c->n >= c->allocated) {
        c->changes = x2nrealloc(c->changes, &c->allocated,
                                sizeof *c->changes);
    }
    c->changes[c->n++] = *change;
}

static bool
is_of_kind(const struct machine_change *change, const struct kind *kind)
{
    return ((machine_change_object(change)->class == &machine_class_conntrack)
            == (kind == &kind_conntrack));
}

/* Carries out the deletions among the changes, or the others. */
static void
apply(const struct kind_view *view, const struct changes *all, bool deletions,
      struct smap *errors)
{
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        struct changes some = { NULL, 0, 0 };

        for (size_t i = 0; i < all->n; i++) {
            if ((all->changes[i].type == PLAN_DELETE) == deletions
                && is_of_kind(&all->changes[i], kinds[k])) {
                collect(&all->changes[i], &some);
            }
        }
        if (some.n) {
            kinds[k]->apply(view, some.changes, some.n, errors);
        }
        free(some.changes);
    }
}

static char *
observe(const struct kind_view *view, struct machine_objects *have)
{
    char *error = NULL;

    machine_objects_init(have);
    for (size_t k = 0; k < ARRAY_SIZE(kinds) && !error; k++) {
        error = kinds[k]->observe(view, have);
    }
    machine_objects_sort(have);
    return error;
}

/* Makes the kernel hold 'want'.  Adds what was changed to 's'. */
void
nft_turn(const struct machine *want, struct ds *s, struct smap *errors)
{
    struct kind_view view = { .machine = want };
    struct changes changes = { NULL, 0, 0 };
    struct machine_objects have;

    char *error = observe(&view, &have);
    if (error) {
        smap_replace(errors, "", error);
        free(error);
    } else {
        machine_objects_diff(&have, &want->want, collect, &changes);
        for (size_t i = 0; i < changes.n && s; i++) {
            machine_change_format(&changes.changes[i], s);
        }
        apply(&view, &changes, false, errors);
        apply(&view, &changes, true, errors);
    }
    free(changes.changes);
    machine_objects_destroy(&have);
}

void
nft_turn_init(void)
{
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        char *error = kinds[k]->init ? kinds[k]->init() : NULL;
        if (error) {
            ovs_fatal(0, "%s", error);
        }
    }
}

void
nft_turn_destroy(void)
{
    for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
        if (kinds[k]->destroy) {
            kinds[k]->destroy();
        }
    }
}
