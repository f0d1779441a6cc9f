/* SPDX-License-Identifier: Apache-2.0 */

/* Address sets in NB: their names, and how a large one is split.
 *
 * A change of one member costs an ovn-controller time in proportion to the
 * set, so one that grows is split by a hash of the member, into a power of two
 * of sets.  Splitting makes and removes policies, which northd answers with a
 * full recompute, so what is split stays so until it is much smaller. */

#include <config.h>

#include "plan/emit/emit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plan/rows/set-name.h"
#include "util.h"

/* More sets than this do not make a change cheaper. */
#define MAX_SHARDS 1024

/* True if our NB has part 'shard' of set 'name'. */
static bool
is_there(const struct view *v, const char *name, unsigned int shard)
{
    char *part = xasprintf("%s_%u", name, shard);
    bool found = shash_find(&v->prior->sets, part) != NULL;

    free(part);
    return found;
}

/* Returns into how many sets to split 'name' with 'n' members. */
static unsigned int
count_shards(const struct view *v, const char *name, size_t n)
{
    size_t size = v->options->set_size;
    unsigned int shards = 1;

    if (is_there(v, name, 0)) {
        for (shards = 2; shards < MAX_SHARDS && is_there(v, name, shards);) {
            shards *= 2;
        }
    }
    while (shards < MAX_SHARDS && n > size * shards) {
        shards *= 2;
    }
    while (shards > 1 && n * 8 < size * shards) {
        shards /= 2;
    }
    return shards;
}

/* Writes 'members', addresses of one family as text, as address set 'name'.
 * 'node', to which they are steered, may be NULL. */
void
sets_write_one(const struct view *v, const char *name,
               const struct svec *members, const char *node,
               const char *origin)
{
    struct plan_row *row = plan_rows_add(&v->plan->nb, "Address_Set", name);
    struct smap ids = SMAP_INITIALIZER(&ids);

    smap_add(&ids, "owner", "ovn-egress");
    smap_add(&ids, "key", name);
    if (node) {
        smap_add(&ids, "node", node);
    }
    plan_row_set_string(row, "name", name);
    plan_row_set_strings(row, "addresses", members);
    plan_row_set_map(row, "external_ids", &ids);
    if (*origin) {
        plan_row_add_origin(row, origin);
    }
    smap_destroy(&ids);
}

/* As sets_write_one(), but writes several sets if the members are many, and
 * adds their names to 'names'. */
void
sets_write(const struct view *v, const char *name,
           const struct svec *members, const char *node, const char *origin,
           struct svec *names)
{
    unsigned int n = count_shards(v, name, members->n);

    if (n == 1) {
        sets_write_one(v, name, members, node, origin);
        svec_add(names, name);
        return;
    }

    struct svec *parts = xmalloc(n * sizeof *parts);
    for (unsigned int i = 0; i < n; i++) {
        svec_init(&parts[i]);
    }
    for (size_t i = 0; i < members->n; i++) {
        const char *member = members->names[i];
        svec_add(&parts[set_name_hash(member) & (n - 1)], member);
    }
    for (unsigned int i = 0; i < n; i++) {
        char *part = xasprintf("%s_%u", name, i);
        sets_write_one(v, part, &parts[i], node, origin);
        svec_add_nocopy(names, part);
        svec_destroy(&parts[i]);
    }
    free(parts);
}
