/* SPDX-License-Identifier: Apache-2.0 */

/* From one FRR configuration to another.  See frr-diff.h.
 *
 * A configuration is a set of paths: a line after the lines of the blocks that
 * it is in, with a line feed between them.  Order does not matter to what we
 * write, but for that of the commands. */

#include <config.h>

#include "plan/frr-diff.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr.h"
#include "smap.h"
#include "sset.h"
#include "svec.h"
#include "util.h"

/* Blocks are nested no deeper: router, address family, line. */
#define MAX_DEPTH 4

#define ROUTER "router bgp "

/* A configuration. */
struct config {
    struct svec order;          /* Paths as they came. */
    struct sset paths;
    struct sset routers;        /* First lines of "router bgp" of ours. */
};

static bool
starts_with(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

/* Returns the last line of 'path'. */
static const char *
last_line(const char *path)
{
    const char *newline = strrchr(path, '\n');

    return newline ? newline + 1 : path;
}

/* Returns the first line of 'path'.  The caller frees it. */
static char *
first_line(const char *path)
{
    return xmemdup0(path, strcspn(path, "\n"));
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
    bool list = starts_with(line, "ip prefix-list ")
                || starts_with(line, "ipv6 prefix-list ");
    bool community = starts_with(line, "set community ");

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
            || starts_with(line, "exit"));
}

/* True if the block alone means nothing. */
static bool
is_mere_context(const char *line)
{
    return starts_with(line, "address-family ") || !strcmp(line, "bfd");
}

static void
add_path(struct config *c, const char *path)
{
    const char *line = last_line(path);

    if (!is_mere_context(line) && sset_add(&c->paths, path)) {
        svec_add(&c->order, path);
    }
    if (starts_with(path, ROUTER) && !strcmp(line, FRR_OWNER_LINE)) {
        sset_add_and_free(&c->routers, first_line(path));
    }
}

/* Reads 'text', in which a line belongs to the one above that is indented
 * less. */
static void
config_init(struct config *c, const char *text)
{
    struct ds path = DS_EMPTY_INITIALIZER;
    size_t ends[MAX_DEPTH] = { 0 };     /* Length of 'path' by depth. */
    char *copy = xstrdup(text);
    char *save = NULL;

    svec_init(&c->order);
    sset_init(&c->paths);
    sset_init(&c->routers);
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

static void
config_destroy(struct config *c)
{
    svec_destroy(&c->order);
    sset_destroy(&c->paths);
    sset_destroy(&c->routers);
}

/* Whose is it? */

/* True if the running 'path' is ours. */
static bool
is_ours(const struct config *running, const char *path)
{
    if (starts_with(path, ROUTER)) {
        const char *line = last_line(path);
        char *router = first_line(path);
        bool ours = (sset_contains(&running->routers, router)
                     && (line == path
                         || starts_with(line, "neighbor ")
                         || starts_with(line, "network ")
                         || starts_with(line, "bgp router-id ")));
        free(router);
        return ours;
    }
    return (starts_with(path, "route-map "FRR_PREFIX)
            || starts_with(path, "ip prefix-list "FRR_PREFIX)
            || starts_with(path, "ipv6 prefix-list "FRR_PREFIX)
            || starts_with(path, "bfd\nprofile "FRR_PREFIX));
}

/* Returns the VRF of 'router', the first line of a "router bgp". */
static const char *
router_vrf(const char *router)
{
    const char *vrf = strstr(router, " vrf ");

    return vrf ? vrf + 5 : "";
}

/* Finds the routers of others where 'wanted' has one. */
static void
find_conflicts(const struct config *running, const struct config *wanted,
               struct smap *conflicts)
{
    for (size_t i = 0; i < running->order.n; i++) {
        const char *path = running->order.names[i];
        const char *router;

        if (!starts_with(path, ROUTER) || strchr(path, '\n')
            || strstr(path, " view ")
            || sset_contains(&running->routers, path)) {
            continue;
        }
        SSET_FOR_EACH (router, &wanted->routers) {
            if (!strcmp(router_vrf(router), router_vrf(path))) {
                smap_replace(conflicts, router_vrf(path), path);
            }
        }
    }
}

/* True if 'path' is of a router that has a conflict. */
static bool
is_blocked(const char *path, const struct smap *conflicts)
{
    if (!starts_with(path, ROUTER)) {
        return false;
    }

    char *router = first_line(path);
    bool blocked = smap_get(conflicts, router_vrf(router)) != NULL;
    free(router);
    return blocked;
}

/* Removing. */

/* If the first words of 'line' match those of 'pattern', where "*" is any
 * word, returns how long they are, otherwise 0. */
static size_t
match_words(const char *line, const char *pattern)
{
    const char *l = line;

    for (const char *p = pattern; *p; ) {
        size_t l_len = strcspn(l, " ");
        size_t p_len = strcspn(p, " ");

        if (!l_len || (strncmp(p, "* ", 2)
                       && (l_len != p_len || strncmp(l, p, p_len)))) {
            return 0;
        }
        l += l_len;
        p += p_len;
        if (*p) {
            l += strspn(l, " ");
            p += strspn(p, " ");
        }
    }
    return l - line;
}

/* Returns how much of the beginning of 'line' a line must have to take its
 * place, or 0 if none can. */
static size_t
slot_length(const char *line)
{
    static const char *const slots[] = {
        "neighbor * remote-as", "neighbor * interface remote-as",
        "neighbor * timers connect", "neighbor * timers",
        "neighbor * local-as", "neighbor * password", "neighbor * port",
        "neighbor * update-source", "neighbor * bfd profile",
        "bgp router-id", "receive-interval", "transmit-interval",
        "detect-multiplier", "minimum-ttl", "echo transmit-interval",
        "echo receive-interval", "match ip address prefix-list",
        "match ipv6 address prefix-list", "set local-preference",
        "set community", "set large-community",
    };

    for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
        size_t len = match_words(line, slots[i]);

        if (len) {
            return len;
        }
    }
    return 0;
}

