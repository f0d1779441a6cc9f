/* SPDX-License-Identifier: Apache-2.0 */

/* Maps and sets of nftables: see machine-set.h. */

#include <config.h>

#include "plan/machine/machine-set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/rows/lower-bound.h"
#include "util.h"

/* Of timed sets: as many as may leave at once, and as many drops as somebody
 * may want to read. */
#define MANY (1 << 20)
#define FEW 128

const struct machine_set_type machine_set_types[MACHINE_N_SETS] = {
#define SET(ID, NAME, ...) [MACHINE_SET_##ID] = { .name = NAME, __VA_ARGS__ }
#define KEY(FORM) .key = MACHINE_##FORM
#define DATA(FORM) .data = MACHINE_##FORM
#define TIMED(SIZE) .timed = true, .size = SIZE
    SET(SNAT, "snat", KEY(ADDRESS), DATA(ADDRESS)),
    SET(MARK, "mark", KEY(ADDRESS), DATA(MARK)),
    SET(PORT, "port", KEY(ADDRESS_PORT), DATA(MARK)),
    SET(LOCAL, "local", KEY(RANGE)),
    SET(NODES, "nodes", KEY(ADDRESS)),
    SET(HIDDEN, "hidden", KEY(ADDRESS)),
    SET(PAIR, "pair", KEY(PAIR)),
    SET(EXIT, "exit", KEY(WAY)),
    SET(PUBLIC, "public", KEY(ADDRESS)),
    SET(WAY, "way", KEY(WAY)),
    SET(ANYWHERE, "anywhere", KEY(ADDRESS)),
    SET(SERVICES, "services", KEY(RANGE)),
    SET(LEAVING, "leaving", KEY(ADDRESS), TIMED(MANY)),
    SET(GONE, "gone", KEY(WAY), TIMED(MANY)),
    SET(CUT, "cut", KEY(ADDRESS_PORT), TIMED(MANY)),
    SET(DROPPED, "dropped", KEY(DROPPED), TIMED(FEW)),
    SET(WATCHED, "watched", KEY(ADDRESS), .group = MACHINE_WATCHING),
    SET(SEEN, "seen", KEY(ADDRESS), TIMED(MANY), .group = MACHINE_WATCHING),
    SET(INGRESS, "ingress", KEY(SERVICE), DATA(ADDRESS),
        .group = MACHINE_INGRESS),
    SET(BACKEND, "backend", KEY(SLOT), DATA(ADDRESS_PORT),
        .group = MACHINE_INGRESS),
    SET(IDLE, "idle", KEY(SERVICE), .group = MACHINE_INGRESS),
#undef SET
#undef KEY
#undef DATA
#undef TIMED
};

/* Values. */

#define IP MACHINE_PART_IP
#define OTHER MACHINE_PART_OTHER
#define PROTOCOL MACHINE_PART_PROTOCOL
#define PORT MACHINE_PART_PORT
#define NUMBER MACHINE_PART_NUMBER
#define LINK MACHINE_PART_LINK

const enum machine_part machine_forms[][MACHINE_MAX_PARTS + 1] = {
    [MACHINE_NOTHING] = { MACHINE_PART_END },
    [MACHINE_ADDRESS] = { IP },
    [MACHINE_ADDRESS_PORT] = { IP, PORT },
    [MACHINE_SERVICE] = { IP, PROTOCOL, PORT },
    [MACHINE_SLOT] = { IP, PROTOCOL, PORT, NUMBER },
    [MACHINE_RANGE] = { IP },
    [MACHINE_WAY] = { IP, LINK },
    [MACHINE_PAIR] = { IP, OTHER },
    [MACHINE_DROPPED] = { IP, OTHER, LINK },
    [MACHINE_MARK] = { MACHINE_PART_END },
};

int
machine_value_compare(const struct machine_value *a,
                      const struct machine_value *b)
{
    int cmp = ip_compare(&a->ip, &b->ip);

    cmp = cmp ? cmp : ip_compare(&a->other, &b->other);
    cmp = cmp ? cmp : strcmp(a->link, b->link);
    cmp = cmp ? cmp : a->protocol - b->protocol;
    cmp = cmp ? cmp : a->port - b->port;
    return cmp ? cmp : a->number < b->number ? -1 : a->number > b->number;
}

const char *
machine_protocol_name(uint8_t protocol)
{
    return (protocol == IPPROTO_TCP ? "tcp" : protocol == IPPROTO_UDP ? "udp"
            : protocol == IPPROTO_SCTP ? "sctp" : NULL);
}

uint8_t
machine_protocol_parse(const char *name)
{
    return (!strcmp(name, "tcp") ? IPPROTO_TCP
            : !strcmp(name, "udp") ? IPPROTO_UDP
            : !strcmp(name, "sctp") ? IPPROTO_SCTP : 0);
}

