#!/bin/bash
# Starts MariaDB as the well-known docker image does: an empty data folder is initialised first, with the passwords, database and
# user given by the environment (MARIADB_* or MYSQL_*). Passwords travel through pipes only, never on a command line.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
mkdir -p /run/mysqld /tmp
as_user=()
if [ "$(id -u)" = 0 ]; then
  as_user=(--user=mysql)
  # Only what has another owner: a large data folder is not walked for nothing.
  find "$data" /run/mysqld \! -user mysql -exec chown mysql:mysql '{}' +
fi

setting() { # setting NAME: value of MARIADB_NAME, else of MYSQL_NAME, else nothing
  local own="MARIADB_$1" old="MYSQL_$1"
  printf '%s' "${!own:-${!old:-}}"
}

quoted() { # an SQL string literal
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

name() { # a quoted SQL name
  printf '`%s`' "${1//\`/\`\`}"
}

first_statements() {
  local database user
  database=$(setting DATABASE) user=$(setting USER)
  echo "SET @@SESSION.SQL_LOG_BIN=0;"
  if [ -n "$(setting ROOT_PASSWORD)" ]; then # Without one, root comes from inside the pod only.
    echo "CREATE USER root@'%' IDENTIFIED BY $(quoted "$(setting ROOT_PASSWORD)");"
    echo "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  fi
  if [ -n "$database" ]; then echo "CREATE DATABASE IF NOT EXISTS $(name "$database");"; fi
  if [ -n "$user" ]; then
    echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$(setting PASSWORD)");"
    if [ -n "$database" ]; then echo "GRANT ALL ON $(name "${database//_/\\_}").* TO $(quoted "$user")@'%';"; fi
  fi
  # Accounts without a password that the installation makes for this host's names.
  echo "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost', '%')); FLUSH PRIVILEGES;"
  echo "ALTER USER root@'localhost' IDENTIFIED BY $(quoted "$(setting ROOT_PASSWORD)");"
}

initialise() {
  if [ -z "$(setting ROOT_PASSWORD)$(setting ALLOW_EMPTY_PASSWORD)" ]; then
    echo "entrypoint: $data is empty and MARIADB_ROOT_PASSWORD is not set; set it, by a Secret" >&2
    exit 1
  fi
  # A folder left half-made by an earlier start is made again from nothing.
  find "$data" -mindepth 1 -maxdepth 1 \! -name lost+found \! -name .initialising -exec rm -rf '{}' +
  touch "$data/.initialising"
  mariadb-install-db --datadir="$data" --skip-test-db --auth-root-authentication-method=normal --force "${as_user[@]}" >/dev/null
  mariadbd --datadir="$data" --socket="$socket" --skip-networking "${as_user[@]}" &
  local server=$!
  for _ in $(seq 120); do
    if mariadb --no-defaults -uroot -S "$socket" -e 'SELECT 1' >/dev/null 2>&1; then break; fi
    kill -0 "$server" || { echo "entrypoint: the server that initialises $data ended" >&2; exit 1; }
    sleep 0.25
  done
  first_statements | mariadb --no-defaults -uroot -S "$socket"
  kill "$server"
  wait "$server" || true
  rm "$data/.initialising"
  echo "entrypoint: $data is initialised" >&2
}

if [ ! -d "$data/mysql" ] || [ -e "$data/.initialising" ]; then initialise; fi
unset MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD MARIADB_PASSWORD MYSQL_PASSWORD
exec mariadbd --datadir="$data" --socket="$socket" --bind-address=0.0.0.0 --skip-name-resolve --pid-file=/run/mysqld/mysqld.pid \
  --innodb-buffer-pool-size=64M --performance-schema=OFF "${as_user[@]}" "$@"
