/* SPDX-License-Identifier: Apache-2.0 */

/* Is a replica that of the server that we are connected to now?  See the
 * header. */

#include <config.h>

#include "ovsdb/db-session.h"

#include "ovsdb-idl.h"

/* The IDL's sequence number stands still from the end of a connection until
 * the first answer of the next one: neither the reconnection nor a lock that
 * is granted before changes it.  A session that ends is without a connection
 * in at least one run of the IDL. */
bool
db_session_run(struct db_session *s, const struct ovsdb_idl *idl)
{
    unsigned int seqno = ovsdb_idl_get_seqno(idl);

    if (!ovsdb_idl_is_connected(idl)) {
        s->seqno = seqno;
        s->current = false;
    } else if (seqno != s->seqno) {
        s->current = true;
    }
    return s->current;
}
