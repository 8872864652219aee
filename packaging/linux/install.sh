#!/bin/sh
# Installs Breeze from the folder this script lies in, for you alone or for everybody, and takes it away again.
set -eu

usage() {
    cat <<'END'
./install.sh               for you alone, into ~/.local
./install.sh --system      for everybody, into /usr/local (as root)
./install.sh --uninstall   take it away again (with --system, if it was installed so)

Your chats and settings lie elsewhere and are never touched.
END
}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

system=no
remove=no
for word in "$@"; do
    case "$word" in
    --system) system=yes ;;
    --user) system=no ;;
    --uninstall) remove=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
done

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ "$system" = yes ]; then
    [ "$(id -u)" = 0 ] || fail "installing for everybody needs root: try sudo ./install.sh --system"
    prefix=${BREEZE_PREFIX:-/usr/local}
else
    [ -n "${HOME:-}" ] || fail "HOME is not set, so there is no place to install to"
    prefix=${BREEZE_PREFIX:-$HOME/.local}
fi
list=$prefix/share/breeze/installed-files
folders=$prefix/share/breeze/made-folders

# Menus and link handlers are read from caches. Where a tool is missing, the next login brings them up to date.
refresh() {
    if [ -d "$prefix/share/applications" ] && command -v update-desktop-database >/dev/null 2>&1; then
        update-desktop-database -q "$prefix/share/applications" 2>/dev/null || true
    fi
    if command -v gtk-update-icon-cache >/dev/null 2>&1 && [ -f "$prefix/share/icons/hicolor/index.theme" ]; then
        gtk-update-icon-cache -q -f "$prefix/share/icons/hicolor" 2>/dev/null || true
    fi
}

# Every file of the list, then every folder that was made for them and is empty now.
uninstall() {
    [ -f "$list" ] || fail "nothing was installed below $prefix by this script"
    while IFS= read -r file; do
        rm -f -- "$prefix/$file"
    done <"$list"
    # A cache of nothing, when Breeze was all there was.
    if ! ls "$prefix/share/applications/"*.desktop >/dev/null 2>&1; then
        rm -f -- "$prefix/share/applications/mimeinfo.cache"
    fi
    handlers=${XDG_CONFIG_HOME:-${HOME:-.}/.config}/mimeapps.list
    if [ "$system" = no ] && [ -f "$handlers" ]; then
        sed -i '/^x-scheme-handler\/breeze=breeze\.desktop;*$/d' "$handlers"
    fi
    made=$(LC_ALL=C sort -r "$folders" 2>/dev/null || true)
    rm -f -- "$list" "$folders"
    printf '%s\n' "$made" | while IFS= read -r folder; do
        rmdir -- "$prefix/$folder" 2>/dev/null || true
    done
    refresh
}

# Makes a folder below the prefix, and notes each part of its path that was not there.
make_folder() {
    [ -d "$prefix/$1" ] && return 0
    case "$1" in
    */*) make_folder "${1%/*}" ;;
    esac
    mkdir -- "$prefix/$1"
    if [ "$1" = share ] || [ "$1" = share/breeze ]; then
        notes="$notes$1
"
    else
        printf '%s\n' "$1" >>"$folders"
    fi
}

# The window's libraries are opened by name when it starts. Either GL library will do.
has() {
    PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q "[[:space:]]$1 "
}
check_libraries() {
    if ! PATH=$PATH:/usr/sbin:/sbin command -v ldconfig >/dev/null 2>&1; then
        return 0
    fi
    missing=
    for pair in libX11.so.6=libx11-6 libX11-xcb.so.1=libx11-xcb1 libXcursor.so.1=libxcursor1 libXi.so.6=libxi6 \
        libxkbcommon-x11.so.0=libxkbcommon-x11-0; do
        has "${pair%%=*}" || missing="$missing ${pair#*=}"
    done
    has libEGL.so.1 || has libGL.so.1 || missing="$missing libegl1 libgl1"
    if [ -n "$missing" ]; then
        say "Breeze is installed, but its window cannot open yet: these libraries are missing (by Debian's names):"
        say " $missing"
        say "On Debian or Ubuntu: sudo apt install$missing"
    fi
}

install_files() {
    [ -x "$here/bin/breeze" ] || fail "run this script from the unpacked archive: $here/bin/breeze is not there"
    if [ -f "$list" ]; then
        uninstall
    fi
    mkdir -p -- "$prefix"
    # The notes lie in a folder that is itself to be noted.
    notes=
    make_folder share/breeze
    printf '%s' "$notes" >"$folders"
    (cd "$here" && find bin lib share \( -type f -o -type l \) | LC_ALL=C sort) >"$list"
    while IFS= read -r file; do
        make_folder "${file%/*}"
        # To a name beside it first: a program that runs keeps its old file.
        cp -P -p -- "$here/$file" "$prefix/$file.new"
        mv -f -- "$prefix/$file.new" "$prefix/$file"
    done <"$list"
    # A menu started without this PATH must find the program all the same.
    entry=$prefix/share/applications/breeze.desktop
    sed -e "s|^Exec=breeze|Exec=\"$prefix/bin/breeze\"|" -e "s|^TryExec=.*|TryExec=$prefix/bin/breeze|" \
        "$here/share/applications/breeze.desktop" >"$entry.new"
    mv -f -- "$entry.new" "$entry"
    refresh
    # Links that begin with breeze:// open here.
    if [ "$system" = no ] && command -v xdg-mime >/dev/null 2>&1; then
        xdg-mime default breeze.desktop x-scheme-handler/breeze 2>/dev/null || true
    fi
}

if [ "$remove" = yes ]; then
    uninstall
    say "Breeze is gone from $prefix. Your chats and settings were not touched."
    exit 0
fi
install_files
say "Breeze is installed below $prefix. Start it from the menu, or with: $prefix/bin/breeze"
check_libraries
