#!/bin/sh
# hubify-agent.sh [HOME]: serves one lab over one ssh session. It is the command of that session, so nothing is installed.
# One request a line on stdin, one answer each on stdout; bytes follow their line. At end of file it ends; runs go on.
# Paths are relative to HOME (default $HUBIFY_HOME, /workspace/.hubify on a volume, ~/.hubify) or absolute; a path is the
# last word of its request and reaches to the end of the line, spaces and all. Needs POSIX sh and head tail dd ls find stat.
#
#   (on connect)           hubify-agent 1 <uname -s> <epoch s> <setsid or ->, then a line HOME, then a line ~
#   put N PATH + N bytes   ok | fail WORDS         whole or not at all
#   start DIR              ok | fail WORDS         asked, not running; DIR/lock lets one through
#   forbid DIR             ok | started            takes DIR/lock, so that it never starts
#   read OFF MAX DIR       n size code at life group start uptime + n bytes of DIR/out
#   kill SIG MARKER DIR    ok | gone               to the command's group and to what carries HUBIFY_RUN=MARKER
#   left MARKER            pids
#   stat                   lines, then "."
#   ls PATH                mode size mtime name, a line each file below it, then "."
#   get OFF MAX PATH       n size mtime + n bytes
#   sum PATH               sha256 | -
#   have NAME              path | -
#   is f|d PATH            yes | no
#   df                     blocks used available mount, of 1024 bytes
#   bye                    (ends)
set -f

# A container's own environment does not reach ssh sessions: PATH with CUDA and conda, and what the pod was made with.
environ=${HUBIFY_ENVIRON:-/proc/1/environ}
inherit() {
  while IFS= read -r line; do
    name=${line%%=*}
    case $name in
      '' | [0-9]* | *[!A-Za-z0-9_]* | "$line") continue ;;
      _ | HOME | PWD | OLDPWD | SHLVL | USER | LOGNAME | SHELL | TERM | HOSTNAME | RUNPOD_API_KEY | PUBLIC_KEY | HUBIFY_*) continue ;;
      PATH | LD_LIBRARY_PATH) ;;
      *) eval "[ -n \"\${$name+set}\" ]" && continue ;;
    esac
    export "$line"
  done <<END
$({ tr '\0' '\n' <"$environ"; } 2>/dev/null)
END
}
if [ -r "$environ" ] && { [ -n "$HUBIFY_ENVIRON" ] || [ -e /.dockerenv ] || [ -e /run/.containerenv ] || [ -e /etc/rp_environment ]; }; then
  inherit
fi

home=${1:-$HUBIFY_HOME}
if [ -z "$home" ]; then
  home=$HOME/.hubify
  [ -d /workspace ] && [ -w /workspace ] && home=/workspace/.hubify
fi
(umask 077 && mkdir -p "$home/runs") && cd "$home" || exit 96
home=$(pwd)
read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || boot=-
command -v setsid >/dev/null && has=setsid || has=-
printf 'hubify-agent 1 %s %s %s\n%s\n%s\n' "$(uname -s)" "$(date +%s)" "$has" "$home" "$HOME"

# Is $1 a living process that started at $2? A zombie is dead: the first process of a container often does not reap.
lives() {
  want=$2
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  [ "${20}" = "$want" ]
}
# $life of the run in directory $1, as executor.ts names it, and $child, its group, with its $start.
look() {
  child=- start=-
  if [ ! -d "$1" ]; then
    life=missing
  elif ! read -r wrapper wrapper_start child start booted rest 2>/dev/null <"$1/pid"; then
    child=- start=-
    [ -d "$1/lock" ] && life=starting || life=none
  elif [ "$booted" != "$boot" ]; then
    life=rebooted
  elif lives "$wrapper" "$wrapper_start"; then
    life=running
  elif lives "$child" "$start"; then
    life=orphan
  else
    life=dead
  fi
}
size_of() {
  size=0
  [ -f "$1" ] || return 1
  set -- $(ls -lnL -- "$1" 2>/dev/null)
  size=${5:-0}
}
# How many bytes there are to send from $1 on: never negative, at most $2.
count() {
  n=$((size - $1))
  [ "$n" -lt "$2" ] || n=$2
  [ "$n" -gt 0 ] || n=0
}
# Exactly $3 bytes of file $1 from byte $2 on: a file that shrinks meanwhile is filled up, or the next answer would be lost.
# Whole blocks are skipped by seeking, whatever tail does with them.
piece() {
  [ "$3" -gt 0 ] || return 0
  {
    dd if="$1" bs=65536 skip=$(($2 / 65536)) count=$((($2 % 65536 + $3 + 65535) / 65536))
    head -c $(($2 % 65536 + $3)) /dev/zero
  } 2>/dev/null | tail -c +$(($2 % 65536 + 1)) 2>/dev/null | head -c "$3"
}
# Puts $1 bytes of stdin into file $2. What can't be written is read all the same: the next request is behind it.
take() {
  umask 077
  case $2 in */*) mkdir -p "${2%/*}" ;; esac
  head -c "$1" | {
    cat >"$2.put.$$"
    code=$?
    cat >/dev/null
    exit $code
  }
  code=$?
  size_of "$2.put.$$"
  if [ $code = 0 ] && [ "$size" = "$1" ]; then
    mv -f "$2.put.$$" "$2"
  else
    rm -f "$2.put.$$"
    return 1
  fi
}
left() {
  set +f
  grep -lzxF "HUBIFY_RUN=$1" /proc/[0-9]*/environ 2>/dev/null | sed 's,^/proc/,,; s,/environ$,,'
  set -f
}
# A failure's words in one line.
fail() { printf 'fail %s\n' "$(printf %s "$1" | tr '\n' ' ')"; }
entry() { stat -L -c '%f %s %Y %n' -- "$@" 2>/dev/null; }
telemetry() {
  echo "now $(date +%s)"
  sed -n '1s/^cpu/cpu/p' /proc/stat
  grep -E '^Mem(Total|Available):' /proc/meminfo
  read -r load rest </proc/loadavg && echo "load $load"
  set -- $(df -Pk . | tail -n 1) && echo "disk $2 $3 $4"
  group=/sys/fs/cgroup
  if [ -r $group/memory.max ]; then
    echo "memory.max $(cat $group/memory.max)"
    echo "memory.current $(cat $group/memory.current)"
    sed -n 's/^inactive_file/memory.inactive_file/p' $group/memory.stat
    sed -n 's/^usage_usec/cpu.usage_usec/p' $group/cpu.stat
    [ -r $group/cpu.max ] && echo "cpu.max $(cat $group/cpu.max)"
  elif [ -r $group/memory/memory.limit_in_bytes ]; then
    echo "memory.max $(cat $group/memory/memory.limit_in_bytes)"
    echo "memory.current $(cat $group/memory/memory.usage_in_bytes)"
  fi
  if command -v nvidia-smi >/dev/null; then
    query=index,uuid,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,power.limit
    command -v timeout >/dev/null && limit='timeout 5' || limit=
    $limit nvidia-smi --query-gpu=$query --format=csv,noheader,nounits | sed 's/^/gpu /'
  fi
}