/* Returns what a path that takes the place of 'path' begins with, or NULL if
 * there is no such path.  The caller frees it. */
static char *
slot_of(const char *path)
{
    const char *line = last_line(path);
    size_t len = slot_length(line);

    return len ? xmemdup0(path, line - path + len) : NULL;
}

/* Returns what tells a neighbor of a router, if 'path' is one of its lines, or
 * NULL.  The caller frees it. */
static char *
neighbor_of(const char *path)
{
    const char *line = last_line(path);

    if (!starts_with(path, ROUTER) || !starts_with(line, "neighbor ")) {
        return NULL;
    }

    const char *name = line + strlen("neighbor ");
    char *router = first_line(path);
    char *neighbor = xasprintf("%s\nneighbor %.*s", router,
                               (int) strcspn(name, " "), name);
    free(router);
    return neighbor;
}

/* True if 'path' is the line that makes a neighbor of a router. */
static bool
is_remote_as(const char *path)
{
    const char *line = last_line(path);

    return (starts_with(path, ROUTER)
            && (match_words(line, "neighbor * remote-as")
                || match_words(line, "neighbor * interface remote-as")));
}

/* The lines that go and those that come. */
struct change {
    struct svec removed, added;
    struct sset blocks;         /* Blocks and neighbors (see neighbor_of())
                                 * that go as a whole. */
    struct sset slots;          /* Taken by 'added'. */
};

static void
change_init(struct change *c, const struct config *running,
            const struct config *wanted, const struct smap *conflicts)
{
    svec_init(&c->removed);
    svec_init(&c->added);
    sset_init(&c->blocks);
    sset_init(&c->slots);
    for (size_t i = 0; i < wanted->order.n; i++) {
        const char *path = wanted->order.names[i];
        char *slot = slot_of(path);

        if (!sset_contains(&running->paths, path)
            && !is_blocked(path, conflicts)) {
            svec_add(&c->added, path);
            if (slot) {
                sset_add(&c->slots, slot);
            }
        }
        free(slot);
    }
    for (size_t i = 0; i < running->order.n; i++) {
        const char *path = running->order.names[i];
        char *slot = slot_of(path);

        if (is_ours(running, path) && !sset_contains(&wanted->paths, path)
            && !(slot && sset_contains(&c->slots, slot))) {
            svec_add(&c->removed, path);
            sset_add(&c->blocks, path);
            if (is_remote_as(path)) {
                sset_add_and_free(&c->blocks, neighbor_of(path));
            }
        }
        free(slot);
    }
}

static void
change_destroy(struct change *c)
{
    svec_destroy(&c->removed);
    svec_destroy(&c->added);
    sset_destroy(&c->blocks);
    sset_destroy(&c->slots);
}

/* True if 'path' goes along with a block that it is in. */
static bool
goes_along(const struct change *c, const char *path)
{
    for (const char *p = strchr(path, '\n'); p; p = strchr(p + 1, '\n')) {
        char *block = xmemdup0(path, p - path);
        bool gone = sset_contains(&c->blocks, block);

        free(block);
        if (gone) {
            return true;
        }
    }
    return false;
}

