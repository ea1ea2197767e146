#!/usr/bin/env bash
# scripts/check-layers lets declared includes pass and catches every other one, by name.
set -euo pipefail
check=${1:?path of check-layers}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/base" "$work/src/io/deep" "$work/src/storage"
printf 'base:\nio:base\nstorage:base,io\n' >"$work/layers"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
check_layers() { "$check" "$work/layers" "$work/src" 2>&1; }

printf '#include <string>\n#include "gtest/gtest.h"\n' >"$work/src/base/a.h"
printf '#include "base/a.h"\n#include "io/deep/b.h"\n' >"$work/src/io/deep/b.cc"
printf '#include "io/deep/b.h"\n' >"$work/src/storage/c.cc"
output=$(check_layers) || fail "declared includes must pass: $output"
[[ $output == *"every include is declared"* ]] || fail "what it says then: $output"

# A lower module includes a higher one, from a folder below, in a header.
printf '#include "storage/c.h"\n' >"$work/src/io/deep/d.h"
if output=$(check_layers); then fail "io includes storage, and nobody noticed"; fi
[[ $output == *"io/deep/d.h: io may not include storage"* ]] || fail "what it says then: $output"
rm "$work/src/io/deep/d.h"

# The lowest includes anything at all.
printf '#include "io/deep/b.h"\n' >"$work/src/base/e.cc"
if output=$(check_layers); then fail "base includes io, and nobody noticed"; fi
[[ $output == *"base/e.cc: base may not include io"* ]] || fail "what it says then: $output"
