/* SPDX-License-Identifier: Apache-2.0 */

/* The interface of the decoder. */

#ifndef INTENT_H
#define INTENT_H 1

/* Returns the versions of the libraries that the decoder uses, as text in
 * JSON.  The caller frees it with free(). */
char *intent_versions(void);

#endif /* intent.h */
