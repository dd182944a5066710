#!/bin/sh
# Installs the Debian packages that tests/debian-packages.txt names, where they are missing.
set -eu
list="$(dirname "$0")/debian-packages.txt"

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: install what $list names in your system's own way." >&2
    exit 3
fi
missing=
for package in $(sed -n 's/^\([a-z0-9][a-z0-9.+-]*\) .*/\1/p' "$list"); do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "Packages are missing. As root:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends$missing" >&2
    exit 3
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
# shellcheck disable=SC2086 # one word a package
apt-get install --quiet=2 --yes --no-install-recommends $missing