static void
format_part(enum machine_part part, const struct machine_value *v,
            struct ds *s)
{
    const char *protocol = machine_protocol_name(v->protocol);
    char buf[IP_STRLEN];

    if (part == IP || part == OTHER) {
        ds_put_cstr(s, ip_format(part == IP ? &v->ip : &v->other, buf));
    } else if (part == LINK) {
        ds_put_cstr(s, v->link);
    } else if (part == PROTOCOL && protocol) {
        ds_put_cstr(s, protocol);
    } else {
        ds_put_format(s, "%"PRIu32, part == PROTOCOL ? v->protocol
                      : part == PORT ? v->port : v->number);
    }
}

/* A range that is no prefix is another owner's. */
static void
format_range(const struct machine_value *v, struct ds *s)
{
    struct ip_prefix prefix = { v->ip, 0 };
    unsigned int bits = ip_family(&v->ip) == IP_V4 ? 32 : 128;
    char a[IP_STRLEN], b[IP_STRLEN];

    for (; prefix.plen <= bits; prefix.plen++) {
        struct ip_range range = ip_prefix_range(&prefix);

        if (!ip_compare(&range.first, &v->ip)
            && !ip_compare(&range.last, &v->other)) {
            ds_put_cstr(s, ip_prefix_format(&prefix, a));
            return;
        }
    }
    ds_put_format(s, "%s-%s", ip_format(&v->ip, a), ip_format(&v->other, b));
}

void
machine_value_format(enum machine_form form, const struct machine_value *v,
                     struct ds *s)
{
    if (form == MACHINE_MARK) {
        ds_put_format(s, "0x%08"PRIx32, v->number);
    } else if (form == MACHINE_RANGE) {
        format_range(v, s);
    }
    for (size_t i = 0; form != MACHINE_RANGE && machine_forms[form][i]; i++) {
        ds_put_cstr(s, i ? " . " : "");
        format_part(machine_forms[form][i], v, s);
    }
}

/* Elements. */

int
machine_element_compare(const void *a_, const void *b_)
{
    const struct machine_element *a = a_;
    const struct machine_element *b = b_;
    int cmp = machine_value_compare(&a->key, &b->key);
    int mask = MACHINE_ELEMENT_CATCHALL | MACHINE_ELEMENT_END;

    return cmp ? cmp : (b->flags & mask) - (a->flags & mask);
}

static bool
element_is_satisfied(const void *have_, const void *want_)
{
    const struct machine_element *have = have_;
    const struct machine_element *want = want_;

    return (!machine_value_compare(&have->data, &want->data)
            && have->flags == want->flags);
}

static const struct diff_items element_items = {
    sizeof(struct machine_element), machine_element_compare,
    element_is_satisfied,
};

/* Sets. */

void
machine_set_init(struct machine_set *set, enum machine_set_id id,
                 enum ip_family family)
{
    *set = (struct machine_set) {
        .object.class = &machine_class_nft_map,
        .type = &machine_set_types[id],
        .family = family,
    };
}

void
machine_set_destroy(struct machine_set *set)
{
    free(set->items);
}

const struct machine_set *
machine_set_get(const struct machine_objects *objects, enum machine_set_id id,
                enum ip_family family)
{
    struct machine_set place;

    machine_set_init(&place, id, family);
    return machine_objects_find(objects, &place);
}

const char *
machine_set_name(const struct machine_set *set, char buf[MACHINE_NAME_LEN])
{
    snprintf(buf, MACHINE_NAME_LEN, "%s%d", set->type->name,
             set->family == IP_V4 ? 4 : 6);
    return buf;
}

void
machine_set_add(struct machine_set *set, const struct machine_element *element)
{
    if (set->n >= set->allocated) {
        set->items = x2nrealloc(set->items, &set->allocated,
                                sizeof *set->items);
    }
    set->items[set->n++] = *element;
}

void
machine_set_add_ip(struct machine_set *set, const struct in6_addr *ip)
{
    machine_set_add(set, &(struct machine_element) { .key.ip = *ip });
}

void
machine_set_sort(struct machine_set *set)
{
    size_t n = 0;

    if (set->n) {
        qsort(set->items, set->n, sizeof *set->items, machine_element_compare);
    }
    for (size_t i = 0; i < set->n; i++) {
        if (!n || machine_element_compare(&set->items[n - 1],
                                          &set->items[i])) {
            set->items[n++] = set->items[i];
        }
    }
    set->n = n;
}

const struct machine_element *
machine_set_find(const struct machine_set *set,
                 const struct machine_value *key)
{
    struct machine_element place = { .key = *key };

    return (set && set->n
            ? bsearch(&place, set->items, set->n, sizeof *set->items,
                      machine_element_compare) : NULL);
}

