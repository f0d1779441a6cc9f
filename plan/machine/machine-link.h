/* SPDX-License-Identifier: Apache-2.0 */

/* What belongs to an interface, as values: VRFs, their ports, whether an
 * interface is up, addresses, sysctls.
 *
 * Used by plan/machine/ to say what is wanted, and by node/kind-link.c,
 * kind-address.c and kind-sysctl.c for what the kernel has.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_LINK_H
#define PLAN_MACHINE_MACHINE_LINK_H 1

#include <net/if.h>

#include "intent/ip.h"
#include "plan/machine/object.h"

/* "vrf", "port" and "link", with the fields that belong to each. */
struct machine_iface {
    struct machine_object object;
    char name[IFNAMSIZ];

    /* "vrf". */
    uint32_t table;
    bool ours;                  /* It is there, and has our alias. */

    /* "port". */
    char vrf[IFNAMSIZ];         /* That it is enslaved to. */

    /* "link".  Never deleted. */
    bool up;
    uint32_t mtu;               /* 0: any. */
};

/* "address". */
struct machine_address {
    struct machine_object object;
    char link[IFNAMSIZ];
    struct ip_prefix prefix;    /* With the bits of the host. */
};

/* "sysctl".  Deleting it restores the value that was there before. */
struct machine_sysctl {
    struct machine_object object;
    char *path;                 /* "net/ipv4/conf/ens4/forwarding". */
    char link[IFNAMSIZ];        /* Whose it is, if wanted. */
    char *value;
};

extern const struct machine_class machine_class_vrf;
extern const struct machine_class machine_class_port;
extern const struct machine_class machine_class_link;
extern const struct machine_class machine_class_address;
extern const struct machine_class machine_class_sysctl;

/* Returns one of 'class', the rest zeros. */
struct machine_iface machine_iface(const struct machine_class *class,
                                   const char *name);
struct machine_address machine_address(const char *link,
                                       const struct ip_prefix *);

/* That of 'link' called 'name', such as "forwarding". */
struct machine_sysctl machine_sysctl_of_link(enum ip_family, const char *link,
                                             const char *name,
                                             const char *value);

#endif /* plan/machine/machine-link.h */
