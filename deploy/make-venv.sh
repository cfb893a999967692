#!/bin/sh
# Makes the virtual environment $1 with the first Python of at least 3.11 found ($PYTHON, if set, is asked first).
# Debian ships Python without `ensurepip`; as root its package python3-venv is installed, else the command is named.
set -eu
venv=$1

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=
for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null 2>&1 && fits "$name"; then
        python=$name
        break
    fi
done

as_root_on_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
}

install() {
    echo "Installing with apt-get: $*" >&2
    apt-get -qq update >&2
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "$@" >/dev/null
}

if [ -z "$python" ]; then
    if as_root_on_debian; then
        install python3 python3-venv
        python=python3
    fi
    if [ -z "$python" ] || ! fits "$python"; then
        echo "Fenghuo needs Python 3.11 or newer and found none. On Debian 12 or newer, as root: apt-get install python3 python3-venv" >&2
        echo "烽火需要 Python 3.11 或更高版本，本机没有找到。Debian 12 及以上，以 root 执行：apt-get install python3 python3-venv" >&2
        exit 1
    fi
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if as_root_on_debian; then
        install "$package"
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python cannot make a virtual environment. As root: apt-get install $package" >&2
        echo "$python 不能建立虚拟环境。请以 root 执行：apt-get install $package" >&2
        exit 1
    fi
fi

# A half-made environment of an interrupted run is made again.
"$python" -m venv --clear "$venv"
