#!/bin/sh
# Unpacks PostgreSQL 17's client from Debian 13's packages into a folder, for measuring beside it on a Debian that has none.
# Nothing is installed: a wrapper runs it with the libraries that it came with.
#
#   sh test/bench/unpack-pg-dump-17.sh FOLDER && PATH="FOLDER/bin:$PATH" npm run bench
set -eu
folder=$(mkdir -p "${1:?a folder to unpack into}" && cd "$1" && pwd)
mirror=http://deb.debian.org/debian
curl -fsS "$mirror/dists/trixie/main/binary-amd64/Packages.xz" | xz -dc >"$folder/Packages"
mkdir -p "$folder/bin" "$folder/root"
for package in postgresql-client-17 libpq5 libc6 libssl3t64 libzstd1 liblz4-1 zlib1g libgssapi-krb5-2 libkrb5-3 \
  libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 libldap2 libsasl2-2; do
  path=$(awk -v wanted="Package: $package" 'BEGIN { RS = ""; FS = "\n" }
    $1 == wanted { for (i = 1; i <= NF; i++) if (sub(/^Filename: /, "", $i)) { print $i; exit } }' "$folder/Packages")
  curl -fsS -o "$folder/package.deb" "$mirror/$path"
  dpkg-deb -x "$folder/package.deb" "$folder/root"
done
rm "$folder/package.deb" "$folder/Packages"
cat >"$folder/bin/pg_dump" <<END
#!/bin/sh
exec "$folder/root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$folder/root/usr/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu" \\
  "$folder/root/usr/lib/postgresql/17/bin/pg_dump" "\$@"
END
chmod +x "$folder/bin/pg_dump"
"$folder/bin/pg_dump" --version
