/* SPDX-License-Identifier: Apache-2.0 */

/* The kernel as it was: see checkpoint.h.
 *
 * A checkpoint is {"links": {NAME: [UP, MTU, MASTER, INDEX, TABLE]},
 * "objects": {OBJECT: true}}, where TABLE is that of a VRF of ours, or 0, and
 * OBJECT is "TYPE PROTOCOL HEX": the RTM_NEW... message that
 * makes it, as the kernel dumps it without what changes with time. */

#include <config.h>

#include "node/checkpoint.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/json-array.h"
#include "node/links.h"
#include "node/rtnl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

#ifndef IFA_PROTO               /* Linux 5.18. */
#define IFA_PROTO 11
#endif
#define MAX_ATTR 31

/* Flags that a user can give to an address. */
#define USER_FLAGS (IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR \
                    | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

/* Kinds of objects, in the order in which they are restored: rules first, for
 * one may hold back all packets. */
static const struct object_kind {
    int new, delete, get;
    size_t header_len;
} object_kinds[] = {
    { RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE, sizeof(struct fib_rule_hdr) },
    { RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR, sizeof(struct ifaddrmsg) },
    { RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE, sizeof(struct rtmsg) },
};

static const int families[] = { AF_INET, AF_INET6 };

/* Reading. */

struct reader {
    const struct object_kind *kind;
    uint8_t protocol;
    struct sset objects;
};

static void
reset(void *reader_)
{
    struct reader *r = reader_;

    sset_clear(&r->objects);
}

static unsigned int
get_u8(const struct nlattr *attr)
{
    return attr ? nla_get_u8(attr) : 0;
}

/* Completes 'header', of a dump, to what makes the object, and stores whose it
 * is.  Returns false if it is none that we keep. */
static bool
keep_address(struct ifaddrmsg *ifa, struct nlattr *attrs[], uint8_t *protocol,
             uint32_t *new_flags)
{
    uint32_t flags = attrs[IFA_FLAGS] ? nla_get_u32(attrs[IFA_FLAGS])
                                      : ifa->ifa_flags;

    *protocol = get_u8(attrs[IFA_PROTO]);
    *new_flags = (flags & USER_FLAGS) | IFA_F_PERMANENT;
    if (ifa->ifa_family == AF_INET6) {
        *new_flags |= IFA_F_NODAD;
    }
    ifa->ifa_flags = *new_flags;
    attrs[IFA_FLAGS] = attrs[IFA_CACHEINFO] = NULL;
    return (flags & IFA_F_PERMANENT
            && !(ifa->ifa_family == AF_INET6
                 && ifa->ifa_scope == RT_SCOPE_LINK));
}

/* Takes from the hops in 'attr' how their links are: such a route is
 * refused. */
static void
clean_hops(struct nlattr *attr)
{
    struct rtnexthop *rtnh = nla_data(attr);
    int left = nla_len(attr);

    while (left >= (int) sizeof *rtnh && RTNH_OK(rtnh, left)) {
        int size = RTNH_ALIGN(rtnh->rtnh_len);

        rtnh->rtnh_flags &= RTNH_F_ONLINK;
        left -= size;
        rtnh = ALIGNED_CAST(struct rtnexthop *, (char *) rtnh + size);
    }
}

/* Routes that the kernel makes may be those of NetworkManager, for addresses
 * with IFA_F_NOPREFIXROUTE: with their links they go, and do not come. */
static bool
keep_route(struct rtmsg *rtm, struct nlattr *attrs[], uint8_t ours)
{
    attrs[RTA_CACHEINFO] = NULL;
    rtm->rtm_flags &= RTNH_F_ONLINK;
    if (attrs[RTA_MULTIPATH]) {
        clean_hops(attrs[RTA_MULTIPATH]);
    }
    if (attrs[RTA_MULTIPATH] || attrs[RTA_OIF]) {
        /* The object of its hops may be gone, and both are refused. */
        attrs[RTA_NH_ID] = NULL;
    }
    return (rtm->rtm_protocol == ours
            || (rtm->rtm_table != RT_TABLE_LOCAL
                && (rtm->rtm_protocol == RTPROT_BOOT
                    || rtm->rtm_protocol == RTPROT_STATIC
                    || rtm->rtm_protocol == RTPROT_RA
                    || rtm->rtm_protocol == RTPROT_DHCP
                    || (rtm->rtm_protocol == RTPROT_KERNEL
                        && rtm->rtm_type == RTN_UNICAST))));
}

