#!/bin/sh
# Run once by the database's container when it makes its cluster: the two roles, with the passwords of the secret files.
set -eu
secrets=${SECRETS:-/run/secrets}
roles=${ROLES:-/roles.sql}

role() {
    psql --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
        --set=role="$1" --set=password="$(cat "$2")" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
SQL
}

role fenghuo_owner "$secrets/database_owner"
role fenghuo_run "$secrets/database_run"
psql --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
    --command='ALTER DATABASE fenghuo OWNER TO fenghuo_owner'
{ echo 'SET ROLE fenghuo_owner;'; cat "$roles"; } |
    psql --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB"
