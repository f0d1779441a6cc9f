/* SPDX-License-Identifier: Apache-2.0 */

/* What names look like: of Kubernetes objects, labels, interfaces.
 *
 * Each function returns NULL if 's' is right, or else what it must be, to put
 * after "must be ".  The decoder and its tables use them.  No state. */

#ifndef INTENT_SYNTAX_H
#define INTENT_SYNTAX_H 1

#include <stdbool.h>
#include <stdint.h>

typedef const char *syntax_func(const char *s);

/* RFC 1123 label and subdomain, in lower case as Kubernetes wants them. */
const char *syntax_dns_label(const char *s);
const char *syntax_dns_subdomain(const char *s);

/* The key and the value of a label. */
const char *syntax_label_key(const char *s);
const char *syntax_label_value(const char *s);

/* The name of a port in a container: an IANA service name. */
const char *syntax_port_name(const char *s);

/* The name of a network interface of Linux, which is also a directory below
 * /proc/sys/net/ipv4/conf, a word of FRR's configuration and a VRF. */
const char *syntax_interface(const char *s);

/* True if 's' is NMState's "sriov:INTERFACE:NUMBER", which stands for a
 * virtual function whatever its name is. */
bool syntax_is_sriov(const char *s);

/* A routing table of EgressService: a number or a name, of a network and not
 * of the system. */
const char *syntax_network(const char *s);

/* True if a routing table is Linux's own: unspec, default, main, local. */
bool syntax_is_system_table(uint64_t table);

/* The password of a BGP session, as FRR's configuration takes it. */
const char *syntax_password(const char *s);

/* The name of a BFDProfile, as FRR's configuration takes it. */
const char *syntax_bfd_profile(const char *s);

/* A BGP community: "A:B" or "large:A:B:C". */
const char *syntax_community(const char *s);

/* The same, or the name of an alias. */
const char *syntax_community_or_alias(const char *s);

/* Parses 's', decimal digits alone, up to 'max', into '*value'. */
bool syntax_parse_number(const char *s, uint64_t max, uint64_t *value);

#endif /* intent/syntax.h */
