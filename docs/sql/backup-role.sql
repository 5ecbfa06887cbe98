-- A role that can take backups and nothing else. Run it once per server as a superuser (or the administrator that your
-- provider gives you), then set a password that stands in no file:  \password holdfast_backup

CREATE ROLE holdfast_backup LOGIN CONNECTION LIMIT 20;

-- Reads every table, sequence and large object, in every database and schema that is there or will be. PostgreSQL 14 and later.
-- That includes the catalog: the SCRAM verifiers of all roles in pg_authid too, so give them long passwords.
GRANT pg_read_all_data TO holdfast_backup;

-- Holdfast reads in read-only transactions anyway. A slip of somebody who logs in by hand then changes nothing either.
ALTER ROLE holdfast_backup SET default_transaction_read_only = on;

-- Only with row-level security, which would hide rows. A backup says so and fails without it; only a superuser may grant it.
-- ALTER ROLE holdfast_backup BYPASSRLS;
