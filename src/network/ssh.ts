/**
 * Leads git over ssh through the proxy. A line of bash, because no tool that speaks CONNECT with a
 * password is on every machine: it asks for the host, says the proxy's own words when that is
 * refused, and then passes bytes both ways. Apple's bash 3.2 has /dev/tcp, too. Who a host is
 * (known_hosts) and who the user is (keys, agent) stays hidden until the policy says otherwise; ssh
 * then says so itself.
 */
export const sshVariables = (port: number, token: string): Readonly<Record<string, string>> => ({
  // git gives it to a shell, ssh the rest to the user's own shell, be it fish: so no more than a
  // variable's name is in it.
  // Bash expands it, not that shell: the token must not stand among a process's words, which every
  // user of the machine may read.
  GIT_SSH_COMMAND: String.raw`ssh -o 'ProxyCommand=bash -c "eval \"\$LAUNCHER_SSH_CONNECT\"" launcher %h %p'`,
  LAUNCHER_SSH_CONNECT: [
    `exec 3<>/dev/tcp/127.0.0.1/${port} || exit`,
    'case $1 in *:*) to="[$1]:$2" ;; *) to=$1:$2 ;; esac',
    `printf 'CONNECT %s HTTP/1.1\\r\\nHost: %s\\r\\nProxy-Authorization: Basic ${Buffer.from(`launcher:${token}`).toString('base64')}\\r\\n\\r\\n' "$to" "$to" >&3`,
    'read -r _ status _ <&3',
    // An empty line is a lone carriage return.
    'while read -r line <&3 && [ "${#line}" -gt 1 ]; do :; done',
    '[ "$status" = 200 ] || { cat <&3 >&2; exit 1; }',
    'exec 4<&0',
    'cat <&4 >&3 & cat <&3; kill $!',
  ].join('; '),
})
