#!/bin/bash
# Restores this backup by hand, without Holdfast: needs bash, zstd and psql of the server's release or newer.
#
#   age -d -i IDENTITY-FILE archive.tar.age | tar x     (or: tar xf archive.tar)
#   bash restore.sh postgres://user:password@host/an_empty_database
#
# Roles that own things are created without login where they are missing and the user may create roles.
set -euo pipefail
target=${1:?"usage: bash restore.sh URL-OF-AN-EMPTY-DATABASE"}
cd "$(dirname "$0")"

run() { psql -X -q -o /dev/null -v ON_ERROR_STOP=1 -d "$target" "$@"; }

settings="SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET DateStyle = 'ISO, MDY';
SET IntervalStyle = 'postgres'; SET lc_monetary = 'C'; SET row_security = off; SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);"

echo "roles and tables"
run -f schema/roles.sql
run -f schema/pre-data.sql
for stream in data/*/; do
  [ -e "$stream" ] || continue
  echo "rows of $stream"
  # pipefail: a frame that does not decompress must not pass for the end of the rows.
  { echo "$settings"; cat "$stream"*.zst | zstd -dcq; } | run -f -
done
echo "sequences, indexes and constraints"
run -f sequences.sql
if [ -d large-objects ]; then
  # In chunks of their own: thousands of objects in one transaction would need as many locks.
  for chunk in large-objects/*.zst; do zstd -dcq "$chunk" | run -f -; done
fi
run -f schema/post-data.sql
# Owner and settings of the database may be beyond the user's rights; the content is complete without them.
run -f schema/database.sql || echo "the properties of the database in schema/database.sql were not all applied" >&2
echo "done"
