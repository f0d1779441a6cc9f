/* SPDX-License-Identifier: Apache-2.0 */

/* How far OVN has come: see the header. */

#include <config.h>

#include "ovsdb/sb-chassis.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "ovsdb-idl.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/sb-idl.h"
#include "smap.h"
#include "util.h"

/* A chassis of this zone. */
struct chassis {
    char *name;                 /* What people call it. */
    int64_t cfg;
};

struct sb_chassis {
    struct ovsdb_idl *nb, *sb;
    unsigned int nb_seqno, sb_seqno;
    bool connected;

    struct shash by_name;       /* Name and hostname to "struct chassis". */
    struct chassis *chassis;
    size_t n;
    const struct chassis *last; /* The one that is farthest behind. */
};

struct sb_chassis *
sb_chassis_create(struct ovsdb_idl *nb, const char *remote)
{
    struct sb_chassis *c = xzalloc(sizeof *c);

    c->nb = nb;
    ovsdb_idl_add_column(nb, &nbrec_nb_global_col_nb_cfg);
    ovsdb_idl_add_column(nb, &nbrec_nb_global_col_sb_cfg);
    ovsdb_idl_add_column(nb, &nbrec_nb_global_col_hv_cfg);
    c->sb = ovsdb_idl_create(remote, &sbrec_idl_class, true, true);
    ovsdb_idl_set_leader_only(c->sb, false);
    shash_init(&c->by_name);
    return c;
}

static void
clear(struct sb_chassis *c)
{
    shash_clear(&c->by_name);
    for (size_t i = 0; i < c->n; i++) {
        free(c->chassis[i].name);
    }
    free(c->chassis);
    c->chassis = NULL;
    c->n = 0;
    c->last = NULL;
}

void
sb_chassis_destroy(struct sb_chassis *c)
{
    if (c) {
        clear(c);
        shash_destroy(&c->by_name);
        ovsdb_idl_destroy(c->sb);
        free(c);
    }
}

/* Adds 'row', which has come to 'cfg'.  Chassis of other zones
 * (interconnect) answer to their own ovn-northd. */
static void
add(struct sb_chassis *c, const struct sbrec_chassis *row, int64_t cfg)
{
    struct chassis *chassis = &c->chassis[c->n];

    if (smap_get_bool(&row->other_config, "is-remote", false)) {
        return;
    }
    c->n++;
    chassis->name = xstrdup(*row->hostname ? row->hostname : row->name);
    chassis->cfg = cfg;
    shash_add_once(&c->by_name, row->name, chassis);
    shash_add_once(&c->by_name, row->hostname, chassis);
    if (!c->last || cfg < c->last->cfg) {
        c->last = chassis;
    }
}

static void
read_all(struct sb_chassis *c)
{
    const struct sbrec_chassis_private *private;
    const struct sbrec_chassis *row;
    struct shash privates = SHASH_INITIALIZER(&privates);
    size_t n = 0;

    clear(c);
    SBREC_CHASSIS_PRIVATE_FOR_EACH (private, c->sb) {
        shash_add_once(&privates, private->name, private);
    }
    SBREC_CHASSIS_FOR_EACH (row, c->sb) {
        n++;
    }
    c->chassis = xmalloc(n * sizeof *c->chassis);
    SBREC_CHASSIS_FOR_EACH (row, c->sb) {
        private = shash_find_data(&privates, row->name);
        add(c, row, private ? private->nb_cfg : 0);
    }
    shash_destroy(&privates);
}

bool
sb_chassis_run(struct sb_chassis *c)
{
    ovsdb_idl_run(c->sb);

    unsigned int nb_seqno = ovsdb_idl_get_seqno(c->nb);
    unsigned int sb_seqno = ovsdb_idl_get_seqno(c->sb);
    bool connected = (ovsdb_idl_has_ever_connected(c->sb)
                      && ovsdb_idl_is_connected(c->sb));
    bool changed = (nb_seqno != c->nb_seqno || sb_seqno != c->sb_seqno
                    || connected != c->connected);

    if (sb_seqno != c->sb_seqno) {
        read_all(c);
    }
    c->nb_seqno = nb_seqno;
    c->sb_seqno = sb_seqno;
    c->connected = connected;
    return changed;
}

void
sb_chassis_wait(const struct sb_chassis *c)
{
    ovsdb_idl_wait(c->sb);
}

bool
sb_chassis_is_connected(const struct sb_chassis *c)
{
    return c->connected;
}

int64_t
sb_chassis_get_nb_cfg(const struct sb_chassis *c)
{
    const struct nbrec_nb_global *nb = nbrec_nb_global_first(c->nb);

    return nb ? nb->nb_cfg : -1;
}

bool
sb_chassis_increment(const struct sb_chassis *c, struct ovsdb_idl_txn *txn,
                     bool force)
{
    const struct nbrec_nb_global *nb = nbrec_nb_global_first(c->nb);

    if (nb) {
        ovsdb_idl_txn_increment(txn, &nb->header_,
                                &nbrec_nb_global_col_nb_cfg, force);
    }
    return nb != NULL;
}

/* What is newer than the newest question answers another OVN_Northbound, from
 * before a backup was restored. */
static int64_t
sanitize(const struct sb_chassis *c, int64_t cfg)
{
    return cfg <= sb_chassis_get_nb_cfg(c) ? cfg : 0;
}

int64_t
sb_chassis_get_northd_cfg(const struct sb_chassis *c)
{
    const struct nbrec_nb_global *nb = nbrec_nb_global_first(c->nb);
    const struct sbrec_sb_global *sb = sbrec_sb_global_first(c->sb);
    int64_t nb_says = nb ? sanitize(c, nb->sb_cfg) : 0;
    int64_t sb_says = sb && c->connected ? sanitize(c, sb->nb_cfg) : 0;

    return MAX(nb_says, sb_says);
}

int64_t
sb_chassis_get_cfg(const struct sb_chassis *c, const char *node,
                   const char **name)
{
    const struct nbrec_nb_global *nb = nbrec_nb_global_first(c->nb);
    const struct chassis *chassis
        = node ? shash_find_data(&c->by_name, node) : NULL;

    *name = NULL;
    if (!c->connected) {
        return nb ? sanitize(c, nb->hv_cfg) : 0;
    }
    chassis = chassis ? chassis : c->last;
    if (!chassis) {
        return INT64_MAX;
    }
    *name = chassis->name;
    return sanitize(c, chassis->cfg);
}
