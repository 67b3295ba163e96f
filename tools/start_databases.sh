#!/bin/sh
# Make sure that PostgreSQL and MariaDB answer on loopback for the tests (Debian, root).
set -eu
if ! pg_isready -q -h 127.0.0.1 -p 5432; then
    cluster=$(ls /etc/postgresql | tail -n 1)
    pg_ctlcluster --skip-systemctl-redirect "$cluster" main start || true
fi
if ! mariadb-admin --silent ping 2>/dev/null; then
    start-stop-daemon --start --oknodo --background --exec /usr/sbin/mariadbd -- --user=mysql
fi
for attempt in $(seq 1 30); do
    if pg_isready -q -h 127.0.0.1 -p 5432 && mariadb-admin --silent ping 2>/dev/null; then
        exit 0
    fi
    sleep 1
done
echo "PostgreSQL or MariaDB does not answer" >&2
exit 1
