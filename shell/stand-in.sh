#!/bin/sh
# A stand-in agent: tries to read, write, persist and connect, and says for each attempt what happened.
#   sh -c "$(cat stand-in.sh)" stand-in PORT HOST_PID
# One line an attempt: NAME, a tab, "ok" or "refused", a tab, the kernel's words.
port=$1
pid=$2
tab=$(printf '\t')

attempt() {
  name=$1
  shift
  if words=$("$@" 2>&1 >/dev/null); then echo "$name${tab}ok${tab}"; else echo "$name${tab}refused${tab}$(echo "$words" | sed -n '$p' | sed 's/.*: //')"; fi
}
put() { echo stand-in >>"$1"; }
connect() { bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"; }
through_link() { ln -s "$HOME/.bashrc" out && put out; }
hard_link() { ln "$HOME/.bashrc" hard && put hard; }
see_secret() { [ -n "${CANARY_TOKEN-}" ] || { echo 'not in the environment' >&2 && false; }; }
tasks() { mkdir -p .vscode && put .vscode/tasks.json; }
commondir() { echo ../elsewhere >.git/commondir; }

attempt 'read a file of the project' cat README
attempt 'write a file of the project' put new-file
attempt 'make a directory and move it' sh -c 'mkdir made && mv made moved'
attempt 'start a program' ls .
attempt 'read ~/.ssh/id_rsa' cat "$HOME/.ssh/id_rsa"
attempt 'read ~/.aws/credentials' cat "$HOME/.aws/credentials"
attempt 'read .env of the project' cat .env
attempt 'append to ~/.zshrc' put "$HOME/.zshrc"
attempt 'append to a file beside the project' put ../beside
attempt 'plant .git/hooks/pre-commit' put .git/hooks/pre-commit
attempt 'redirect git with .git/commondir' commondir
attempt 'move .git away' mv .git .g
attempt 'make .vscode/tasks.json' tasks
attempt 'write ~/.bashrc through a link' through_link
attempt 'write ~/.bashrc through a hard link' hard_link
attempt 'see a token of the environment' see_secret
attempt 'signal a process outside' kill -0 "$pid"
attempt 'connect to a local service' connect