bool
machine_set_has_ip(const struct machine_set *set, const struct in6_addr *ip)
{
    const struct machine_value key = { .ip = *ip };

    return machine_set_find(set, &key) != NULL;
}

static void
take_rest(enum plan_change_type type OVS_UNUSED, const void *have,
          const void *want OVS_UNUSED, void *rest)
{
    if (have) {
        machine_set_add(rest, have);
    }
}

static struct diff_side
side_of(const struct machine_set *set)
{
    return (struct diff_side) { set ? set->items : NULL, set ? set->n : 0 };
}

void
machine_set_subtract(const struct machine_set *a, const struct machine_set *b,
                     struct machine_set *rest)
{
    diff_walk(&element_items, side_of(a), side_of(b), take_rest, rest);
}

/* The class. */

static int
set_compare(const void *a_, const void *b_)
{
    const struct machine_set *a = a_;
    const struct machine_set *b = b_;
    int cmp = strcmp(a->type->name, b->type->name);

    return cmp ? cmp : (int) a->family - (int) b->family;
}

static bool
set_is_satisfied(const void *have_, const void *want_)
{
    const struct machine_set *have = have_;
    const struct machine_set *want = want_;
    bool same = have->n == want->n && have->misshapen == want->misshapen;

    for (size_t i = 0; i < want->n && same; i++) {
        same = (!machine_element_compare(&have->items[i], &want->items[i])
                && element_is_satisfied(&have->items[i], &want->items[i]));
    }
    return same;
}

static void
set_format(const void *set, struct ds *s)
{
    char buf[MACHINE_NAME_LEN];

    ds_put_cstr(s, machine_set_name(set, buf));
}

static void
set_describe(const void *set_, struct machine_text *text)
{
    const struct machine_set *set = set_;
    bool is_map = set->type->data != MACHINE_NOTHING;
    struct svec *elements = machine_text_put_list(text, "elements",
                                                  is_map ? "{}" : "[]");

    if (set->misshapen) {
        svec_add(elements, is_map ? "\"?\"=\"?\"" : "\"?\"");
    }
    for (size_t i = 0; i < set->n; i++) {
        const struct machine_element *e = &set->items[i];
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_char(&s, '"');
        if (e->flags & MACHINE_ELEMENT_CATCHALL) {
            ds_put_char(&s, '*');
        } else {
            machine_value_format(set->type->key, &e->key, &s);
        }
        if (is_map) {
            ds_put_cstr(&s, "\"=\"");
            if (e->flags & MACHINE_ELEMENT_ODD) {
                ds_put_char(&s, '?');
            } else {
                machine_value_format(set->type->data, &e->data, &s);
            }
        }
        ds_put_char(&s, '"');
        svec_add_nocopy(elements, ds_steal_cstr(&s));
    }
}

static void
set_destroy(void *set)
{
    machine_set_destroy(set);
}

const struct machine_class machine_class_nft_map = {
    .name = "nft-map", .size = sizeof(struct machine_set),
    .compare = set_compare, .is_satisfied = set_is_satisfied,
    .format = set_format, .describe = set_describe, .destroy = set_destroy,
};

/* Connections that are not there. */

void
machine_leftovers_init(struct machine_set *set)
{
    static const struct machine_set_type type = {
        .name = "leftovers", .key = MACHINE_PAIR,
    };

    *set = (struct machine_set) {
        .object.class = &machine_class_conntrack, .type = &type,
    };
}

static void
leftovers_format(const void *set OVS_UNUSED, struct ds *s)
{
    ds_put_cstr(s, "leftovers");
}

static void
leftovers_describe(const void *set_, struct machine_text *text)
{
    struct svec *behind = machine_text_put_list(text, "behind", "{}");
    const struct machine_set *set = set_;

    for (size_t i = 0; i < set->n; ) {
        const struct machine_value *first = &set->items[i++].key;
        struct ds s = DS_EMPTY_INITIALIZER;
        char buf[IP_STRLEN];

        ds_put_format(&s, "\"%s\"=\"", ip_format(&first->ip, buf));
        for (; i < set->n && !ip_compare(&set->items[i].key.ip, &first->ip);
             i++) {
            ds_put_format(&s, "%s ", ip_format(&set->items[i].key.other, buf));
        }
        ds_chomp(&s, ' ');
        ds_put_char(&s, '"');
        svec_add_nocopy(behind, ds_steal_cstr(&s));
    }
}

const struct machine_class machine_class_conntrack = {
    .name = "conntrack", .size = sizeof(struct machine_set),
    .compare = set_compare, .format = leftovers_format,
    .describe = leftovers_describe, .destroy = set_destroy,
};
