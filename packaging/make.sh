#!/usr/bin/env bash
# What a release is made of, from a program that is built: packaging/make.sh PROGRAM DIR [TARGET]
#
#   DIR/stage                                   program, manual pages, completions, licences, README, CHANGELOG
#   DIR/rolecall-VERSION-TARGET.tar.gz          the same, as an archive
#   DIR/rolecall-VERSION-TARGET.tar.gz.sha256   its checksum, for `sha256sum --check`
#
# The same program gives the same bytes. `cargo deb --no-build` and `cargo generate-rpm` (see Cargo.toml) take
# the pages and completions from target/packaging/stage. Needs GNU tar, gzip and sha256sum, and no network.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: packaging/make.sh PROGRAM DIR [TARGET]" >&2; exit 2; }
program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=${3:-$(rustc -vV | sed -n 's/^host: //p')}
version=$("$program" --version | sed 's/^rolecall //')
name=rolecall-$version-$target
stage=$out/stage
rm -rf "$stage"
mkdir -p "$stage/completions" "$stage/man/man1"
install -m 755 "$program" "$stage/rolecall"
install -m 644 README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$stage"
"$program" man --out "$stage/man/man1" >/dev/null
"$program" completions bash >"$stage/completions/rolecall.bash"
"$program" completions zsh >"$stage/completions/_rolecall"
"$program" completions fish >"$stage/completions/rolecall.fish"
"$program" completions powershell >"$stage/completions/_rolecall.ps1"
chmod 644 "$stage"/completions/* "$stage"/man/man1/*
tar --create --directory="$stage" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' \
  --transform="s,^\.,$name," . | gzip --no-name --best >"$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$out/$name.tar.gz"
