#!/bin/sh
# Make sure that PostgreSQL and MariaDB answer to root on this machine, for the tests (Debian, root).
set -eu

postgres_answers() {
    psql -qAt -h 127.0.0.1 -U root -d postgres -w -c 'select 1' >/dev/null 2>&1 ||
        psql -qAt -h /var/run/postgresql -U root -d postgres -w -c 'select 1' >/dev/null 2>&1
}
mariadb_answers() {
    mariadb -u root -e 'select 1' >/dev/null 2>&1
}

if ! postgres_answers; then
    cluster=$(ls /etc/postgresql | sort -n | tail -n 1)
    pg_ctlcluster --skip-systemctl-redirect "$cluster" main start 2>/dev/null || true
    # Root reaches it by the local socket (peer); no access rule of the machine is changed.
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        postgres_answers && break
        su postgres -c 'createuser --superuser root' 2>/dev/null || true
        sleep 1
    done
fi
if ! mariadb_answers; then
    mkdir -p /run/mysqld && chown mysql:mysql /run/mysqld
    start-stop-daemon --start --oknodo --background --exec /usr/sbin/mariadbd -- --user=mysql
    for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        mariadb_answers && break
        sleep 1
    done
fi
postgres_answers || { echo "PostgreSQL does not answer to root" >&2; exit 1; }
mariadb_answers || { echo "MariaDB does not answer to root" >&2; exit 1; }
