/* SPDX-License-Identifier: Apache-2.0 */

/* Intent: what the manifests say, as typed values.
 *
 * Text (YAML or JSON) goes in; "struct intent_object"s and problems come out.
 * All knowledge of the formats of Kubernetes, NMState and MetalLB is in this
 * folder.  The agent, the planner and ovn-egressctl call it.  It is a private
 * shared library that uses libyaml and jansson and never libopenvswitch (both
 * define json_object() and friends), does no I/O and does not log.
 *
 * Ownership: an intent_object owns all that hangs off it, in one arena;
 * intent_object_destroy() frees it all.  Strings are never NULL unless said
 * so; an absent string is "".  Arrays are NULL when empty. */

#ifndef INTENT_INTENT_H
#define INTENT_INTENT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intent/ip.h"
#include "intent/kinds.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns "{jansson: VERSION, libyaml: VERSION}" as JSON, for --version.  The
 * caller frees it with free(). */
char *intent_versions(void);

/* Problems. */

enum intent_severity {
    INTENT_ERROR,               /* The object is refused. */
    INTENT_WARNING,             /* The object is taken, but look at this. */
};

/* One thing that is wrong, and where.  'line' and 'column' count from 1 and
 * are 0 where the text is not a user's file; so is 'file' "". */
struct intent_problem {
    enum intent_severity severity;
    char *object;               /* "EgressService test/server1", or "". */
    char *field;                /* "spec.nodeSelector.matchLabels", or "". */
    char *file;
    unsigned int line, column;
    char *message;              /* Without the above, no final period. */
};

struct intent_problems {
    struct intent_problem *items;
    size_t n, allocated;
};

#define INTENT_PROBLEMS_INITIALIZER { NULL, 0, 0 }

void intent_problems_init(struct intent_problems *);
void intent_problems_destroy(struct intent_problems *);

/* True if at least one of the problems is an error. */
bool intent_problems_have_error(const struct intent_problems *);

/* Returns "FILE:LINE:COLUMN: error: OBJECT: FIELD: MESSAGE", without the parts
 * that are not there.  The caller frees it with free(). */
char *intent_problem_to_string(const struct intent_problem *);

/* Parsing. */

/* How to treat a field that this version does not know. */
enum intent_strictness {
    INTENT_STRICT,              /* An error: what a user writes. */
    INTENT_LENIENT,             /* Ignored: what an API server has checked. */
};

/* The objects of a text, in the order of the text. */
struct intent_list {
    struct intent_object **objs;
    size_t n, allocated;

    /* Set by the caller: whether objects of other kinds are passed over with a
     * warning instead of being an error.  And how many were. */
    bool skip_others;
    size_t n_skipped;
};

#define INTENT_LIST_INITIALIZER { NULL, 0, 0, false, 0 }

void intent_list_init(struct intent_list *);
void intent_list_destroy(struct intent_list *);

/* Parses 'len' bytes of 'text', YAML documents separated by "---" (JSON is
 * YAML) or JSON objects one behind the other, where a document may be a
 * "kind: List" or a list of one kind, "kind: ServiceList".  'file' is for the
 * problems.  Appends the objects that are valid to 'list' and what is wrong to
 * 'problems'.  Each object is taken or refused by itself.  A kind or
 * apiVersion that is not known is an error in either strictness, unless
 * list->skip_others. */
void intent_parse(const char *text, size_t len, const char *file,
                  enum intent_strictness, struct intent_list *list,
                  struct intent_problems *problems);

/* Parses one object of JSON, such as OVN_Egress's Object.manifest or what an
 * API server sends.  Returns it, or NULL if it has an error. */
struct intent_object *intent_object_from_json(const char *json, size_t len,
                                              enum intent_strictness,
                                              struct intent_problems *);

void intent_object_destroy(struct intent_object *);

/* Sets when the object was made, if its manifest does not say so. */
void intent_object_set_created(struct intent_object *, const char *created);

/* Sets where 'obj' comes from, if it was made of JSON: for the messages. */
void intent_object_set_origin(struct intent_object *obj, const char *file,
                              unsigned int line);

