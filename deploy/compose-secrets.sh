#!/bin/sh
# Makes ./secrets for compose.yaml: a password for each role of the database, chosen by the machine. What is there stays.
set -eu
umask 077
mkdir -p secrets
for name in database_admin database_owner database_run; do
    [ -e "secrets/$name" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"secrets/$name"
done
# Compose mounts these files as they are: the processes inside, which are not root, must be able to read them. The folder is closed.
chmod 0644 secrets/database_*
chmod 0700 secrets
