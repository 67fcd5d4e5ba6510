# Shared by ./run and ./check: installs what is missing. Debian 12 and Ubuntu.

# packages NAME... installs those Debian packages that are not there yet.
packages() {
	missing=""
	for p in "$@"; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
	done
	[ -z "$missing" ] && return 0
	sudo=""
	[ "$(id -u)" -eq 0 ] || sudo="sudo"
	echo "installing:$missing" >&2
	$sudo apt-get update -q >&2
	# shellcheck disable=SC2086
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2
}

# heif_decoder installs what newer libheif has apart: Ubuntu 24.04 on. Debian 12
# has it in the library.
heif_decoder() {
	if apt-cache show libheif-plugin-libde265 >/dev/null 2>&1; then
		packages libheif-plugin-libde265
	fi
}

# go_present says what to do where Go is missing: Debian 12 has none that is
# new enough.
go_present() {
	command -v go >/dev/null 2>&1 && return 0
	echo "sohoa needs Go 1.26 or newer: see go.dev/doc/install" >&2
	exit 1
}

# What the program itself needs: the recognition library with its Vietnamese
# model, the decoder of photographs, and a compiler for the bindings to them.
runtime_packages="ca-certificates g++ pkg-config libtesseract-dev libleptonica-dev libtiff-dev libjpeg-dev libheif-dev tesseract-ocr-vie tesseract-ocr-eng libzbar-dev"
