/* SPDX-License-Identifier: Apache-2.0 */

/* What came of the announcements, from what the nodes report.  See
 * announce.h. */

#include <config.h>

#include "plan/decide/announce.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/decide.h"
#include "util.h"

/* So many sessions are named in a message. */
#define MAX_NAMED 8

const char *
announce_find_trouble(const struct announce_session *session,
                      const char **reason)
{
    const struct plan_prior_work *prior = session->prior;

    if (prior && *prior->error) {
        *reason = "NodeError";
        return prior->error;
    } else if (!prior || !*prior->acked) {
        *reason = "NotAcknowledged";
        return "waiting for the node";
    } else if (strcmp(prior->session, ANNOUNCE_ESTABLISHED)) {
        *reason = "SessionDown";
        return *prior->session ? prior->session : "the session is not known";
    }
    return NULL;
}

/* The same of 'prefix' in 'session'. */
static const char *
item_trouble(const struct announce_item *item, const char **reason)
{
    const struct announce_session *session = item->session;
    const char *trouble = announce_find_trouble(session, reason);

    if (trouble || sset_contains(&session->prior->advertised, item->prefix)) {
        return trouble;
    } else if (!session->acked) {
        *reason = "NotAcknowledged";
        return "waiting for the node";
    }
    *reason = "NotAdvertised";
    return "FRR does not advertise it";
}

const char *
announce_describe(const struct view_service *service, struct ds *s)
{
    const struct view_announced *as = &service->announced;
    struct sset good = SSET_INITIALIZER(&good);
    const char *result = NULL;
    const char *reason;
    size_t n_named = 0;

    for (size_t i = 0; i < as->n; i++) {
        if (!item_trouble(&as->items[i], &reason)) {
            sset_add(&good, as->items[i].prefix);
        }
    }
    for (size_t i = 0; i < as->n; i++) {
        const struct announce_item *item = &as->items[i];
        const char *trouble = item_trouble(item, &reason);

        if (trouble && !result && !sset_contains(&good, item->prefix)) {
            result = reason;
        }
        if (n_named++ < MAX_NAMED) {
            ds_put_format(s, "%s%s to %s (%s)%s%s", i ? ", " : "",
                          item->prefix, item->session->peer->name,
                          item->session->node->name,
                          trouble ? ": " : "", trouble ? trouble : "");
        }
    }
    if (n_named > MAX_NAMED) {
        ds_put_format(s, " and %"PRIuSIZE" more", n_named - MAX_NAMED);
    }
    if (!result && (!as->n || as->n_missing)) {
        result = as->why.reason ? as->why.reason : "NotActive";
        ds_put_format(s, "%s%s", s->length ? "; " : "",
                      as->why.message ? as->why.message
                      : "no node may announce it yet");
    }
    sset_destroy(&good);
    return result;
}
