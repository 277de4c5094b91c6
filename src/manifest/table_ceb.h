/**
 * table_ceb.h: the tables of the ten CEB types, by enum doc_type; table_of() is the way in.
 */
#ifndef MANIFEST_TABLE_CEB_H
#define MANIFEST_TABLE_CEB_H

#include "manifest/table.h"

extern const struct table table_ceb[DOC_TRANSIT_DECLARED];

#endif
