#!/usr/bin/env bash
# Installs the programs that `npm run test:system` starts and npm does not bring. Debian and Ubuntu; does nothing when all of them are there.
# `--browsers` adds those of `npm run test:browsers`.
set -euo pipefail

# Program and the package that has it.
programs='caddy:caddy curl:curl hugo:hugo mkcert:mkcert mount:mount nginx:nginx-light postgres:postgresql prlimit:util-linux prometheus:prometheus promtool:prometheus python3:python3 redis-server:redis-server setpriv:util-linux unshare:util-linux'
browsers='chromium:chromium firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver Xvfb:xvfb'
if [ "${1:-}" = --browsers ]; then programs="$programs $browsers"; fi

# Servers lie in sbin, which is not always on the path, and those of PostgreSQL in a folder for each version.
export PATH="$PATH:/usr/sbin:/sbin:$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"
missing=()
for one in $programs; do
  command -v "${one%%:*}" > /dev/null || missing+=("${one##*:}")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if ! command -v apt-get > /dev/null; then
  echo "install these with the package manager of this system: ${missing[*]}" >&2
  exit 1
fi
root=(env)
if [ "$(id -u)" -ne 0 ]; then root=(sudo env); fi
apt=("${root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=100)
install=("${apt[@]}" install -y --no-install-recommends "${missing[@]}")
echo "installing ${missing[*]}"
# The list of packages may be absent or old.
"${install[@]}" > /dev/null || {
  "${apt[@]}" update
  "${install[@]}" > /dev/null
}
