/* SPDX-License-Identifier: Apache-2.0 */

/* What ovn-kubernetes has, and what becomes of it, for people: see the
 * header.  Pure text. */

#include <config.h>
#include "utilities/ctl-migrate.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "smap.h"
#include "util.h"

#include "ovsdb/nb-idl.h"
#include "plan/world/view.h"
#include "utilities/ctl-text.h"

/* Returns what happens to the packets of 's'; the caller frees it. */
static char *
format_change(const struct migrate_service *s)
{
    static const char *const texts[] = {
        [MIGRATE_SAME] = "nothing changes",
        [MIGRATE_WAITS] = "wait",
        [MIGRATE_MOVES] = "moves",
        [MIGRATE_LEAVES] = "not steered any more",
    };

    if (!s->n_policies) {
        return xstrdup(!s->here || strcmp(s->there, s->here)
                       ? "another host" : "nothing to do");
    }
    return xasprintf("%s%s%s", texts[s->worst], s->why ? ": " : "",
                     s->why ? s->why : "");
}

static void
format_services(const struct migration *m, struct ds *s)
{
    static const char *const headings[] = {
        "SERVICE", "HOST THERE", "HOST HERE", "POLICIES", "TAKE-OVER", NULL
    };
    const struct shash_node **sorted = shash_sort(&m->services);
    struct text_table t;

    text_table_init_columns(&t, headings);
    for (size_t i = 0; i < shash_count(&m->services); i++) {
        const struct migrate_service *service = sorted[i]->data;

        text_table_add_cell(&t, service->key);
        text_table_add_cell(&t, service->there);
        text_table_add_cell(&t, service->here ? service->here : "");
        text_table_add_cell_nocopy(&t, xasprintf("%"PRIuSIZE,
                                                 service->n_policies));
        text_table_add_cell_nocopy(&t, format_change(service));
    }
    text_table_format(&t, true, 0, s);
    text_table_destroy(&t);
    free(sorted);
}

/* The node labels, which both programs give. */
static void
format_labels(const struct migration *m, struct ds *s)
{
    const struct shash_node **sorted = shash_sort(&m->services);

    for (size_t i = 0; i < shash_count(&m->services); i++) {
        const struct migrate_service *service = sorted[i]->data;
        const char *slash = strchr(service->key, '/');

        if (!service->here || !*service->here || !slash
            || !strcmp(service->here, VIEW_HOST_ALL)) {
            continue;
        }
        char *theirs = xasprintf(VIEW_LABEL_PREFIX"/%.*s-%s",
                                 (int) (slash - service->key), service->key,
                                 slash + 1);
        bool same = !strcmp(theirs, service->label);

        ds_put_cstr(s, "  ");
        text_put(s, theirs);
        ds_put_cstr(s, same ? ": stays on " : ": becomes ");
        text_put(s, same ? service->here : service->label);
        ds_put_char(s, '\n');
        free(theirs);
    }
    free(sorted);
}

static void
format_policies(const struct migration *m, struct ds *s)
{
    for (size_t i = 0; i < m->n_policies; i++) {
        const struct migrate_policy *p = &m->policies[i];

        ds_put_format(s, "  policy %d ", (int) p->row->priority);
        text_put(s, p->row->match);
        ds_put_cstr(s, " to ");
        text_put(s, p->node ? p->node
                 : p->row->n_nexthops ? p->row->nexthops[0] : "nowhere");
        ds_put_cstr(s, p->verdict == MIGRATE_SAME ? ": the same here"
                    : p->verdict == MIGRATE_WAITS ? ": " : ": DIFFERS, ");
        text_put(s, p->why ? p->why : "");
        ds_put_char(s, '\n');
    }
}

static void
format_sets(const struct migration *m, struct ds *s)
{
    for (size_t i = 0; i < m->n_sets; i++) {
        const struct nbrec_address_set *as = m->sets[i];

        ds_put_cstr(s, "  address set ");
        text_put(s, as->name);
        ds_put_format(s, " (egresssvc-served-pods %s): %"PRIuSIZE
                      " addresses are removed; the set stays, because "
                      "policies refer to it\n",
                      smap_get_def(&as->external_ids, "ip-family", ""),
                      as->n_addresses);
    }
    if (m->n_allows) {
        ds_put_format(s, "  policies 102 (%"PRIuSIZE"): stay; they let "
                      "traffic within the cluster pass\n", m->n_allows);
    }
}

void
migration_format_remains(struct ds *s)
{
    ds_put_cstr(s, "\
On each node, ovn-kubernetes leaves these behind.  Remove them there after\n\
the take-over:\n\
  nft flush chain inet ovn-kubernetes egress-services\n\
  nft flush map inet ovn-kubernetes egress-service-snat-v4   (and -v6)\n\
  iptables -t nat -F OVN-KUBE-EGRESS-SVC   (and ip6tables; before 2025)\n\
  ip rule, ip -6 rule: those of priority 5000 without \"proto 69\"\n");
}

void
migration_format(const struct migration *m, struct ds *s)
{
    if (shash_is_empty(&m->services)) {
        ds_put_cstr(s, "ovn-kubernetes has nothing for EgressServices in "
                    "OVN_Northbound\n");
        return;
    }
    format_services(m, s);
    if (m->n_policies) {
        ds_put_cstr(s, "\nOVN_Northbound:\n");
        format_policies(m, s);
        format_sets(m, s);
    }
    ds_put_cstr(s, "\nNode labels:\n");
    format_labels(m, s);
    ds_put_char(s, '\n');
    migration_format_remains(s);
}
