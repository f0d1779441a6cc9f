/* SPDX-License-Identifier: Apache-2.0 */

/* What names look like: see syntax.h.  The rules are those of Kubernetes'
 * "Object Names and IDs" and "Labels and Selectors", of Linux's
 * dev_valid_name(), of RFC 6335 section 5.1, and of RFC 1997 and RFC 8092. */

#include "intent/syntax.h"

#include <net/if.h>
#include <stddef.h>
#include <string.h>

#include "intent/intent.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* True if the 'n' bytes at 's', at least one and at most 'max', are all in
 * 'inner', the first and the last in 'outer'. */
static bool
is_word(const char *s, size_t n, size_t max, const char *outer,
        const char *inner)
{
    if (!n || n > max || !strchr(outer, s[0]) || !strchr(outer, s[n - 1])) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!strchr(inner, s[i])) {
            return false;
        }
    }
    return true;
}

static bool
is_dns_label(const char *s, size_t n, size_t max)
{
    return is_word(s, n, max, LOWER DIGITS, LOWER DIGITS "-");
}

static bool
is_dns_subdomain(const char *s, size_t n)
{
    const char *end = s + n;

    if (n > 253) {
        return false;
    }
    for (;;) {
        const char *dot = memchr(s, '.', end - s);

        if (!is_dns_label(s, (dot ? dot : end) - s, 253)) {
            return false;
        }
        if (!dot) {
            return true;
        }
        s = dot + 1;
    }
}

const char *
syntax_dns_label(const char *s)
{
    return (is_dns_label(s, strlen(s), 63) ? NULL
            : "a DNS label: at most 63 lower-case letters, digits and '-' "
              "between letters or digits");
}

const char *
syntax_dns_subdomain(const char *s)
{
    return (is_dns_subdomain(s, strlen(s)) ? NULL
            : "a DNS subdomain: at most 253 lower-case letters, digits, '-' "
              "and '.' between letters or digits");
}

const char *
syntax_label_key(const char *s)
{
    const char *slash = strchr(s, '/');
    const char *name = slash ? slash + 1 : s;

    if ((slash && !is_dns_subdomain(s, slash - s))
        || !is_word(name, strlen(name), 63, LOWER UPPER DIGITS,
                    LOWER UPPER DIGITS "-_.")) {
        return ("a label key: [DNS subdomain/] and at most 63 letters, "
                "digits, '-', '_' and '.' between letters or digits");
    }
    return NULL;
}

const char *
syntax_label_value(const char *s)
{
    if (*s && !is_word(s, strlen(s), 63, LOWER UPPER DIGITS,
                       LOWER UPPER DIGITS "-_.")) {
        return ("a label value: at most 63 letters, digits, '-', '_' and "
                "'.' between letters or digits");
    }
    return NULL;
}

const char *
syntax_port_name(const char *s)
{
    if (!is_dns_label(s, strlen(s), 15) || !strpbrk(s, LOWER)
        || strstr(s, "--")) {
        return ("a port's number or its name: at most 15 lower-case letters, "
                "digits and single '-', with at least one letter");
    }
    return NULL;
}

/* True if 's' has only printing characters of ASCII, and none that somebody
 * who gets the name reads in another way: '/' in a path of /proc/sys, '"' and
 * '\\' in OVN's expressions and in the JSON that FRR prints, '|' and '?' in
 * FRR's command line, '*' in nft's. */
static bool
is_graphic(const char *s)
{
    for (; *s; s++) {
        if (*s <= ' ' || *s > '~' || strchr("/\"\\|?*", *s)) {
            return false;
        }
    }
    return true;
}

/* True if 's' is one of the words for all interfaces in /proc/sys/net, and for
 * the routing table or all of them in FRR. */
static bool
is_for_all(const char *s)
{
    return !strcmp(s, "all") || !strcmp(s, "default");
}

const char *
syntax_interface(const char *s)
{
    size_t n = strlen(s);

    if (!n || n >= IF_NAMESIZE || !strcmp(s, ".") || !strcmp(s, "..")
        || strpbrk(s, ":%") || !is_graphic(s) || is_for_all(s)) {
        return ("an interface name: at most 15 characters of ASCII, no space "
                "and none of / : % \" \\ | ? *; not \"all\" or \"default\"");
    }
    return NULL;
}

