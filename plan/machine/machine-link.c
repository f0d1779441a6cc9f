/* SPDX-License-Identifier: Apache-2.0 */

/* What belongs to an interface: see machine-link.h. */

#include <config.h>

#include "plan/machine/machine-link.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* VRFs, ports and links. */

struct machine_iface
machine_iface(const struct machine_class *class, const char *name)
{
    struct machine_iface iface = { { .class = class }, .name = "" };

    ovs_strlcpy(iface.name, name, sizeof iface.name);
    return iface;
}

static int
iface_compare(const void *a_, const void *b_)
{
    const struct machine_iface *a = a_;
    const struct machine_iface *b = b_;

    return strcmp(a->name, b->name);
}

static bool
iface_is_satisfied(const void *have_, const void *want_)
{
    const struct machine_iface *have = have_;
    const struct machine_iface *want = want_;

    return (have->table == want->table && !strcmp(have->vrf, want->vrf)
            && have->up == want->up
            && (!want->mtu || have->mtu == want->mtu));
}

static void
iface_format(const void *iface_, struct ds *s)
{
    const struct machine_iface *iface = iface_;

    ds_put_cstr(s, iface->name);
}

static void
vrf_describe(const void *iface_, struct machine_text *text)
{
    const struct machine_iface *iface = iface_;

    machine_text_put(text, "table", "%"PRIu32, iface->table);
}

static void
port_describe(const void *iface_, struct machine_text *text)
{
    const struct machine_iface *iface = iface_;

    machine_text_put_string(text, "vrf", iface->vrf);
}

static void
link_describe(const void *iface_, struct machine_text *text)
{
    const struct machine_iface *iface = iface_;

    if (iface->mtu) {
        machine_text_put(text, "mtu", "%"PRIu32, iface->mtu);
    }
    machine_text_put(text, "up", "%s", iface->up ? "true" : "false");
}

#define IFACE_CLASS(NAME, DESCRIBE) {                                   \
    .name = NAME, .size = sizeof(struct machine_iface),                 \
    .compare = iface_compare, .is_satisfied = iface_is_satisfied,       \
    .format = iface_format, .describe = DESCRIBE                        \
}

const struct machine_class machine_class_vrf
    = IFACE_CLASS("vrf", vrf_describe);
const struct machine_class machine_class_port
    = IFACE_CLASS("port", port_describe);
const struct machine_class machine_class_link
    = IFACE_CLASS("link", link_describe);

/* Addresses. */

struct machine_address
machine_address(const char *link, const struct ip_prefix *prefix)
{
    struct machine_address a = {
        { .class = &machine_class_address }, .prefix = *prefix,
    };

    ovs_strlcpy(a.link, link, sizeof a.link);
    return a;
}

static int
address_compare(const void *a_, const void *b_)
{
    const struct machine_address *a = a_;
    const struct machine_address *b = b_;
    int cmp = strcmp(a->link, b->link);

    return cmp ? cmp : ip_prefix_compare(&a->prefix, &b->prefix);
}

static void
address_format(const void *address_, struct ds *s)
{
    const struct machine_address *a = address_;
    char buf[IP_STRLEN];

    ds_put_format(s, "%s %s", a->link, ip_prefix_format(&a->prefix, buf));
}

const struct machine_class machine_class_address = {
    .name = "address", .size = sizeof(struct machine_address),
    .compare = address_compare, .format = address_format,
};

/* Sysctls. */

struct machine_sysctl
machine_sysctl_of_link(enum ip_family family, const char *link,
                       const char *name, const char *value)
{
    struct machine_sysctl sysctl = {
        { .class = &machine_class_sysctl },
        .path = xasprintf("net/%s/conf/%s/%s", ip_family_name(family), link,
                          name),
        .value = xstrdup(value),
    };

    ovs_strlcpy(sysctl.link, link, sizeof sysctl.link);
    return sysctl;
}

static int
sysctl_compare(const void *a_, const void *b_)
{
    const struct machine_sysctl *a = a_;
    const struct machine_sysctl *b = b_;

    return strcmp(a->path, b->path);
}

static bool
sysctl_is_satisfied(const void *have_, const void *want_)
{
    const struct machine_sysctl *have = have_;
    const struct machine_sysctl *want = want_;

    return !strcmp(have->value, want->value);
}

static void
sysctl_format(const void *sysctl_, struct ds *s)
{
    const struct machine_sysctl *sysctl = sysctl_;

    ds_put_cstr(s, sysctl->path);
}

static void
sysctl_describe(const void *sysctl_, struct machine_text *text)
{
    const struct machine_sysctl *sysctl = sysctl_;

    machine_text_put_string(text, "value", sysctl->value);
}

static void
sysctl_destroy(void *sysctl_)
{
    struct machine_sysctl *sysctl = sysctl_;

    free(sysctl->path);
    free(sysctl->value);
}

const struct machine_class machine_class_sysctl = {
    .name = "sysctl", .size = sizeof(struct machine_sysctl),
    .compare = sysctl_compare, .is_satisfied = sysctl_is_satisfied,
    .format = sysctl_format, .describe = sysctl_describe,
    .destroy = sysctl_destroy,
};