/* Commands. */

/* What goes first: announcements, their sessions, and only then what these
 * refer to. */
enum { RANK_NETWORK, RANK_ROUTER, RANK_MAP, RANK_LIST, RANK_BFD, N_RANKS };

static int
rank_of(const char *path)
{
    return (starts_with(path, ROUTER)
            ? (starts_with(last_line(path), "network ") ? RANK_NETWORK
               : RANK_ROUTER)
            : starts_with(path, "route-map ") ? RANK_MAP
            : starts_with(path, "bfd\n") ? RANK_BFD : RANK_LIST);
}

/* Where the commands are. */
struct writer {
    struct ds *commands;
    char *block;                /* Path of the block, "" at the top. */
};

/* Goes to the block whose path is the first 'len' bytes of 'path'. */
static void
enter_block(struct writer *w, const char *path, size_t len)
{
    if (strlen(w->block) == len && !strncmp(w->block, path, len)) {
        return;
    }
    for (const char *p = w->block; *p; p += strcspn(p, "\n")) {
        p += *p == '\n';
        ds_put_cstr(w->commands, "exit\n");
    }
    free(w->block);
    w->block = xmemdup0(path, len);
    if (len) {
        ds_put_format(w->commands, "%s\n", w->block);
    }
}

/* True if the line of 'path' begins a block. */
static bool
is_block(const char *path)
{
    const char *line = last_line(path);

    return (line == path ? starts_with(path, ROUTER)
                           || starts_with(path, "route-map ")
            : starts_with(path, "bfd\n") && starts_with(line, "profile "));
}

/* Writes the line of 'path', with 'word' before it. */
static void
put_command(struct writer *w, const char *path, const char *word)
{
    const char *line = last_line(path);

    enter_block(w, path, line > path ? line - path - 1 : 0);
    ds_put_format(w->commands, "%s%s\n", word, line);
    if (!*word && is_block(path)) {
        free(w->block);
        w->block = xstrdup(path);
    }
}

/* Writes what makes the line of 'path' go.  Numbers of a BFD profile have no
 * "no": they get their defaults. */
static void
put_removal(struct writer *w, const char *path)
{
    static const struct {
        const char *key;
        int value;
    } defaults[] = {
        { "receive-interval", FRR_BFD_INTERVAL },
        { "transmit-interval", FRR_BFD_INTERVAL },
        { "detect-multiplier", FRR_BFD_MULTIPLIER },
        { "echo transmit-interval", FRR_BFD_ECHO_INTERVAL },
        { "echo receive-interval", FRR_BFD_ECHO_INTERVAL },
    };
    const char *line = last_line(path);

    for (size_t i = 0; i < ARRAY_SIZE(defaults)
         && rank_of(path) == RANK_BFD; i++) {
        if (match_words(line, defaults[i].key)) {
            enter_block(w, path, line - path - 1);
            ds_put_format(w->commands, "%s %d\n", defaults[i].key,
                          defaults[i].value);
            return;
        }
    }
    put_command(w, path, "no ");
}

static void
put_removals(struct writer *w, struct change *c, int rank)
{
    for (size_t i = c->removed.n; i-- > 0; ) {
        const char *path = c->removed.names[i];

        if (rank_of(path) != rank || goes_along(c, path)) {
            continue;
        }

        char *neighbor = neighbor_of(path);
        if (!neighbor || !sset_contains(&c->blocks, neighbor)) {
            put_removal(w, path);
        } else if (is_remote_as(path)) {
            put_command(w, neighbor, "no ");
        }
        free(neighbor);
    }
}

void
frr_diff(const char *running_text, const char *wanted_text,
         struct ds *commands, struct smap *conflicts)
{
    struct writer w = { commands, xstrdup("") };
    struct config running, wanted;
    struct change c;

    config_init(&running, running_text);
    config_init(&wanted, wanted_text);
    find_conflicts(&running, &wanted, conflicts);
    change_init(&c, &running, &wanted, conflicts);
    for (int rank = 0; rank < N_RANKS; rank++) {
        put_removals(&w, &c, rank);
    }
    for (size_t i = 0; i < c.added.n; i++) {
        put_command(&w, c.added.names[i], "");
    }
    enter_block(&w, "", 0);
    free(w.block);
    change_destroy(&c);
    config_destroy(&running);
    config_destroy(&wanted);
}