static void
collect(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    size_t len = r->kind->header_len;
    struct nlattr *attrs[MAX_ATTR + 1];
    uint32_t flags = 0;
    uint8_t protocol;
    bool keep;
    union {
        struct fib_rule_hdr rule;
        struct ifaddrmsg ifa;
        struct rtmsg rtm;
    } header;

    if (nlh->nlmsg_type != r->kind->new
        || nlmsg_parse(CONST_CAST(struct nlmsghdr *, nlh), len, attrs,
                       MAX_ATTR, NULL)) {
        return;
    }
    memcpy(&header, nlmsg_data(nlh), len);
    switch (r->kind->new) {
    case RTM_NEWADDR:
        keep = keep_address(&header.ifa, attrs, &protocol, &flags);
        break;
    case RTM_NEWROUTE:
        keep = (!(header.rtm.rtm_flags & RTM_F_CLONED)
                && keep_route(&header.rtm, attrs, r->protocol));
        protocol = header.rtm.rtm_protocol;
        break;
    default:
        protocol = get_u8(attrs[FRA_PROTOCOL]);
        keep = protocol != RTPROT_KERNEL;
        break;
    }
    if (!keep) {
        return;
    }

    struct nl_msg *msg = nlsk_new(r->kind->new, 0, &header, len,
                                  nlh->nlmsg_len + 2 * NLA_HDRLEN);
    for (int i = 1; i <= MAX_ATTR; i++) {
        if (attrs[i]) {
            nlsk_put(msg, i, nla_data(attrs[i]), nla_len(attrs[i]));
        }
    }
    if (r->kind->new == RTM_NEWADDR) {
        nlsk_put_u32(msg, IFA_FLAGS, flags);
    } else if (r->kind->new == RTM_NEWRULE && !attrs[FRA_PRIORITY]) {
        nlsk_put_u32(msg, FRA_PRIORITY, 0);
    }

    struct ds s = DS_EMPTY_INITIALIZER;
    const struct nlmsghdr *copy = nlmsg_hdr(msg);
    const uint8_t *data = nlmsg_data(copy);
    ds_put_format(&s, "%d %u ", r->kind->new, protocol);
    for (int i = 0; i < nlmsg_datalen(copy); i++) {
        ds_put_format(&s, "%02x", data[i]);
    }
    sset_add_and_free(&r->objects, ds_steal_cstr(&s));
    nlmsg_free(msg);
}

/* Adds the kernel's objects of 'kind' to 'objects'.  Returns 0 or a positive
 * errno. */
static int
read_objects(const struct object_kind *kind, uint8_t protocol,
             struct sset *objects)
{
    struct reader r = { .kind = kind, .protocol = protocol };
    int error = 0;

    for (size_t i = 0; i < ARRAY_SIZE(families) && !error; i++) {
        const char *object;

        sset_init(&r.objects);
        error = rtnl_dump(kind->get, families[i], reset, collect, &r);
        SSET_FOR_EACH (object, &r.objects) {
            sset_add(objects, object);
        }
        sset_destroy(&r.objects);
    }
    return error;
}

char *
checkpoint_read(uint8_t protocol, struct json **checkpoint)
{
    struct sset objects = SSET_INITIALIZER(&objects);
    int error = links_read();
    const char *object;

    *checkpoint = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(object_kinds) && !error; i++) {
        error = read_objects(&object_kinds[i], protocol, &objects);
    }
    if (error) {
        sset_destroy(&objects);
        return xasprintf("reading the kernel: %s", ovs_strerror(error));
    }

    struct json *set = json_object_create();
    SSET_FOR_EACH (object, &objects) {
        json_object_put(set, object, json_boolean_create(true));
    }
    sset_destroy(&objects);

    struct json *links = json_object_create();
    size_t n;
    const struct link *all = links_get_all(&n);
    for (size_t i = 0; i < n; i++) {
        struct json *link = json_array_create_3(
            json_boolean_create(all[i].up), json_integer_create(all[i].mtu),
            json_string_create(links_name(all[i].master)));

        json_array_add(link, json_integer_create(all[i].index));
        json_array_add(link, json_integer_create(all[i].ours ? all[i].table
                                                 : 0));
        json_object_put(links, all[i].name, link);
    }
    *checkpoint = json_object_create();
    json_object_put(*checkpoint, "links", links);
    json_object_put(*checkpoint, "objects", set);
    return NULL;
}

