#!/bin/sh
# What the tests need besides Python packages. As root on Debian whatever is missing is installed, and only that; otherwise it
# is named, with the tests that therefore do not run. Prints a pytest marker expression of those tests ("" when nothing is missing).
# In CI nothing may be missing.
set -eu

has_command() { command -v "$1" >/dev/null 2>&1; }
has_chinese_font() { has_command fc-list && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]; }
has_libatomic() { [ -n "$(find /usr/lib /usr/lib64 -maxdepth 2 -name libatomic.so.1 2>/dev/null)" ]; }
can_make_networks() { unshare --net true 2>/dev/null; }
has_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has_command initdb; }

# One line for each package that is missing: package, marker.
missing() {
    has_command chromium || echo chromium browser
    has_chinese_font || echo fonts-noto-cjk browser
    has_libatomic || echo libatomic1 browser # what Playwright's own driver is linked to
    has_command tshark || echo tshark peer
    has_command openssl || echo openssl peer
    has_command systemd-analyze || echo systemd peer
    has_command node || has_command nodejs || echo nodejs peer
    has_command bearerbox || [ -x /usr/sbin/bearerbox ] || echo kannel peer
    has_postgres || echo postgresql postgres
    has_command ip || echo iproute2 network
    has_command msgfmt || echo gettext messages
    has_command strace || echo strace strace
}

needed=$(missing | cut -d' ' -f1 | tr '\n' ' ')
if [ -n "$needed" ] && [ "$(id -u)" = 0 ] && has_command apt-get; then
    echo "Installing what the tests need: $needed" >&2
    # Services that a package would start are not wanted: the tests start their own, on their own folders.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    apt-get -qq update >&2
    # shellcheck disable=SC2086  # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends fontconfig $needed >/dev/null
fi

# No package gives the right to make networks: without it those tests do not run, and root in CI must have it.
networks=
if ! can_make_networks; then
    echo "This machine does not let us make networks (unshare --net): the tests of several hosts do not run here." >&2
    if [ -n "${CI:-}" ] && [ "$(id -u)" = 0 ]; then
        echo "In CI every test runs, so this is an error." >&2
        exit 1
    fi
    networks=network
fi

needed=$(missing | cut -d' ' -f1 | tr '\n' ' ')
[ -z "$needed" ] && { echo "${networks:+not network}"; exit 0; }

echo "These Debian packages are missing: $needed" >&2
echo "As root: apt-get install $needed" >&2
if [ -n "${CI:-}" ]; then
    echo "In CI every test runs, so this is an error." >&2
    exit 1
fi
echo "Without them the tests with these markers do not run: $(missing | cut -d' ' -f2 | sort -u | tr '\n' ' ')" >&2
{ missing | cut -d' ' -f2; [ -z "$networks" ] || echo network; } | sort -u | sed 's/^/not /' | paste -sd ' ' | sed 's/ not / and not /g'
