/* SPDX-License-Identifier: Apache-2.0 */

/* How much of what a node writes into OVN_Egress is taken: see the header. */

#include <config.h>

#include "ovsdb/node-bounds.h"

#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"
#include "ovsdb/egress-idl.h"
#include "sset.h"
#include "util.h"

/* True if 'text' has at most 'max' bytes; reads no more than that. */
static bool
fits(const char *text, size_t max)
{
    return strnlen(text, max + 1) <= max;
}

static void
replace(char **s, char *new)
{
    free(*s);
    *s = new;
}

/* The texts of a database are UTF-8, so cutting it between characters keeps it
 * so. */
bool
node_bounds_text(char **s, const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);
    bool all = len <= max;

    if (!all) {
        for (len = max; len && ((unsigned char) text[len] & 0xc0) == 0x80; ) {
            len--;
        }
    }

    char *copy = xmemdup0(text, len);
    for (unsigned char *p = (unsigned char *) copy; *p; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            *p = ' ';
        } else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
            *p++ = ' ';         /* Of the second set of controls. */
            *p = ' ';
        }
    }
    replace(s, copy);
    return all;
}

bool
node_bounds_word(char **s, const char *text)
{
    bool fine = fits(text, NODE_BOUNDS_WORD);

    for (const unsigned char *p = (const unsigned char *) text; fine && *p;
         p++) {
        fine = *p > 0x20 && *p < 0x7f;
    }
    replace(s, xstrdup(fine ? text : ""));
    return fine;
}

static bool
is_address(const char *text)
{
    struct in6_addr ip;
    struct ip_prefix prefix;

    return (fits(text, IP_STRLEN)
            && (ip_addr_parse(text, &ip)
                || ip_prefix_parse(text, &prefix, NULL)));
}

bool
node_bounds_addresses(struct sset *set, char *const *strings, size_t n,
                      size_t max)
{
    bool all = n <= max;

    sset_clear(set);
    for (size_t i = 0; i < n && i < max; i++) {
        if (is_address(strings[i])) {
            sset_add(set, strings[i]);
        } else {
            all = all && fits(strings[i], IP_STRLEN);
        }
    }
    return all;
}

static bool
map_fits(const struct smap *map)
{
    const struct smap_node *node;

    if (smap_count(map) > NODE_BOUNDS_MAP) {
        return false;
    }
    SMAP_FOR_EACH (node, map) {
        if (!fits(node->key, NODE_BOUNDS_WORD)
            || !fits(node->value, NODE_BOUNDS_TEXT)) {
            return false;
        }
    }
    return true;
}

static bool
counters_fit(const struct egressrec_node *row)
{
    bool fine = row->n_counters <= NODE_BOUNDS_MAP;

    for (size_t i = 0; fine && i < row->n_counters; i++) {
        fine = fits(row->key_counters[i], NODE_BOUNDS_WORD);
    }
    return fine;
}

const char *
node_bounds_check(const struct egressrec_node *row)
{
    return (!fits(row->hostname, 2 * NODE_BOUNDS_WORD) ? "hostname"
            : !fits(row->version, NODE_BOUNDS_WORD) ? "version"
            : !map_fits(&row->conditions) ? "conditions"
            : !counters_fit(row) ? "counters" : NULL);
}
