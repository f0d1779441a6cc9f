/* SPDX-License-Identifier: Apache-2.0 */

/* IP addresses, prefixes and ranges of both families.
 *
 * One type serves both families: "struct in6_addr", with an IPv4 address in
 * its IPv4-mapped form (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2), as
 * libopenvswitch and OVN do.  The unspecified address "::" means "none".
 *
 * Everybody uses this; it uses only libc, does no I/O, and keeps no state. */

#ifndef INTENT_IP_H
#define INTENT_IP_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* The two families, as indexes of arrays that have a member for each. */
enum ip_family { IP_V4, IP_V6, IP_N_FAMILIES };

/* Room for any prefix or address in text, with its terminating null byte. */
#define IP_STRLEN (INET6_ADDRSTRLEN + 4)

/* A network: its address, host bits zero, and the length of the prefix in
 * bits of its own family (0 to 32, or 0 to 128). */
struct ip_prefix {
    struct in6_addr addr;
    unsigned int plen;
};

/* The addresses from 'first' to 'last', both included, of one family. */
struct ip_range {
    struct in6_addr first;
    struct in6_addr last;
};

/* Returns the family of 'ip'. */
enum ip_family ip_family(const struct in6_addr *ip);

/* Returns "ipv4" or "ipv6", static. */
const char *ip_family_name(enum ip_family);

/* Returns "IPv4" or "IPv6", for people, static. */
const char *ip_family_title(enum ip_family);

/* True unless 'ip' is "::", which stands for "no address". */
bool ip_is_set(const struct in6_addr *ip);

/* Numeric order, every IPv4 address before every other IPv6 address that is
 * greater than ::ffff:0:0.  Returns less than, equal to or greater than 0. */
int ip_compare(const struct in6_addr *, const struct in6_addr *);

/* Parses the whole of 's' as an IPv4 or IPv6 address into '*ip'.  Returns
 * false, with '*ip' unset, if it is not one.  (libopenvswitch has an
 * ip_parse().) */
bool ip_addr_parse(const char *s, struct in6_addr *ip);

/* Parses an address and a port from 1 to 65535, as OVN writes those of a load
 * balancer: "192.0.2.1:80" or "[2001:db8::1]:80". */
bool ip_port_parse(const char *s, struct in6_addr *ip, uint16_t *port);

/* Writes 'ip' into 'buf' in its usual text form (RFC 5952 for IPv6) and
 * returns 'buf'. */
const char *ip_format(const struct in6_addr *ip, char buf[IP_STRLEN]);

/* Writes into '*next' the address after 'ip', wrapping in its family. */
void ip_next(const struct in6_addr *ip, struct in6_addr *next);

/* Parses ADDRESS/LENGTH, or ADDRESS alone as a prefix of full length.  With
 * host bits set, the result is the network ('*masked' says so, if nonnull).
 * Returns false if 's' is not a prefix, or one of IPv6 that ends among the
 * mapped addresses of IPv4. */
bool ip_prefix_parse(const char *s, struct ip_prefix *, bool *masked);

/* Writes ADDRESS/LENGTH into 'buf' and returns it. */
const char *ip_prefix_format(const struct ip_prefix *, char buf[IP_STRLEN]);

/* True if 'ip' is of the family of 'prefix' and in it. */
bool ip_prefix_contains(const struct ip_prefix *, const struct in6_addr *ip);

/* True if the two networks have an address in common. */
bool ip_prefix_overlaps(const struct ip_prefix *, const struct ip_prefix *);

/* By address, then by length, the shorter one first. */
int ip_prefix_compare(const struct ip_prefix *, const struct ip_prefix *);

/* All addresses of 'prefix'. */
struct ip_range ip_prefix_range(const struct ip_prefix *);

/* Parses PREFIX or "FIRST - LAST" (spaces optional): one family, in order. */
bool ip_range_parse(const char *s, struct ip_range *);

/* True if 'ip' is in 'range'. */
bool ip_range_contains(const struct ip_range *, const struct in6_addr *ip);

/* True if the two ranges have an address in common. */
bool ip_range_overlaps(const struct ip_range *, const struct ip_range *);

#endif /* intent/ip.h */