/* Restoring. */

static void
add_link_message(struct nlsk_batch *batch, int type, int index,
                 unsigned int flags, int attr, uint32_t value)
{
    struct ifinfomsg ifi = {
        .ifi_index = index, .ifi_flags = flags,
        .ifi_change = attr ? 0 : IFF_UP,
    };
    struct nl_msg *msg = rtnl_new(type, 0, &ifi, sizeof ifi);

    if (attr) {
        nlsk_put_u32(msg, attr, value);
    }
    nlsk_batch_add(batch, msg, "device");
}

static bool
is_link(const struct json *was)
{
    return was->type == JSON_ARRAY && egress_json_array_size(was) == 5;
}

/* Makes the VRFs of ours anew that are gone: routes of others are in their
 * tables and to them, so they get their index back. */
static void
restore_vrfs(const struct shash *links, struct nlsk_batch *batch)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, links) {
        const struct json *was = node->data;
        uint32_t table = (is_link(was)
                          ? json_integer(egress_json_array_at(was, 4)) : 0);

        if (table && !links_find_name(node->name)) {
            links_add_vrf(batch, json_integer(egress_json_array_at(was, 3)),
                          node->name, table, "VRF");
        }
    }
}

/* Puts 'link' back to what 'was' says, or removes it if it is ours and was not
 * there. */
static void
restore_link(const struct link *link, const struct json *was,
             struct nlsk_batch *batch)
{
    if (!was) {
        if (link->is_vrf && link->ours) {
            add_link_message(batch, RTM_DELLINK, link->index, 0, 0, 0);
        }
        return;
    } else if (!is_link(was)) {
        return;
    }

    bool up = egress_json_array_at(was, 0)->type == JSON_TRUE;
    uint32_t mtu = json_integer(egress_json_array_at(was, 1));
    const char *name = json_string(egress_json_array_at(was, 2));
    int master = *name ? links_index(name) : 0;
    if (link->master != master && (master || !*name)) {
        add_link_message(batch, RTM_NEWLINK, link->index, 0, IFLA_MASTER,
                         master);
    }
    if (link->mtu != mtu) {
        add_link_message(batch, RTM_NEWLINK, link->index, 0, IFLA_MTU, mtu);
    }
    if (link->up != up) {
        add_link_message(batch, RTM_NEWLINK, link->index, up ? IFF_UP : 0, 0,
                         0);
    }
}

/* Appends the failures of 'batch', which it destroys, to 's'. */
static void
run_batch(struct nlsk_batch *batch, struct ds *s)
{
    rtnl_batch_run(batch);
    for (size_t i = 0; i < batch->n; i++) {
        const struct nlsk_request *r = &batch->requests[i];

        if (r->what && r->error && r->error != EEXIST) {
            char *error = nlsk_request_error(r);
            const char *what = r->what;

            ds_put_format(s, "%s%s: %s", s->length ? "; " : "", what, error);
            free(error);
        }
    }
    nlsk_batch_destroy(batch);
}

/* Reads the devices anew.  Returns false, and says so in 's', if that
 * fails. */
static bool
read_links(struct ds *s)
{
    int error = links_read();

    if (error) {
        ds_put_format(s, "%sreading network devices: %s",
                      s->length ? "; " : "", ovs_strerror(error));
    }
    return !error;
}

static void
restore_links(const struct shash *links, struct ds *s)
{
    struct nlsk_batch batch;
    size_t n;

    if (!read_links(s)) {
        return;
    }
    nlsk_batch_init(&batch);
    restore_vrfs(links, &batch);
    run_batch(&batch, s);
    if (!read_links(s)) {
        return;
    }
    const struct link *all = links_get_all(&n);
    nlsk_batch_init(&batch);
    for (size_t i = 0; i < n; i++) {
        restore_link(&all[i], shash_find_data(links, all[i].name), &batch);
    }
    run_batch(&batch, s);
}