/* Checks that need several objects at once and nothing else (duplicates of one
 * kind and name in one apply).  Appends to 'problems'. */
void intent_list_check(const struct intent_list *, struct intent_problems *);

/* Printing. */

/* Turns JSON text into block-style YAML with the keys in the order that users
 * know (apiVersion, kind, metadata, spec, status; others sorted).  Returns
 * NULL if 'json' does not parse.  The caller frees it with free(). */
char *intent_json_to_yaml(const char *json);

/* Returns 'json', an object, with each member of 'overlay', an object, merged
 * into it (RFC 7396), as canonical JSON: for showing a manifest with its
 * status and labels.  NULL if either does not parse. */
char *intent_json_merge(const char *json, const char *overlay);

/* Returns the first document of 'len' bytes of YAML 'text', which 'file'
 * holds, as canonical JSON, or NULL with 'problems' if it is not well-formed
 * or empty.  The caller frees it with free(). */
char *intent_yaml_to_json(const char *text, size_t len, const char *file,
                          struct intent_problems *problems);

/* Returns what the 'n' bytes of Base64 (RFC 4648 section 4) at 's' stand for,
 * with a null byte behind its '*n_out' bytes, or NULL if they are not Base64.
 * The caller frees it with free(). */
char *intent_base64_decode(const char *s, size_t n, size_t *n_out);

/* Text from outside. */

/* How much a message says of one thing, in bytes. */
#define INTENT_MAX_MESSAGE 1024

/* Returns 's', which somebody else has written, as text for a terminal, a log
 * or a condition: one line of UTF-8 in which control characters and what is
 * invisible are written as escapes such as "\x1b" or "\u202e", with "..." in
 * the place of what comes after 'max' bytes.  The caller frees it with
 * free(). */
char *intent_clean(const char *s, size_t max);

/* The same for text of many lines: newlines and tabs stay, and its length. */
char *intent_clean_lines(const char *s);

/* Returns NULL if FRR takes 's' for the password of a BGP session, or else
 * what it must be, to put after "must be "; static. */
const char *intent_password_check(const char *s);

/* Labels and selectors. */

/* Returns the value of 'key', or NULL if there is none. */
const char *intent_map_get(const struct intent_map *, const char *key);

/* True if the session of 'peer' carries routes of 'family'. */
bool intent_bgp_peer_carries(const struct intent_bgp_peer *peer,
                             enum ip_family family);

/* Sorts the pairs by key. */
void intent_map_sort(struct intent_map *);

/* True if both have the same pairs. */
bool intent_map_equals(const struct intent_map *, const struct intent_map *);

/* True if 'labels' satisfy 'selector'.  An empty selector matches all. */
bool intent_selector_matches(const struct intent_selector *selector,
                             const struct intent_map *labels);

/* True if 'labels' satisfy one of the 'n' selectors, or 'n' is 0. */
bool intent_selectors_match(const struct intent_selector *, size_t n,
                            const struct intent_map *labels);

/* Kinds. */

/* "EgressService", static. */
const char *intent_kind_name(enum intent_kind);

/* Finds a kind by what a user types: "EgressService", "egressservices",
 * "es".  Any case.  Returns false if there is none. */
bool intent_kind_from_string(const char *, enum intent_kind *);

/* "k8s.ovn.org/v1", the newest version known; static. */
const char *intent_kind_api_version(enum intent_kind);

/* Returns the version number 'i' of a kind, the newest first, or NULL if there
 * are no more; static. */
const char *intent_kind_version(enum intent_kind, size_t i);

/* "egressservices", as an API server calls the objects of a kind; static. */
const char *intent_kind_plural(enum intent_kind);

/* True if objects of the kind live in a namespace. */
bool intent_kind_is_namespaced(enum intent_kind);

/* "EgressService test/server1" or "Node worker1".  Owned by 'obj'. */
const char *intent_object_id(const struct intent_object *);

#ifdef __cplusplus
}
#endif

#endif /* intent/intent.h */
