#!/bin/sh
# hubify-run.sh DIR: runs DIR/cmd in a session of its own and keeps what is needed to judge it later, lab or no lab.
# Files in DIR, names and contents: executor.ts. Ends with the command's code; 97 = no such directory, 98 = already started.
set -f
cd "$1" || exit 97
[ -e exit ] && exit 0
mkdir lock || exit 98

# Start time of process $1. With the pid it names one process for ever; a pid alone is used again.
started() {
  if [ -r "/proc/$1/stat" ]; then
    read -r stat <"/proc/$1/stat"
    set -- ${stat##*) }
    echo "${20}"
  else
    ps -o lstart= -p "$1" | tr -s ' ' '_'
  fi
}
# Readers see the whole line or no file.
keep() { printf '%s\n' "$2" >"$1.tmp" && mv -f "$1.tmp" "$1"; }

if command -v setsid >/dev/null; then
  setsid sh ./cmd </dev/null >>out 2>&1 &
else # macOS: job control gives the child its own group
  set -m
  sh ./cmd </dev/null >>out 2>&1 &
  set +m
fi
child=$!
trap 'trapped=1; kill -TERM "-$child"' TERM INT HUP
# First the child: it may end at once, and be forgotten by the system as soon as the shell runs anything else.
child_start=$(started "$child")
boot=$(cat /proc/sys/kernel/random/boot_id) || boot=-
keep pid "$$ $(started $$) $child ${child_start:--} $boot $(date +%s)"

# A trap interrupts wait, which then says 143 though the command may have ended otherwise: ask again. 127 may mean that the
# answer was given already, and is believed only when there is no other.
code=127
trapped=1
while [ "$trapped" ]; do
  trapped=
  wait "$child"
  said=$?
  [ "$said" = 127 ] || code=$said
done
# On a full disk, try until there is room again, unless the directory is gone.
until keep exit "$code $(date +%s)"; do
  [ -e lock ] || break
  sleep 1
done
exit "$code"
