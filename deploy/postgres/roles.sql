-- Two roles: fenghuo_owner makes and changes the tables (`fenghuo init`), fenghuo_run is what web, worker and sender are, and
-- can make, change or drop no table. Once, before the first `fenghuo init`, as an administrator of the server:
--
--     createuser --pwprompt fenghuo_owner && createuser --pwprompt fenghuo_run
--     createdb --owner=fenghuo_owner --encoding=UTF8 fenghuo
--     psql --dbname=fenghuo --username=fenghuo_owner --file=roles.sql
--
-- What `init` makes later is given to fenghuo_run by itself.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS fenghuo_ledger;
GRANT USAGE ON SCHEMA public, fenghuo_ledger TO fenghuo_run;
ALTER DEFAULT PRIVILEGES IN SCHEMA public, fenghuo_ledger
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO fenghuo_run;
ALTER DEFAULT PRIVILEGES IN SCHEMA public, fenghuo_ledger
    GRANT USAGE, SELECT ON SEQUENCES TO fenghuo_run;
