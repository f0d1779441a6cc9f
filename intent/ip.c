/* SPDX-License-Identifier: Apache-2.0 */

/* IP addresses, prefixes and ranges: see ip.h.  Uses only libc. */

#include "intent/ip.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the 32 bits of an IPv4 address are in its mapped form. */
#define V4_OFFSET 12
#define V4_BIT_OFFSET 96

static const struct in6_addr v4_any = {
    .s6_addr = { [10] = 0xff, [11] = 0xff },
};

enum ip_family
ip_family(const struct in6_addr *ip)
{
    return IN6_IS_ADDR_V4MAPPED(ip) ? IP_V4 : IP_V6;
}

const char *
ip_family_name(enum ip_family family)
{
    return family == IP_V4 ? "ipv4" : "ipv6";
}

const char *
ip_family_title(enum ip_family family)
{
    return family == IP_V4 ? "IPv4" : "IPv6";
}

bool
ip_is_set(const struct in6_addr *ip)
{
    return !IN6_IS_ADDR_UNSPECIFIED(ip);
}

int
ip_compare(const struct in6_addr *a, const struct in6_addr *b)
{
    return memcmp(a, b, sizeof *a);
}

bool
ip_addr_parse(const char *s, struct in6_addr *ip)
{
    struct in6_addr parsed = v4_any;

    if (inet_pton(AF_INET, s, &parsed.s6_addr[V4_OFFSET]) != 1
        && inet_pton(AF_INET6, s, &parsed) != 1) {
        return false;
    }
    *ip = parsed;
    return true;
}

bool
ip_port_parse(const char *s, struct in6_addr *ip, uint16_t *port)
{
    bool in_brackets = *s == '[';
    const char *end = strrchr(s, ':');
    char buf[IP_STRLEN];

    if (!end || strspn(end + 1, "0123456789") != strlen(end + 1)) {
        return false;
    }

    unsigned long int number = strtoul(end + 1, NULL, 10);
    size_t n = end - s;
    if (in_brackets) {
        if (end[-1] != ']') {
            return false;
        }
        s++;
        n -= 2;
    }
    if (n >= sizeof buf || !number || number > UINT16_MAX) {
        return false;
    }
    memcpy(buf, s, n);
    buf[n] = '\0';
    *port = number;
    return ip_addr_parse(buf, ip) && in_brackets == (ip_family(ip) == IP_V6);
}

/* As inet_ntop(), which takes five times as long. */
static void
format_v4(const unsigned char *bytes, char *buf)
{
    for (int i = 0; i < 4; i++) {
        unsigned int b = bytes[i];

        if (b >= 100) {
            *buf++ = '0' + b / 100;
        }
        if (b >= 10) {
            *buf++ = '0' + b / 10 % 10;
        }
        *buf++ = '0' + b % 10;
        *buf++ = i < 3 ? '.' : '\0';
    }
}

const char *
ip_format(const struct in6_addr *ip, char buf[IP_STRLEN])
{
    if (ip_family(ip) == IP_V4) {
        format_v4(&ip->s6_addr[V4_OFFSET], buf);
    } else {
        inet_ntop(AF_INET6, ip, buf, IP_STRLEN);
    }
    return buf;
}

/* Adds 1 to the bytes of 'ip' from 'first' on; they wrap. */
static void
increment(struct in6_addr *ip, int first)
{
    for (int i = 15; i >= first; i--) {
        if (++ip->s6_addr[i]) {
            return;
        }
    }
}

void
ip_next(const struct in6_addr *ip, struct in6_addr *next)
{
    *next = *ip;
    if (ip_family(ip) == IP_V4) {
        increment(next, V4_OFFSET);
        return;
    }
    increment(next, 0);
    if (ip_family(next) == IP_V4) {
        /* Jump over the mapped addresses: they are of the other family. */
        *next = (struct in6_addr) { .s6_addr = { [9] = 1 } };
    }
}

/* The number of bits of the 128 that 'prefix' fixes. */
static unsigned int
mapped_plen(const struct ip_prefix *prefix)
{
    return (prefix->plen
            + (ip_family(&prefix->addr) == IP_V4 ? V4_BIT_OFFSET : 0));
}

/* Sets the bits of 'ip' after the first 'plen' of 128 to 'value'. */
static void
set_host_bits(struct in6_addr *ip, unsigned int plen, bool value)
{
    for (unsigned int i = plen / 8; i < 16; i++) {
        unsigned int mask = i == plen / 8 ? 0xff >> plen % 8 : 0xff;

        if (value) {
            ip->s6_addr[i] |= mask;
        } else {
            ip->s6_addr[i] &= ~mask;
        }
    }
}

