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

/* Returns what the claims to 'p' amount to, as the column has it.  The caller
 * frees it. */
static char *
format_attributes(const struct view *v, const struct announce_prefix *p)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct announce_attributes a;

    announce_get_attributes(v, p, &a);
    const char **communities = sset_sort(&a.communities);
    for (size_t i = 0; i < sset_count(&a.communities); i++) {
        ds_put_format(&s, "%s ", communities[i]);
    }
    if (a.local_pref >= 0) {
        ds_put_format(&s, "local-pref=%"PRId64" ", a.local_pref);
    }
    if (a.med >= 0) {
        ds_put_format(&s, "med=%"PRId64" ", a.med);
    }
    if (a.prepends >= 0) {
        ds_put_format(&s, "prepend=%d ", a.prepends);
    }
    ds_chomp(&s, ' ');
    free(communities);
    announce_attributes_destroy(&a);
    return ds_steal_cstr(&s);
}

static void
set_announcements(const struct view *v, struct plan_row *row,
                  const struct announce_session *session)
{
    struct smap map = SMAP_INITIALIZER(&map);
    const struct announce_prefix *p;

    HMAP_FOR_EACH (p, hmap_node, &session->prefixes) {
        char text[IP_STRLEN];

        smap_add_nocopy(&map, xstrdup(ip_prefix_format(&p->prefix, text)),
                        format_attributes(v, p));
    }
    plan_row_set_map(row, "announcements", &map);
    smap_destroy(&map);
}

/* What the rows of a peer have in common. */
struct peer_text {
    char *manifest, *bfd;       /* NULL until somebody asks. */
};

/* Writes the row of 'session', if it has one, and finds out whether the node
 * has loaded it. */
static void
write_session(const struct view *v, struct announce_session *session,
              struct peer_text *text)
{
    const struct announce_peer *p = session->peer;

    announce_clean(session);
    if (!session->obstacle) {
        if (!text->manifest) {
            text->manifest = lean_manifest(p->obj);
            text->bfd = p->bfd ? lean_manifest(p->bfd) : xstrdup("");
        }

        struct plan_row *row = plan_rows_add(&v->plan->work, "Node_Peer",
                                             session->key);
        plan_row_set_string(row, "node", session->node->name);
        plan_row_set_string(row, "peer", p->key);
        plan_row_set_string(row, "manifest", text->manifest);
        plan_row_set_string(row, "bfd", text->bfd);
        plan_row_set_string(row, "bfd_name", p->bfd ? p->bfd->name : "");
        plan_row_set_string(row, "password", announce_get_password(session));
        set_announcements(v, row, session);

        char *revision = plan_row_revision(row, NULL);
        plan_row_set_string(row, "revision", revision);
        session->acked = (session->prior && !*session->prior->error
                          && !strcmp(session->prior->acked, revision));
        plan_row_add_origin(row, intent_object_id(p->obj));
        free(revision);
    }
    ledger_renew_rows(v, &session->rows);
    announce_note_state(session, &v->announce->stale);
}

void
peer_write(const struct view *v)
{
    for (size_t i = 0; v->announce && i < v->announce->n_peers; i++) {
        const struct announce_peer *p = &v->announce->peers[i];
        struct peer_text text = { NULL, NULL };

        for (size_t j = 0; j < p->n_sessions; j++) {
            if (p->sessions[j]->touched) {
                write_session(v, p->sessions[j], &text);
            }
        }
        free(text.manifest);
        free(text.bfd);
    }
}