/* Turns 'object' into a message of 'type', if it is of 'kind'; or else returns
 * NULL. */
static struct nl_msg *
to_message(const char *object, const struct object_kind *kind, int type,
           int flags)
{
    int new, protocol, n = 0;

    if (!ovs_scan(object, "%d %d %n", &new, &protocol, &n)
        || new != kind->new) {
        return NULL;
    }

    size_t len = strlen(object + n) / 2;
    uint8_t *data = xmalloc(len + 1);
    bool ok = len >= kind->header_len;
    for (size_t i = 0; i < len && ok; i++) {
        data[i] = hexits_value(object + n + 2 * i, 2, &ok);
    }
    struct nl_msg *msg = ok ? rtnl_new(type, flags, data, len) : NULL;
    free(data);
    return msg;
}

/* Adds messages of 'type' for the objects of 'from' that are not in 'except',
 * of 'protocol' alone if that is not 0. */
static void
add_messages(const struct object_kind *kind, int type, int flags,
             const struct sset *from, const struct sset *except,
             unsigned int protocol, const char *what,
             struct nlsk_batch *batch)
{
    const char *object;

    SSET_FOR_EACH (object, from) {
        unsigned int new, tag;

        if (!sset_contains(except, object)
            && ovs_scan(object, "%u %u", &new, &tag)
            && (!protocol || tag == protocol)) {
            struct nl_msg *msg = to_message(object, kind, type, flags);

            if (msg) {
                nlsk_batch_add(batch, msg, what);
            }
        }
    }
}

/* A route may need another one first, so routes are added twice, and those of
 * the kernel before. */
static void
restore_objects(const struct object_kind *kind, const struct sset *was,
                uint8_t protocol, struct ds *s)
{
    struct sset now = SSET_INITIALIZER(&now);
    struct nlsk_batch batch;
    int error = read_objects(kind, protocol, &now);

    if (error) {
        ds_put_format(s, "%sreading the kernel: %s", s->length ? "; " : "",
                      ovs_strerror(error));
        sset_destroy(&now);
        return;
    }
    nlsk_batch_init(&batch);
    add_messages(kind, kind->delete, 0, &now, was, protocol, NULL, &batch);
    if (kind->new == RTM_NEWROUTE) {
        add_messages(kind, kind->new, NLM_F_CREATE | NLM_F_EXCL, was, &now,
                     RTPROT_KERNEL, NULL, &batch);
        add_messages(kind, kind->new, NLM_F_CREATE | NLM_F_EXCL, was, &now, 0,
                     NULL, &batch);
    }
    add_messages(kind, kind->new, NLM_F_CREATE | NLM_F_EXCL, was, &now, 0,
                 "restoring", &batch);
    run_batch(&batch, s);
    sset_destroy(&now);
}

/* Returns the member 'name' of 'json', or NULL if it is no object. */
static const struct shash *
get_object(const struct json *json, const char *name)
{
    const struct json *member
        = (json && json->type == JSON_OBJECT
           ? shash_find_data(json_object(json), name) : NULL);

    return (member && member->type == JSON_OBJECT ? json_object(member)
            : NULL);
}

char *
checkpoint_restore(const struct json *checkpoint, uint8_t protocol)
{
    const struct shash *links = get_object(checkpoint, "links");
    const struct shash *objects = get_object(checkpoint, "objects");
    struct sset was = SSET_INITIALIZER(&was);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct shash_node *node;

    if (!links || !objects) {
        return xstrdup("there is nothing to restore");
    }
    SHASH_FOR_EACH (node, objects) {
        sset_add(&was, node->name);
    }
    restore_objects(&object_kinds[0], &was, protocol, &s);
    restore_links(links, &s);
    for (size_t i = 1; i < ARRAY_SIZE(object_kinds); i++) {
        restore_objects(&object_kinds[i], &was, protocol, &s);
    }
    sset_destroy(&was);
    return s.length ? ds_steal_cstr(&s) : NULL;
}