/* Parses 's', one to three decimal digits and nothing else, up to 'max'. */
static bool
parse_plen(const char *s, unsigned int max, unsigned int *plen)
{
    size_t n = strspn(s, "0123456789");

    if (!n || n > 3 || s[n] || (n > 1 && s[0] == '0')) {
        return false;
    }
    *plen = 0;
    for (size_t i = 0; i < n; i++) {
        *plen = *plen * 10 + (s[i] - '0');
    }
    return *plen <= max;
}

bool
ip_prefix_parse(const char *s, struct ip_prefix *prefix, bool *masked)
{
    const char *slash = strchr(s, '/');
    size_t n = slash ? (size_t) (slash - s) : strlen(s);
    char addr[INET6_ADDRSTRLEN];
    struct ip_prefix p;

    if (n >= sizeof addr) {
        return false;
    }
    memcpy(addr, s, n);
    addr[n] = '\0';
    if (!ip_addr_parse(addr, &p.addr)) {
        return false;
    }

    unsigned int offset = strchr(addr, ':') ? 0 : V4_BIT_OFFSET;
    unsigned int plen = 128 - offset;
    if (slash && !parse_plen(slash + 1, 128 - offset, &plen)) {
        return false;
    }
    plen += offset;

    struct in6_addr unmasked = p.addr;
    set_host_bits(&p.addr, plen, false);
    p.plen = ip_family(&p.addr) == IP_V4 ? plen - V4_BIT_OFFSET : plen;

    struct ip_range range = ip_prefix_range(&p);
    if (ip_family(&range.first) != ip_family(&range.last)) {
        return false;
    }
    if (masked) {
        *masked = ip_compare(&unmasked, &p.addr) != 0;
    }
    *prefix = p;
    return true;
}

const char *
ip_prefix_format(const struct ip_prefix *prefix, char buf[IP_STRLEN])
{
    ip_format(&prefix->addr, buf);

    size_t n = strlen(buf);
    snprintf(buf + n, IP_STRLEN - n, "/%u", prefix->plen);
    return buf;
}

bool
ip_prefix_contains(const struct ip_prefix *prefix, const struct in6_addr *ip)
{
    struct in6_addr network = *ip;
    struct in6_addr own = prefix->addr;

    if (ip_family(ip) != ip_family(&prefix->addr)) {
        return false;
    }
    set_host_bits(&network, mapped_plen(prefix), false);
    set_host_bits(&own, mapped_plen(prefix), false);
    return !ip_compare(&network, &own);
}

bool
ip_prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b)
{
    return ip_prefix_contains(a, &b->addr) || ip_prefix_contains(b, &a->addr);
}

int
ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b)
{
    int cmp = ip_compare(&a->addr, &b->addr);

    return cmp ? cmp : (a->plen > b->plen) - (a->plen < b->plen);
}

struct ip_range
ip_prefix_range(const struct ip_prefix *prefix)
{
    struct ip_range range = { prefix->addr, prefix->addr };

    set_host_bits(&range.first, mapped_plen(prefix), false);
    set_host_bits(&range.last, mapped_plen(prefix), true);
    return range;
}

/* Parses the 'n' bytes at 's', without the spaces around, as an address. */
static bool
parse_trimmed(const char *s, size_t n, struct in6_addr *ip)
{
    char addr[INET6_ADDRSTRLEN];

    for (; n && *s == ' '; n--) {
        s++;
    }
    while (n && s[n - 1] == ' ') {
        n--;
    }
    if (n >= sizeof addr) {
        return false;
    }
    memcpy(addr, s, n);
    addr[n] = '\0';
    return ip_addr_parse(addr, ip);
}

bool
ip_range_parse(const char *s, struct ip_range *range)
{
    const char *dash = strchr(s, '-');
    struct ip_range r;

    if (!dash) {
        struct ip_prefix prefix;

        if (!strchr(s, '/') || !ip_prefix_parse(s, &prefix, NULL)) {
            return false;
        }
        r = ip_prefix_range(&prefix);
    } else if (!parse_trimmed(s, dash - s, &r.first)
               || !parse_trimmed(dash + 1, strlen(dash + 1), &r.last)
               || ip_family(&r.first) != ip_family(&r.last)
               || ip_compare(&r.first, &r.last) > 0) {
        return false;
    }
    *range = r;
    return true;
}

bool
ip_range_contains(const struct ip_range *range, const struct in6_addr *ip)
{
    return (ip_family(ip) == ip_family(&range->first)
            && ip_compare(&range->first, ip) <= 0
            && ip_compare(ip, &range->last) <= 0);
}

bool
ip_range_overlaps(const struct ip_range *a, const struct ip_range *b)
{
    return (ip_family(&a->first) == ip_family(&b->first)
            && ip_compare(&a->first, &b->last) <= 0
            && ip_compare(&b->first, &a->last) <= 0);
}
