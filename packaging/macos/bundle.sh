#!/bin/sh
# Lays out Breeze.app: packaging/macos/bundle.sh VERSION FOLDER-OF-THE-PROGRAMS INTO
# Signing and notarising are the publisher's: codesign --deep --options runtime, then notarytool.
set -eu

if [ $# -ne 3 ]; then
    echo "bundle.sh VERSION FOLDER-OF-THE-PROGRAMS INTO" >&2
    exit 2
fi
version=$1
programs=$2
into=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
app=$into/Breeze.app

rm -rf -- "$app"
mkdir -p -- "$app/Contents/MacOS" "$app/Contents/Resources"
# The server that the app starts lies beside it.
cp -- "$programs/breeze" "$programs/breeze-server" "$app/Contents/MacOS/"
chmod 755 "$app/Contents/MacOS/breeze" "$app/Contents/MacOS/breeze-server"
cp -- "$root/assets/breeze.icns" "$app/Contents/Resources/breeze.icns"
cp -- "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$app/Contents/Resources/"
sed "s/@VERSION@/$version/g" "$here/Info.plist" >"$app/Contents/Info.plist"
printf 'APPL????' >"$app/Contents/PkgInfo"
echo "$app"
