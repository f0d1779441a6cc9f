/* SPDX-License-Identifier: Apache-2.0 */

/* From one FRR configuration to another.  See frr-diff.h.
 *
 * Order does not matter to what we write, but for that of the commands. */

#include <config.h>

#include "plan/frr/frr-diff.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr-command.h"
#include "plan/frr/frr-config.h"
#include "plan/frr/frr-rank.h"
#include "plan/frr/frr.h"
#include "smap.h"
#include "util.h"

/* Whose is it? */

struct owners {
    const struct frr_config *running, *wanted;
    struct sset strangers;      /* Neighbors of others in routers of ours. */
    struct sset held;           /* First lines of these routers. */
    struct smap *conflicts;
};

/* Finds the neighbors of others in routers of ours.  One of which nothing is
 * known but what is wanted is ours: we did not come to its description. */
static void
find_strangers(struct owners *o)
{
    const struct frr_config *running = o->running;

    for (size_t i = 0; i < running->order.n; i++) {
        const char *path = running->order.names[i];
        char *neighbor = frr_neighbor_of(path);
        char *router = frr_first_line(path);

        if (neighbor && sset_contains(&running->routers, router)
            && strcmp(frr_last_line(path), FRR_OWNER_LINE)
            && !sset_contains(&running->neighbors, neighbor)
            && !sset_contains(&o->wanted->paths, path)) {
            sset_add(&o->strangers, neighbor);
            sset_add(&o->held, router);
        }
        free(router);
        free(neighbor);
    }
}

/* True if the running 'path', in a router of ours, is ours. */
static bool
is_ours_in_router(const struct owners *o, const char *path, const char *router)
{
    const char *line = frr_last_line(path);
    char *neighbor = frr_neighbor_of(path);
    bool ours;

    if (line == path || !strcmp(line, FRR_OWNER_LINE)) {
        ours = !sset_contains(&o->held, router);
    } else if (neighbor) {
        ours = !sset_contains(&o->strangers, neighbor);
    } else {
        ours = (frr_starts_with(line, "network ")
                || frr_starts_with(line, "bgp router-id "));
    }
    free(neighbor);
    return ours;
}

/* True if the running 'path' is ours. */
static bool
is_ours(const struct owners *o, const char *path)
{
    if (frr_starts_with(path, FRR_ROUTER)) {
        char *router = frr_first_line(path);
        bool ours = (sset_contains(&o->running->routers, router)
                     && is_ours_in_router(o, path, router));
        free(router);
        return ours;
    }
    return (frr_starts_with(path, "route-map "FRR_PREFIX)
            || frr_starts_with(path, "ip prefix-list "FRR_PREFIX)
            || frr_starts_with(path, "ipv6 prefix-list "FRR_PREFIX)
            || frr_starts_with(path, "bfd\nprofile "FRR_PREFIX));
}

/* Returns the VRF of 'router', the first line of a "router bgp". */
static const char *
router_vrf(const char *router)
{
    const char *vrf = strstr(router, " vrf ");

    return vrf ? vrf + 5 : "";
}

char *
frr_conflict_key(const char *vrf, const char *name)
{
    return xasprintf("%s %s", vrf, name);
}

const char *
frr_find_conflict(const struct smap *conflicts, const char *vrf,
                  const char *name)
{
    char *key = frr_conflict_key(vrf, name);
    const char *router = smap_get(conflicts, vrf);
    const char *neighbor = smap_get(conflicts, key);

    free(key);
    return router ? router : neighbor;
}

/* Finds the routers where 'wanted' has one, and that cannot become it. */
static void
find_router_conflicts(struct owners *o)
{
    for (size_t i = 0; i < o->running->order.n; i++) {
        const char *path = o->running->order.names[i];
        const char *router;

        if (!frr_starts_with(path, FRR_ROUTER) || strchr(path, '\n')
            || strstr(path, " view ")
            || (sset_contains(&o->running->routers, path)
                && (!sset_contains(&o->held, path)
                    || sset_contains(&o->wanted->routers, path)))) {
            continue;
        }
        SSET_FOR_EACH (router, &o->wanted->routers) {
            if (!strcmp(router_vrf(router), router_vrf(path))) {
                smap_replace(o->conflicts, router_vrf(path), path);
            }
        }
    }
}

/* Finds the neighbors of others where 'wanted' has one. */
static void
find_neighbor_conflicts(struct owners *o)
{
    for (size_t i = 0; i < o->running->order.n; i++) {
        const char *path = o->running->order.names[i];
        char *neighbor = frr_neighbor_of(path);

        if (neighbor && sset_contains(&o->strangers, neighbor)
            && sset_contains(&o->wanted->neighbors, neighbor)) {
            const char *name = frr_last_line(neighbor) + strlen("neighbor ");
            char *router = frr_first_line(path);
            char *key = frr_conflict_key(router_vrf(router), name);

            smap_add_once(o->conflicts, key, frr_last_line(path));
            free(key);
            free(router);
        }
        free(neighbor);
    }
}

/* True if 'path' is of a router or neighbor that has a conflict. */
static bool
is_blocked(const struct owners *o, const char *path)
{
    if (!frr_starts_with(path, FRR_ROUTER)) {
        return false;
    }

    char *router = frr_first_line(path);
    char *neighbor = frr_neighbor_of(path);
    bool blocked = (smap_get(o->conflicts, router_vrf(router))
                    || (neighbor && sset_contains(&o->strangers, neighbor)));
    free(neighbor);
    free(router);
    return blocked;
}

