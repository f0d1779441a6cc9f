/* SPDX-License-Identifier: Apache-2.0 */

/* How far OVN has come: see the header. */

#include <config.h>

#include "ovsdb/sb-chassis.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "ovsdb-idl.h"
#include "ovsdb/db-session.h"
#include "ovsdb/nb-idl.h"
#include "ovsdb/sb-idl.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* A chassis of this zone. */
struct chassis {
    char *id;                   /* Its name in OVN_Southbound. */
    char *name;                 /* What people call it. */
    int64_t cfg;
    bool former;                /* Of a former database, and not in this one
                                 * yet. */
};

struct sb_chassis {
    struct ovsdb_idl *nb, *sb;
    unsigned int nb_seqno, sb_seqno;
    struct db_session session;  /* Of 'sb'. */
    struct uuid global;         /* The SB_Global of the newest rows, zero if
                                 * ovn-northd has never written any. */

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
free_chassis(struct chassis *chassis, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(chassis[i].id);
        free(chassis[i].name);
    }
    free(chassis);
}

void
sb_chassis_destroy(struct sb_chassis *c)
{
    if (c) {
        free_chassis(c->chassis, c->n);
        shash_destroy(&c->by_name);
        ovsdb_idl_destroy(c->sb);
        free(c);
    }
}

/* Adds the chassis 'id', which people call 'name' and which has come to
 * 'cfg'. */
static void
add(struct sb_chassis *c, const char *id, const char *name, int64_t cfg,
    bool former)
{
    struct chassis *chassis = &c->chassis[c->n++];

    *chassis = (struct chassis) {
        .id = xstrdup(id),
        .name = xstrdup(name),
        .cfg = cfg,
        .former = former,
    };
    shash_add_once(&c->by_name, id, chassis);
    shash_add_once(&c->by_name, name, chassis);
    if (!c->last || cfg < c->last->cfg) {
        c->last = chassis;
    }
}

/* Adds those of the rows that are of this zone: chassis of other zones
 * (interconnect) answer to their own ovn-northd. */
static void
add_rows(struct sb_chassis *c)
{
    const struct sbrec_chassis_private *private;
    const struct sbrec_chassis *row;
    struct shash privates = SHASH_INITIALIZER(&privates);

    SBREC_CHASSIS_PRIVATE_FOR_EACH (private, c->sb) {
        shash_add_once(&privates, private->name, private);
    }
    SBREC_CHASSIS_FOR_EACH (row, c->sb) {
        if (!smap_get_bool(&row->other_config, "is-remote", false)) {
            private = shash_find_data(&privates, row->name);
            add(c, row->name, *row->hostname ? row->hostname : row->name,
                private ? private->nb_cfg : 0, false);
        }
    }
    shash_destroy(&privates);
}

static size_t
count_rows(const struct sb_chassis *c)
{
    const struct sbrec_chassis *row;
    size_t n = 0;

    SBREC_CHASSIS_FOR_EACH (row, c->sb) {
        n++;
    }
    return n;
}

/* Reads all chassis.  One that is deleted is gone; but in another database
 * than before it is only not there yet. */
static void
read_all(struct sb_chassis *c)
{
    const struct sbrec_sb_global *sb = sbrec_sb_global_first(c->sb);
    struct chassis *old = c->chassis;
    size_t n_old = c->n;
    bool other = (sb && !uuid_is_zero(&c->global)
                  && !uuid_equals(&sb->header_.uuid, &c->global));
    bool none = !sb && !uuid_is_zero(&c->global);

    shash_clear(&c->by_name);
    c->chassis = xmalloc((n_old + count_rows(c)) * sizeof *c->chassis);
    c->n = 0;
    c->last = NULL;
    add_rows(c);
    for (size_t i = 0; i < n_old; i++) {
        if ((other || none || old[i].former)
            && !shash_find(&c->by_name, old[i].id)) {
            add(c, old[i].id, old[i].name, 0, true);
        }
    }
    free_chassis(old, n_old);
    c->global = sb ? sb->header_.uuid : c->global;
}

void
sb_chassis_forget(struct sb_chassis *c)
{
    shash_clear(&c->by_name);
    free_chassis(c->chassis, c->n);
    c->chassis = NULL;
    c->n = 0;
    c->last = NULL;
    c->sb_seqno = ovsdb_idl_get_seqno(c->sb) - 1;
}

bool
sb_chassis_run(struct sb_chassis *c)
{
    bool was_current = c->session.current;

    ovsdb_idl_run(c->sb);

    unsigned int nb_seqno = ovsdb_idl_get_seqno(c->nb);
    unsigned int sb_seqno = ovsdb_idl_get_seqno(c->sb);
    bool current = db_session_run(&c->session, c->sb);
    bool changed = (nb_seqno != c->nb_seqno || sb_seqno != c->sb_seqno
                    || current != was_current);

    if (sb_seqno != c->sb_seqno) {
        read_all(c);
    }
    c->nb_seqno = nb_seqno;
    c->sb_seqno = sb_seqno;
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
    return c->session.current;
}

bool
sb_chassis_is_silent(const struct sb_chassis *c)
{
    return !c->session.current && ovsdb_idl_has_ever_connected(c->sb);
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

/* True if NB_Global says how far OVN has come, for want of better. */
static bool
asks_nb(const struct sb_chassis *c)
{
    return !ovsdb_idl_has_ever_connected(c->sb);
}

int64_t
sb_chassis_get_northd_cfg(const struct sb_chassis *c)
{
    const struct nbrec_nb_global *nb = nbrec_nb_global_first(c->nb);
    const struct sbrec_sb_global *sb = sbrec_sb_global_first(c->sb);

    if (asks_nb(c)) {
        return nb ? sanitize(c, nb->sb_cfg) : 0;
    }
    return sb && c->session.current ? sanitize(c, sb->nb_cfg) : 0;
}

int64_t
sb_chassis_get_cfg(const struct sb_chassis *c, const char *node,
                   const char **name)
{
    const struct nbrec_nb_global *nb = nbrec_nb_global_first(c->nb);
    const struct chassis *chassis
        = node ? shash_find_data(&c->by_name, node) : NULL;

    *name = NULL;
    if (asks_nb(c)) {
        return nb ? sanitize(c, nb->hv_cfg) : 0;
    } else if (!c->session.current || !sbrec_sb_global_first(c->sb)) {
        return 0;
    }
    chassis = chassis ? chassis : c->last;
    if (!chassis) {
        return INT64_MAX;
    }
    *name = chassis->name;
    return sanitize(c, chassis->cfg);
}