bool
syntax_is_sriov(const char *s)
{
    const char *pf = s + strlen("sriov:");
    const char *colon;
    uint64_t vf;

    if (strncmp(s, "sriov:", strlen("sriov:"))) {
        return false;
    }
    colon = strchr(pf, ':');
    return (colon && colon > pf
            && syntax_parse_number(colon + 1, UINT16_MAX, &vf));
}

/* The routing tables of Linux that are not a network's, and their names in
 * iproute2's rt_tables: 0 is "any", and the packets of the host itself and of
 * all that has no network of its own depend on the others. */
bool
syntax_is_system_table(uint64_t table)
{
    return !table || (table >= 253 && table <= 255);
}

static bool
is_system_table_name(const char *s)
{
    return (!strcmp(s, "unspec") || !strcmp(s, "default")
            || !strcmp(s, "main") || !strcmp(s, "local")
            || !strcmp(s, "all"));
}

const char *
syntax_network(const char *s)
{
    uint64_t table;

    if (!s[strspn(s, DIGITS)]) {
        return (syntax_parse_number(s, UINT32_MAX, &table)
                && !syntax_is_system_table(table) ? NULL
                : "the routing table of a network: a number from 1 to "
                  "4294967295 but for 253, 254 and 255, which are the "
                  "system's, or a name");
    }
    if (is_system_table_name(s)) {
        return ("the routing table of a network; \"unspec\", \"default\", "
                "\"main\", \"local\" and \"all\" are the system's");
    }
    return (strlen(s) <= 63 && is_graphic(s) && *s != '-' && *s != '.' ? NULL
            : "the routing table of a network: a number, or a name of ASCII "
              "without spaces and / \" \\ | ? *");
}

bool
syntax_parse_number(const char *s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;

    if (!*s) {
        return false;
    }
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || v > (UINT64_MAX - 9) / 10) {
            return false;
        }
        v = v * 10 + (*s - '0');
        if (v > max) {
            return false;
        }
    }
    *value = v;
    return true;
}

/* True if 's' is 'n' decimal numbers up to 'max' with ':' in between. */
static bool
is_number_list(const char *s, int n, uint64_t max)
{
    for (int i = 0; i < n; i++) {
        char part[16];
        size_t len = strcspn(s, ":");
        uint64_t value;

        if (len >= sizeof part) {
            return false;
        }
        memcpy(part, s, len);
        part[len] = '\0';
        if (!syntax_parse_number(part, max, &value)) {
            return false;
        }
        s += len;
        if (*s != (i < n - 1 ? ':' : '\0')) {
            return false;
        }
        s++;
    }
    return true;
}

const char *
syntax_community(const char *s)
{
    bool ok = (!strncmp(s, "large:", 6)
               ? is_number_list(s + 6, 3, UINT32_MAX)
               : is_number_list(s, 2, UINT16_MAX));

    return (ok ? NULL
            : "a BGP community: A:B of 16 bits each, or large:A:B:C of 32");
}

const char *
syntax_community_or_alias(const char *s)
{
    return strchr(s, ':') ? syntax_community(s) : NULL;
}

/* The longest key of TCP MD5 (Linux, TCP_MD5SIG_MAXKEYLEN). */
#define MAX_PASSWORD 80

const char *
syntax_password(const char *s)
{
    bool ok = strlen(s) <= MAX_PASSWORD;

    for (const char *p = s; *p; p++) {
        ok = ok && *p > ' ' && *p <= '~' && !strchr("\"\\|?", *p);
    }
    return (ok ? NULL
            : "at most 80 characters of ASCII, no space and none of "
              "\" \\ | ?");
}

const char *
intent_password_check(const char *s)
{
    return syntax_password(s);
}

/* FRR keeps 63 characters of the name of a BFD profile, of which ours begin
 * with "ovn-egress-". */
#define MAX_BFD_PROFILE (63 - 11)

const char *
syntax_bfd_profile(const char *s)
{
    size_t n = strlen(s);

    return (is_dns_subdomain(s, n) && n <= MAX_BFD_PROFILE ? NULL
            : "the name of a BFDProfile: a DNS subdomain of at most 52 "
              "characters, more than which FRR cuts off");
}
