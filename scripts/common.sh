# shellcheck shell=bash
# Sourced by the other scripts: messages, help, and building with a preset. Not run by itself.
# All messages go to stderr: stdout is for what a caller may want to read.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

step() { printf '== [%3dm%02ds] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The comment at the top of the script is its help.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

wrong_usage() {
  printf 'error: %s\nhint: %s --help\n' "$*" "$0" >&2
  exit 2
}

# As many compilers as there are cores, but no more than memory holds (about 1 GB each).
default_jobs() {
  local cores free_gb
  cores=$(nproc)
  free_gb=$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  [ "$free_gb" -ge 1 ] || free_gb=1
  echo $((cores < free_gb ? cores : free_gb))
}

# A terminal sees every step of ninja, a log every twentieth; both see all that compilers say.
show_progress() {
  if [ -t 2 ]; then
    cat >&2
  else
    sed -u -E '/^\[[0-9]+\//{/^\[[0-9]*[02468]0\/|^\[([0-9]+)\/\1 /!d}' >&2
  fi
}

# build_preset PRESET JOBS CMAKE_OPTIONS [TARGET...]   CMAKE_OPTIONS may be empty.
build_preset() {
  local preset=$1 jobs=$2 options=$3
  shift 3
  local log
  log=$(mktemp)
  # shellcheck disable=SC2086  # Options are words.
  if ! (cd "$root" && cmake --preset "$preset" $options) >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  NINJA_STATUS='[%f/%t %es] ' ninja -C "$root/build/$preset" -j "$jobs" "$@" 2>&1 | show_progress
}
