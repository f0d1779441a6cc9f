/* SPDX-License-Identifier: Apache-2.0 */

/* Parts of the cells of "get": see the header. */

#include <config.h>
#include "utilities/ctl-cells.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "smap.h"

#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-source.h"
#include "utilities/ctl-columns.h"
#include "utilities/ctl-object.h"

void
cell_put_bool(struct ds *s, bool value)
{
    ds_put_cstr(s, value ? "true" : "false");
}

void
cell_put_member(struct ds *s, const char *text)
{
    ds_put_format(s, "%s%s", s->length ? "," : "", text);
}

void
cell_put_ip(struct ds *s, const struct in6_addr *ip)
{
    char buf[IP_STRLEN];

    if (ip_is_set(ip)) {
        cell_put_member(s, ip_format(ip, buf));
    }
}

void
cell_put_ips(struct ds *s, const struct intent_ips *ips)
{
    for (size_t i = 0; i < ips->n; i++) {
        cell_put_ip(s, &ips->items[i]);
    }
}

void
cell_put_strings(struct ds *s, const struct intent_strings *strings)
{
    for (size_t i = 0; i < strings->n; i++) {
        cell_put_member(s, strings->items[i]);
    }
}

void
cell_put_status(const struct column_source *src, const char *key,
                struct ds *s)
{
    ds_put_cstr(s, smap_get_def(&src->row->status, key, ""));
}

void
cell_put_condition(const struct column_source *src, const char *type,
              struct ds *s)
{
    struct object_condition c;

    if (object_condition_get(src->row, type, &c)) {
        ds_put_cstr(s, c.status);
    }
    object_condition_destroy(&c);
}

void
cell_put_reason(const struct column_source *src, const char *type,
                struct ds *s)
{
    struct object_condition c;

    if (object_condition_get(src->row, type, &c)
        && strcmp(c.status, "True")) {
        ds_put_cstr(s, c.reason);
    }
    object_condition_destroy(&c);
}

void
cell_put_number(struct ds *s, long long int n, long long int none)
{
    if (n != none) {
        ds_put_format(s, "%lld", n);
    }
}

void
cell_generation(const struct column_source *src, struct ds *s)
{
    ds_put_format(s, "%"PRId64, src->row->generation);
}

void
cell_source(const struct column_source *src, struct ds *s)
{
    ds_put_cstr(s, (egress_is_kubernetes(&src->row->external_ids)
                    ? EGRESS_KUBERNETES : "ovn-egressctl"));
}

void
cell_accepted(const struct column_source *src, struct ds *s)
{
    cell_put_condition(src, "Accepted", s);
}
