/* SPDX-License-Identifier: Apache-2.0 */

/* The versions of the libraries, for --version.  See intent.h. */

#include "intent/intent.h"

#include <jansson.h>
#include <yaml.h>

char *
intent_versions(void)
{
    json_t *object = json_pack("{s:s, s:s}", "jansson", JANSSON_VERSION,
                               "libyaml", yaml_get_version_string());
    char *text = json_dumps(object, JSON_SORT_KEYS);

    json_decref(object);
    return text;
}