static void
owners_init(struct owners *o, const struct frr_config *running,
            const struct frr_config *wanted, struct smap *conflicts)
{
    *o = (struct owners) {
        .running = running,
        .wanted = wanted,
        .strangers = SSET_INITIALIZER(&o->strangers),
        .held = SSET_INITIALIZER(&o->held),
        .conflicts = conflicts,
    };
    find_strangers(o);
    find_router_conflicts(o);
    find_neighbor_conflicts(o);
}

static void
owners_destroy(struct owners *o)
{
    sset_destroy(&o->strangers);
    sset_destroy(&o->held);
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

        if (!l_len || ((p_len != 1 || *p != '*')
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
        "set community", "set large-community", "set metric",
        "set as-path prepend", "set as-path exclude", "network *",
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
    const char *line = frr_last_line(path);
    size_t len = slot_length(line);

    return len ? xmemdup0(path, line - path + len) : NULL;
}

/* True if 'path' is the line that makes a neighbor of a router. */
static bool
is_remote_as(const char *path)
{
    const char *line = frr_last_line(path);

    return (frr_starts_with(path, FRR_ROUTER)
            && (match_words(line, "neighbor * remote-as")
                || match_words(line, "neighbor * interface remote-as")));
}

/* The lines that go and those that come. */
struct change {
    struct svec removed, added;
    struct sset blocks;         /* Blocks and neighbors (see frr_neighbor_of())
                                 * that go as a whole. */
    struct sset slots;          /* Taken by 'added'. */
};

static void
change_init(struct change *c, const struct owners *o)
{
    const struct frr_config *running = o->running;
    const struct frr_config *wanted = o->wanted;

    svec_init(&c->removed);
    svec_init(&c->added);
    sset_init(&c->blocks);
    sset_init(&c->slots);
    for (size_t i = 0; i < wanted->order.n; i++) {
        const char *path = wanted->order.names[i];
        char *slot = slot_of(path);

        if (!sset_contains(&running->paths, path)
            && !is_blocked(o, path)) {
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

        if (is_ours(o, path) && !sset_contains(&wanted->paths, path)
            && !(slot && sset_contains(&c->slots, slot))) {
            svec_add(&c->removed, path);
            sset_add(&c->blocks, path);
            if (is_remote_as(path)) {
                sset_add_and_free(&c->blocks, frr_neighbor_of(path));
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

/* What goes first: announcements, their sessions, and what these refer to.
 * What the policy or a network refers to goes when all that comes is there. */
enum { RANK_NETWORK, RANK_ROUTER, RANK_MAP, N_FIRST, RANK_MED = N_FIRST,
       RANK_LIST, RANK_BFD, N_RANKS };

static int
rank_of(const char *path)
{
    return (frr_starts_with(path, FRR_ROUTER)
            ? (frr_starts_with(frr_last_line(path), "network ") ? RANK_NETWORK
               : RANK_ROUTER)
            : frr_starts_with(path, "route-map " FRR_RANK_MAP) ? RANK_MED
            : frr_starts_with(path, "route-map ") ? RANK_MAP
            : frr_starts_with(path, "bfd\n") ? RANK_BFD : RANK_LIST);
}

/* True if the line of 'path' begins a block. */
static bool
is_block(const char *path)
{
    const char *line = frr_last_line(path);

    return (line == path ? frr_starts_with(path, FRR_ROUTER)
                           || frr_starts_with(path, "route-map ")
            : frr_starts_with(path, "bfd\n")
              && frr_starts_with(line, "profile "));
}

/* Adds the line of 'path', with 'word' before it. */
static void
put_command(struct frr_commands *commands, const char *path, const char *word)
{
    frr_commands_add(commands, path, xasprintf("%s%s", word,
                                               frr_last_line(path)),
                     !*word && is_block(path));
}

/* Adds what makes the line of 'path' go.  Numbers of a BFD profile have no
 * "no": they get their defaults. */
static void
put_removal(struct frr_commands *commands, const char *path)
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
    const char *line = frr_last_line(path);

    for (size_t i = 0; i < ARRAY_SIZE(defaults)
         && rank_of(path) == RANK_BFD; i++) {
        if (match_words(line, defaults[i].key)) {
            frr_commands_add(commands, path,
                             xasprintf("%s %d", defaults[i].key,
                                       defaults[i].value), false);
            return;
        }
    }
    put_command(commands, path, "no ");
}

static void
put_removals(struct frr_commands *commands, struct change *c, int rank)
{
    for (size_t i = c->removed.n; i-- > 0; ) {
        const char *path = c->removed.names[i];

        if (rank_of(path) != rank || goes_along(c, path)) {
            continue;
        }

        char *neighbor = frr_neighbor_of(path);
        if (!neighbor || !sset_contains(&c->blocks, neighbor)) {
            put_removal(commands, path);
        } else if (is_remote_as(path)) {
            put_command(commands, neighbor, "no ");
        }
        free(neighbor);
    }
}

void
frr_diff(const char *running_text, const char *wanted_text,
         struct frr_commands *commands, struct smap *conflicts)
{
    struct frr_config running, wanted;
    struct owners o;
    struct change c;

    frr_config_init(&running, running_text);
    frr_config_init(&wanted, wanted_text);
    owners_init(&o, &running, &wanted, conflicts);
    change_init(&c, &o);
    for (int rank = 0; rank < N_FIRST; rank++) {
        put_removals(commands, &c, rank);
    }
    for (size_t i = 0; i < c.added.n; i++) {
        put_command(commands, c.added.names[i], "");
    }
    for (int rank = N_FIRST; rank < N_RANKS; rank++) {
        put_removals(commands, &c, rank);
    }
    change_destroy(&c);
    owners_destroy(&o);
    frr_config_destroy(&running);
    frr_config_destroy(&wanted);
}
