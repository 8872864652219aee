#!/bin/sh
# Makes the two fonts that are cut down from their originals, so that the program carries no letters it cannot show:
#   sh assets/fonts/subset.sh INTER PHOSPHOR
# INTER is InterVariable.ttf of Inter 4.1, PHOSPHOR is Phosphor.ttf (regular) of Phosphor Icons 2.1: see ../README.md.
# Needs `pyftsubset` (Debian: fonttools). A new icon needs a constant in desktop/src/widget/icon.rs and this script.
set -eu
[ $# -eq 2 ] || { sed -n 's/^# \{0,1\}//;2,5p' "$0"; exit 2; }
cd "$(dirname "$0")"

# Latin, Greek, Cyrillic, marks, punctuation, signs and arrows. Every other script comes from the system's fonts.
# Of the features those that text is always set with; alternates have to be asked for, and nobody does.
pyftsubset "$1" --output-file=InterVariable.ttf --hinting --notdef-outline --name-IDs='*' \
    --layout-features='ccmp,locl,kern,mark,mkmk,calt,liga,rlig' \
    --unicodes='U+0000-052F,U+1AB0-1EFF,U+2000-27BF,U+2900-2BFF,U+2C60-2C7F,U+A640-A7FF,U+AB30-AB6F,U+FB00-FB06,U+FE00-FE0F,U+FFFD'

icons=$(grep -o '\\u{[0-9a-f]*}' ../../desktop/src/widget/icon.rs | tr -d '\\u{}' | paste -s -d,)
pyftsubset "$2" --output-file=Phosphor.ttf --no-hinting --notdef-outline --name-IDs='*' --layout-features='' \
    --unicodes="$icons"
