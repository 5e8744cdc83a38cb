#!/bin/sh
# Cleans up after one run. It lives in a session of its own and outlives launcher: when launcher ends, however it ends,
# the pipe on standard input closes and this script takes away what the run put on the host.
#   reaper.sh STATE RUN [lock]
# STATE  launcher's state directory.   RUN  the run's id.
# lock   hold STATE/lock while launcher puts names on the host; "unlock" on standard input ends that.
# Words on standard input: "lock" (answered with "ready"), "unlock", "agent PID START" (the process tree to end with launcher),
# "become PID" (launcher turns into the agent, so the end of standard input is not the end of the run), "stopped" and "continued" (launcher itself), "done" (the agent has ended). Launcher cleans up itself when it can, which is faster; what is left then is nothing.
set -u
# PIPE: a launcher that is gone hears no answer, and what it left is to be taken away all the same.
trap '' HUP INT PIPE QUIT TERM TSTP
umask 077
state=$1
run=$2
agent=
started=
ended=
became=
guard=

case $run in *[!a-z0-9-]* | '') exit 64 ;; esac
cd "$state" || exit 66

take() {
  exec 9>>lock
  flock 9
}
if [ "${3-}" = lock ]; then
  take || exit 69
  # bubblewrap takes the end of this pipe for leave to go on: held open here, a launcher that is killed lets nobody go.
  mkfifo -m 600 "runs/$run/gate" && exec 8<>"runs/$run/gate" || exit 66
fi
echo ready

# Which mounts stand where. What a mount shows keeps its name only on the host: a file that was replaced there is no difference.
mounts() {
  cut -d ' ' -f 1-3,5,6 "/proc/$agent/mountinfo" 2>/dev/null
}
# While launcher is stopped and cannot ask what a difference gives the agent: nothing of the sandbox goes on, also what a timer of its own
# continued. Launcher looks at all of it before it lets anything go on.
guard() {
  table=$(mounts)
  while [ -e "/proc/$agent" ]; do
    [ "$(mounts)" = "$table" ] || halt "$agent"
    sleep 0.1
  done
}
halt() {
  kill -STOP "$1" 2>/dev/null
  for child in $(cat "/proc/$1/task"/*/children 2>/dev/null); do halt "$child"; done
}

while IFS= read -r line; do
  case $line in
    lock)
      if command -v flock >/dev/null 2>&1; then take; fi
      echo ready
      ;;
    unlock) flock -u 9 ;;
    'agent '*)
      agent=${line#agent }
      started=${agent#* }
      agent=${agent%% *}
      ;;
    'become '*) became=${line#become } ;;
    done) ended=1 ;;
    stopped)
      guard &
      guard=$!
      ;;
    continued)
      [ -n "$guard" ] && kill -KILL "$guard" 2>/dev/null
      guard=
      ;;
  esac
done

if [ -n "$became" ] && [ -z "$ended" ]; then
  while kill -0 "$became" 2>/dev/null; do sleep 0.2; done
fi

# When a process was started, to tell it from a later one with its number; nothing when it is gone or only waits to be counted.
start_of() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return
  # A first thread that ended while others go on looks dead and is not.
  threads=0
  for thread in "/proc/$1/task"/*; do [ -e "$thread" ] && threads=$((threads + 1)); done
  set -- ${stat##*) }
  [ "$1" = Z ] && [ "$threads" -le 1 ] && return
  shift 19
  echo "$1"
}
# Ends a process tree leaf by leaf: Seatbelt's does not end by itself.
end_tree() {
  for child in $(ps -A -o pid= -o ppid= 2>/dev/null | while read -r pid parent; do [ "$parent" = "$1" ] && echo "$pid"; done); do
    end_tree "$child"
  done
  kill -KILL "$1" 2>/dev/null
}
[ -n "$guard" ] && kill -KILL "$guard" 2>/dev/null
# Launcher may have died before it knew its sandbox: whoever still waits at the gate has it open. More than once, because for moments of its making it cannot be looked into.
if [ -z "$ended$agent" ] && [ -e "runs/$run/gate" ]; then
  tries=0
  while [ $tries -lt 5 ]; do
    for fd in $(exec 8>&- && find /proc/[0-9]*/fd -lname "*/runs/$run/gate" 2>/dev/null); do
      pid=${fd#/proc/}
      pid=${pid%%/*}
      [ "$pid" = $$ ] || kill -KILL "$pid" 2>/dev/null
    done
    tries=$((tries + 1))
    sleep 0.05
  done
fi
if [ -n "$agent" ] && [ -n "$started" ]; then
  # The first process of a pid namespace takes all others with it, also those that cut the tie to launcher. What is held
  # must stay held until they are gone.
  tries=0
  while [ "$(start_of "$agent")" = "$started" ] && [ $tries -lt 250 ]; do
    kill -KILL "$agent" 2>/dev/null
    tries=$((tries + 1))
    sleep 0.02
  done
elif [ -n "$agent" ] && [ -z "$ended" ]; then
  end_tree "$agent"
fi

[ -e "runs/$run" ] || exit 0

# The path a link names, newlines at its end included.
named() {
  path=$(readlink "$1" && echo x) || return 1
  path=${path%??}
}

# The content of a short file in hex; one byte more than any content that is put anywhere tells a longer one.
bytes_of() {
  od -An -v -tx1 -N 129 <"$1" | tr -d ' \n'
}

if command -v flock >/dev/null 2>&1; then take; fi
# Another run that holds the same name keeps it.
others_hold() {
  for other in runs/*/held-*; do
    case $other in "runs/$run/"*) continue ;; esac
    [ "$(readlink "$other" && echo x)" = "$1
x" ] && return 0
  done
  return 1
}
for link in "runs/$run"/held-*; do
  [ -L "$link" ] || continue
  named "$link" || continue
  if ! others_hold "$path"; then
    case $link in
      *-d) rmdir "$path" 2>/dev/null ;;
      *-s) [ -S "$path" ] && [ ! -L "$path" ] && rm -f "$path" ;;
      # The name of the link ends with the bytes that were put there; with any others the file is somebody's own.
      *-f*) [ -f "$path" ] && [ ! -L "$path" ] && [ "$(bytes_of "$path")" = "${link##*-f}" ] && rm -f "$path" ;;
    esac
  fi
  rm -f "$link"
done
if named "runs/$run/tmp"; then
  case $path in
    */launcher-"$run")
      rm -rf "$path" 2>/dev/null || {
        chmod -R u+rwx "$path" 2>/dev/null
        rm -rf "$path"
      }
      ;;
  esac
fi
if named "runs/$run/cgroup"; then
  case $path in
    */launcher-"$run")
      tries=0
      while [ -d "$path" ] && ! rmdir "$path" 2>/dev/null && [ $tries -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.02
      done
      ;;
  esac
fi
rm -rf "runs/$run"