while IFS= read -r line; do
  op=${line%% *}
  path=${line#* }
  a=${path%% *}
  case $op in
    put)
      path=${path#* }
      why=$(take "$a" "$path" 2>&1) && echo ok || fail "${why:-the file was cut off}"
      ;;
    start)
      if [ -d "$path/lock" ]; then
        echo ok
      elif [ "$has" = - ]; then
        fail "setsid is missing"
      elif [ ! -f hubify-run.sh ] || [ ! -f "$path/cmd" ]; then
        fail "there is nothing to start in $path"
      elif ! why=$(umask 077 && mkdir -p "$path/work" 2>&1); then
        fail "$why"
      else
        (setsid sh ./hubify-run.sh "$path" </dev/null >/dev/null 2>&1 &)
        echo ok
      fi
      ;;
    forbid)
      # Where no lock can be made, the wrapper can't make one either.
      (umask 077 && mkdir -p "$path" && mkdir "$path/lock") 2>/dev/null || [ ! -d "$path/lock" ] && echo ok || echo started
      ;;
    read)
      path=${path#* }
      max=${path%% *}
      path=${path#* }
      # In this order the size covers everything that was written before the exit file.
      look "$path"
      read -r code at 2>/dev/null <"$path/exit" || code=- at=-
      size_of "$path/out"
      count "$a" "$max"
      read -r up rest 2>/dev/null </proc/uptime || up=-
      echo "$n $size $code $at $life $child $start $up"
      piece "$path/out" "$a" "$n"
      ;;
    kill)
      path=${path#* }
      marker=${path%% *}
      path=${path#* }
      look "$path"
      told=gone
      case $life in running | orphan) lives "$child" "$start" && kill "-$a" "-$child" && told=ok ;; esac
      for pid in $(left "$marker"); do kill "-$a" "$pid" && told=ok; done
      echo $told
      ;;
    left) echo $(left "$path") ;;
    stat)
      telemetry 2>/dev/null
      echo .
      ;;
    ls)
      if [ -d "$path" ]; then
        (cd "$path" && find . ! -type d -exec stat -L -c '%f %s %Y %n' {} + 2>/dev/null)
      elif [ -f "$path" ]; then
        entry "$path"
      fi
      echo .
      ;;
    get)
      path=${path#* }
      max=${path%% *}
      path=${path#* }
      set -- $(entry "$path")
      size=${2:--}
      if [ "$size" = - ] || [ ! -r "$path" ]; then
        echo "0 - -"
      else
        count "$a" "$max"
        echo "$n $size $3"
        piece "$path" "$a" "$n"
      fi
      ;;
    sum)
      set -- $(sha256sum <"$path" 2>/dev/null)
      echo "${1:--}"
      ;;
    have)
      found=$(command -v "$path") && [ -n "$found" ] || found=-
      echo "$found"
      ;;
    is)
      path=${path#* }
      [ "-$a" = -d ] && [ -d "$path" ] || { [ "-$a" = -f ] && [ -f "$path" ]; } && echo yes || echo no
      ;;
    df)
      set -- $(df -Pk . | tail -n 1)
      echo "$2 $3 $4 $6"
      ;;
    bye) exit 0 ;;
    *) echo "err $op" ;;
  esac
done
