/* SPDX-License-Identifier: Apache-2.0 */

/* The names of address sets in OVN_Northbound.  See set-name.h. */

#include <config.h>

#include "plan/rows/set-name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Names that are for other sets than those of nodes: see plan/emit/zone.c. */
static const char *const reserved[] = {
    "node_ips", "pod_networks", "served", "unhosted"
};

uint32_t
set_name_hash(const char *s)
{
    uint32_t hash = 2166136261u;

    for (; *s; s++) {
        hash = (hash ^ (unsigned char) *s) * 16777619u;
    }
    return hash;
}

char *
set_name(const char *node, enum ip_family family)
{
    char *id = xstrdup(node);
    bool changed = false;

    for (char *p = id; *p; p++) {
        if (!isalnum((unsigned char) *p) && *p != '_') {
            *p = '_';
            changed = true;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
        changed = changed || !strcmp(id, reserved[i]);
    }

    const char *suffix = family == IP_V4 ? "v4" : "v6";
    char *name = (changed
                  ? xasprintf("egress_%s_%08"PRIx32"_%s", id,
                              set_name_hash(node), suffix)
                  : xasprintf("egress_%s_%s", id, suffix));
    free(id);
    return name;
}
