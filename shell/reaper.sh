#!/bin/sh
# Cleans up after one run. It lives in a session of its own and outlives launcher: when launcher ends, however it ends,
# the pipe on standard input closes and this script takes away what the run put on the host.
#   reaper.sh STATE RUN [lock]
# STATE  launcher's state directory.   RUN  the run's id.
# lock   hold STATE/lock while launcher puts names on the host; "unlock" on standard input ends that.
# Words on standard input: "unlock", "agent PID" (macOS: the process tree to end with launcher), "done" (the agent has ended).
set -u
trap '' HUP INT QUIT TERM TSTP
umask 077
state=$1
run=$2
agent=
ended=

case $run in *[!a-z0-9-]* | '') exit 64 ;; esac
cd "$state" || exit 66

if [ "${3-}" = lock ]; then
  exec 9>>lock
  flock 9 || exit 69
fi
echo ready

while IFS= read -r line; do
  case $line in
    unlock) flock -u 9 ;;
    'agent '*) agent=${line#agent } ;;
    done) ended=1 ;;
  esac
done

# Ends a process tree leaf by leaf; bubblewrap's tree ends by itself, Seatbelt's does not.
end_tree() {
  for child in $(ps -A -o pid= -o ppid= 2>/dev/null | while read -r pid parent; do [ "$parent" = "$1" ] && echo "$pid"; done); do
    end_tree "$child"
  done
  kill -KILL "$1" 2>/dev/null
}
if [ -n "$agent" ] && [ -z "$ended" ]; then end_tree "$agent"; fi

# The path a link names, newlines at its end included.
named() {
  path=$(readlink "$1" && echo x) || return 1
  path=${path%??}
}

if command -v flock >/dev/null 2>&1; then
  exec 9>>lock
  flock 9
fi
for marker in held/*/"$run"; do
  [ -e "$marker" ] || continue
  key=${marker%/*}
  rm -f "$marker"
  others=
  for other in "$key"/*-*; do [ -e "$other" ] && others=1; done
  [ -n "$others" ] && continue
  if named "$key/path"; then
    if [ -e "$key/content" ]; then
      if [ -f "$path" ] && [ ! -L "$path" ] && [ "$(cat "$path")" = "$(cat "$key/content")" ]; then rm -f "$path"; fi
    else
      rmdir "$path" 2>/dev/null
    fi
  fi
  rm -rf "$key"
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
rm -rf "runs/$run"
