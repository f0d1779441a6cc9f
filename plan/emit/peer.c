/* SPDX-License-Identifier: Apache-2.0 */

/* The rows of Node_Peer: which BGPPeers a node has, and what it announces to
 * them.  Called by plan.c. */

#include <config.h>

#include "plan/emit/emit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/announce.h"
#include "util.h"

/* What a node does not need of a manifest, and would be new work. */
#define DROP_METADATA \
    "\"metadata\":{\"annotations\":null,\"creationTimestamp\":null," \
    "\"generation\":null,\"labels\":null,\"managedFields\":null," \
    "\"resourceVersion\":null,\"uid\":null},\"status\":null"

/* Returns the manifest of 'obj' with no more than a node needs.  The caller
 * frees it. */
static char *
lean_manifest(const struct intent_object *obj)
{
    char *json = intent_json_merge(obj->manifest, "{" DROP_METADATA ","
                                   "\"spec\":{\"password\":null}}");

    return json ? json : xstrdup(obj->manifest);
}

static void
set_announcements(struct plan_row *row, const struct shash *prefixes)
{
    struct smap map = SMAP_INITIALIZER(&map);
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, prefixes) {
        const struct announce_prefix *p = sn->data;
        const char **communities = sset_sort(&p->communities);
        struct ds s = DS_EMPTY_INITIALIZER;

        for (size_t i = 0; i < sset_count(&p->communities); i++) {
            ds_put_format(&s, "%s ", communities[i]);
        }
        if (p->local_pref >= 0) {
            ds_put_format(&s, "local-pref=%"PRId64" ", p->local_pref);
        }
        if (p->med >= 0) {
            ds_put_format(&s, "med=%"PRId64" ", p->med);
        }
        if (p->prepends >= 0) {
            ds_put_format(&s, "prepend=%d ", p->prepends);
        }
        ds_chomp(&s, ' ');
        smap_add(&map, sn->name, ds_cstr(&s));
        ds_destroy(&s);
        free(communities);
    }
    plan_row_set_map(row, "announcements", &map);
    smap_destroy(&map);
}

/* Writes the rows of 'p', a node each. */
static void
write_peer(struct view *v, const struct announce_peer *p)
{
    char *manifest = lean_manifest(p->obj);
    char *bfd = p->bfd ? lean_manifest(p->bfd) : xstrdup("");

    for (size_t i = 0; i < p->n_sessions; i++) {
        struct announce_session *session = p->sessions[i];

        if (session->obstacle) {
            continue;
        }

        char *key = xasprintf("%s %s", session->node->name, p->key);
        struct plan_row *row = plan_rows_add(&v->plan->work, "Node_Peer", key);
        plan_row_set_string(row, "node", session->node->name);
        plan_row_set_string(row, "peer", p->key);
        plan_row_set_string(row, "manifest", manifest);
        plan_row_set_string(row, "bfd", bfd);
        plan_row_set_string(row, "bfd_name", p->bfd ? p->bfd->name : "");
        plan_row_set_string(row, "password", announce_get_password(session));
        set_announcements(row, &session->prefixes);

        char *revision = plan_row_revision(row, NULL);
        plan_row_set_string(row, "revision", revision);
        session->acked = (session->prior && !*session->prior->error
                          && !strcmp(session->prior->acked, revision));
        plan_row_add_origin(row, intent_object_id(p->obj));
        free(revision);
        free(key);
    }
    free(bfd);
    free(manifest);
}

void
peer_write(struct view *v)
{
    size_t n;
    const struct announce_peer *peers = announce_get_peers(v, &n);

    for (size_t i = 0; i < n; i++) {
        write_peer(v, &peers[i]);
    }
}
