/* SPDX-License-Identifier: Apache-2.0 */

/* An object as users see it: the manifest with what the agent says of it.
 *
 * The row has the manifest, the status and the conditions apart, so that each
 * has one writer; here they become the one document that kubectl would show.
 * Called by get and describe.  Pure, but for reading the row. */

#ifndef CTL_VIEW_H
#define CTL_VIEW_H 1

struct egressrec_object;
struct intent_object;

/* What the key of a node's label begins with in the status of a Node. */
#define VIEW_LABEL "label:"

/* Returns the whole object as JSON, to be freed by the caller: the manifest,
 * metadata.generation, the labels that the agent gave a Node, and in "status"
 * the agent's facts and conditions.  NULL if the manifest is not JSON. */
char *view_document(const struct egressrec_object *);

/* Returns the manifest of 'obj' as JSON without what view_document() adds, to
 * be freed by the caller, or NULL if it has nothing of that: so what "get"
 * prints can be applied again.  A status is a user's only in a Service, which
 * may have its ingress from somebody else, and a Node. */
char *view_undo(const struct intent_object *obj);

/* Returns the part of the manifest that says what is wanted, which is all but
 * the type, the metadata and the status, as YAML, to be freed by the caller.
 * What is in a Secret is not shown.  NULL if the manifest is not JSON. */
char *view_spec(const struct egressrec_object *);

#endif /* utilities/ctl-view.h */
