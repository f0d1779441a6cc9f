/* SPDX-License-Identifier: Apache-2.0 */

/* The network devices of the host, as last read.
 *
 * Routes and addresses name devices by index, rows by name; this translates.
 * Used by the kinds of node/ and by facts.c. */

#ifndef NODE_LINKS_H
#define NODE_LINKS_H 1

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The alias of VRF devices that are ours. */
#define LINKS_ALIAS "ovn-egress"

struct link {
    int index;
    char name[IFNAMSIZ];
    bool up;                    /* Administratively. */
    bool loopback;
    uint32_t mtu;
    int master;                 /* Index, or 0. */
    bool is_vrf;
    uint32_t table;             /* Of a VRF. */
    bool ours;                  /* A VRF that has our alias. */
};

/* Reads all devices.  Returns 0, or a positive errno, when what was read
 * before is kept. */
int links_read(void);
void links_destroy(void);

/* Parses a RTM_NEWLINK into '*link'.  Returns false if it is no device. */
struct nlmsghdr;
bool links_parse(const struct nlmsghdr *, struct link *link);

/* Adds requests that make a VRF of ours, 'index', with 'table'.  'what' is for
 * nlsk_batch_add(). */
struct nlsk_batch;
void links_add_vrf(struct nlsk_batch *, int index, const char *name,
                   uint32_t table, const void *what);

/* All devices, by index. */
const struct link *links_get_all(size_t *n);

/* Return NULL, "" or 0 if there is no such device. */
const struct link *links_find(int index);
const struct link *links_find_name(const char *name);
const char *links_name(int index);

/* Returns the index of the device, or 0 if there is none.  Asks the kernel if
 * it was not there when all were read, so that one made just now is found.
 * The only way to ask for a name in node/, for that is a system call each
 * time. */
int links_index(const char *name);

/* 'name' is no longer the device that it was. */
void links_forget(const char *name);

#endif /* node/links.h */
