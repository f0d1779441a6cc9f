/* SPDX-License-Identifier: Apache-2.0 */

/* Reading JSON that somebody else wrote, where nothing may be taken for
 * granted: each function takes any value, or NULL, and says what is there.
 *
 * It is libopenvswitch's JSON; jansson is intent/'s alone, as both define the
 * same names.  Used by the other files of kube/.  Pure. */

#ifndef KUBE_JSON_H
#define KUBE_JSON_H 1

#include "openvswitch/json.h"

/* Returns the member 'key' of 'object', or NULL if it is no object or has
 * none. */
const struct json *kube_json_get(const struct json *object, const char *key);

/* Returns the member at the end of the path "spec", "type", ..., NULL. */
const struct json *kube_json_at(const struct json *object, ...)
    __attribute__((sentinel));

/* Returns the text of the member 'key' of 'object', or "". */
const char *kube_json_string(const struct json *object, const char *key);

/* True if the member 'key' of 'object' is true. */
bool kube_json_is_true(const struct json *object, const char *key);

/* Returns the number of the elements of 'array', 0 if it is no array. */
size_t kube_json_n(const struct json *array);

/* Returns the element 'i' of 'array', which has more. */
const struct json *kube_json_elem(const struct json *array, size_t i);

/* Returns what 'text' of 'n' bytes says, or NULL with '*error' set, to be
 * freed by the caller. */
struct json *kube_json_parse(const char *text, size_t n, char **error);

/* Returns the message in 'body', which an API server has answered, as text
 * for a message of ours; NULL if there is none.  The caller frees it. */
char *kube_json_message(const char *body, size_t n);

#endif /* kube/kube-json.h */
