/* SPDX-License-Identifier: Apache-2.0 */

/* An FRR configuration, taken apart.  See frr-config.h. */

#include <config.h>

#include "plan/frr/frr-config.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr.h"
#include "util.h"

/* Blocks are nested no deeper: router, address family, line. */
#define MAX_DEPTH 4

bool
frr_starts_with(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

const char *
frr_last_line(const char *path)
{
    const char *newline = strrchr(path, '\n');

    return newline ? newline + 1 : path;
}

char *
frr_first_line(const char *path)
{
    return xmemdup0(path, strcspn(path, "\n"));
}

char *
frr_neighbor_of(const char *path)
{
    const char *line = frr_last_line(path);

    if (!frr_starts_with(path, FRR_ROUTER)
        || !frr_starts_with(line, "neighbor ")) {
        return NULL;
    }

    const char *name = line + strlen("neighbor ");
    char *router = frr_first_line(path);
    char *neighbor = xasprintf("%s\nneighbor %.*s", router,
                               (int) strcspn(name, " "), name);
    free(router);
    return neighbor;
}

/* Parsing. */

/* FRR writes some communities as words (RFC 1997 and others). */
static const char *
community_number(const char *word)
{
    static const char *const words[][2] = {
        { "internet", "0:0" },
        { "graceful-shutdown", "65535:0" },
        { "accept-own", "65535:1" },
        { "route-filter-translated-v4", "65535:2" },
        { "route-filter-v4", "65535:3" },
        { "route-filter-translated-v6", "65535:4" },
        { "route-filter-v6", "65535:5" },
        { "llgr-stale", "65535:6" },
        { "no-llgr", "65535:7" },
        { "accept-own-nexthop", "65535:8" },
        { "blackhole", "65535:666" },
        { "no-export", "65535:65281" },
        { "no-advertise", "65535:65282" },
        { "local-AS", "65535:65283" },
        { "no-peer", "65535:65284" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (!strcmp(words[i][0], word)) {
            return words[i][1];
        }
    }
    return word;
}

/* Appends 'line' as we write it: prefix-lists without the numbers of their
 * entries, communities as numbers. */
static void
put_normal(const char *line, struct ds *s)
{
    bool list = frr_starts_with(line, "ip prefix-list ")
                || frr_starts_with(line, "ipv6 prefix-list ");
    bool community = frr_starts_with(line, "set community ");

    if (!list && !community) {
        ds_put_cstr(s, line);
        return;
    }

    char *copy = xstrdup(line);
    char *save = NULL;
    const char *space = "";
    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        if (list && !strcmp(word, "seq") && strtok_r(NULL, " ", &save)) {
            continue;
        }
        ds_put_format(s, "%s%s", space,
                      community ? community_number(word) : word);
        space = " ";
    }
    free(copy);
}

/* True if 'line' ends a block, or says nothing. */
static bool
is_filler(const char *line)
{
    return (!*line || *line == '!' || !strcmp(line, "end")
            || frr_starts_with(line, "exit"));
}

/* True if the block alone means nothing. */
static bool
is_mere_context(const char *line)
{
    return (frr_starts_with(line, "address-family ")
            || frr_starts_with(line, "vrf ") || !strcmp(line, "bfd"));
}

/* True if 'line', of a neighbor, is the one that says that it is ours. */
static bool
is_description(const char *line)
{
    const char *name = line + strlen("neighbor ");
    const char *space = name + strcspn(name, " ");

    return *space && !strcmp(space + 1, FRR_OWNER_DESCRIPTION);
}

static void
add_path(struct frr_config *c, const char *path)
{
    const char *line = frr_last_line(path);
    char *neighbor = frr_neighbor_of(path);

    if (!is_mere_context(line) && sset_add(&c->paths, path)) {
        svec_add(&c->order, path);
    }
    if (neighbor && !strcmp(line, FRR_OWNER_LINE)) {
        sset_add_and_free(&c->routers, frr_first_line(path));
    } else if (neighbor && is_description(line)) {
        sset_add(&c->neighbors, neighbor);
    }
    free(neighbor);
}

/* In 'text', a line belongs to the one above that is indented less. */
void
frr_config_init(struct frr_config *c, const char *text)
{
    struct ds path = DS_EMPTY_INITIALIZER;
    size_t ends[MAX_DEPTH] = { 0 };     /* Length of 'path' by depth. */
    char *copy = xstrdup(text);
    char *save = NULL;

    svec_init(&c->order);
    sset_init(&c->paths);
    sset_init(&c->routers);
    sset_init(&c->neighbors);
    for (char *line = strtok_r(copy, "\r\n", &save); line;
         line = strtok_r(NULL, "\r\n", &save)) {
        size_t depth = strspn(line, " ");
        size_t len = strlen(line);

        while (len > depth && line[len - 1] == ' ') {
            line[--len] = '\0';
        }
        if (depth < MAX_DEPTH && !is_filler(line + depth)) {
            ds_truncate(&path, depth ? ends[depth - 1] : 0);
            if (path.length) {
                ds_put_char(&path, '\n');
            }
            put_normal(line + depth, &path);
            for (size_t i = depth; i < MAX_DEPTH; i++) {
                ends[i] = path.length;
            }
            add_path(c, ds_cstr(&path));
        }
    }
    free(copy);
    ds_destroy(&path);
}

void
frr_config_destroy(struct frr_config *c)
{
    svec_destroy(&c->order);
    sset_destroy(&c->paths);
    sset_destroy(&c->routers);
    sset_destroy(&c->neighbors);
}
