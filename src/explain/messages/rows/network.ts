import { both, linux, mac, type Row } from '../model.ts'

/** Network and certificates (section D). */
export const NETWORK_ROWS: readonly Row[] = [
  {
    id: 33,
    prints: 'resolvers',
    patterns: [
      /getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<host>[\w.-]{1,253})/,
      /(?:Could not|Couldn't) resolve host(?: name)?:? '?(?<host>[\w.-]{1,253})/,
      /nodename nor servname provided/,
      /gaierror(?:\(8|: \[Errno)/,
      /Temporary failure in name resolution/,
      /EAI_AGAIN/,
      /lookup (?<host>[\w.-]{1,253}).{0,100}: no such host/,
    ],
    nature: 'policy',
    means: both("names are not resolved inside: that is the proxy's work"),
    remedy: 'let the client use HTTP_PROXY and HTTPS_PROXY; allow the host with --allow-host',
  },
  {
    id: 34,
    prints: 'Node, curl',
    patterns: [
      /connect EPERM (?<host>[\d.]{7,15}|\[[\da-f:]{2,39}\])(?::\d{1,5})?/,
      /connect: (?:operation not permitted|Operation not permitted)/,
      /Couldn't connect to server/,
      /Failed to connect to (?<host>[\w.-]{1,253})/,
    ],
    nature: 'policy',
    means: both('a direct connection was refused: only the proxy is reachable'),
    remedy: 'allow the host with --allow-host, and check that the client uses the proxy',
  },
  {
    id: 141,
    prints: 'clients of local services',
    patterns: [
      /(?:ECONNREFUSED|[Cc]onnection refused).{0,40}(?:127\.0\.0\.1|localhost|\[?::1\]?)(?::\d{1,5})?/,
      /(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}.{0,60}[Cc]onnection refused/,
    ],
    nature: 'unclear',
    means: linux(
      'the loopback inside is the sandbox\u2019s own, and a service of this machine is not in it; or nothing listens there outside either',
    ),
    remedy: 'launcher run --allow-host localhost:PORT',
    isGeneric: true,
  },
  {
    id: 35,
    prints: 'servers',
    patterns: [
      /listen (?:EPERM|EACCES)/,
      /bind: (?:Operation not permitted|operation not permitted|Permission denied)/,
      /\[Errno 1\].{0,200}bind|bind.{0,200}\[Errno 1\]/,
    ],
    nature: 'unclear',
    means: mac('listening on a port is refused'),
    remedy: 'launcher run --listen PORT',
  },
  {
    id: 36,
    prints: 'any',
    patterns: [/socket: (?:operation not permitted|Operation not permitted)/i],
    nature: 'sandbox',
    means: both('a kind of socket that is never available inside (raw, netlink, others)'),
    remedy: 'none: ping and its kin do not work inside',
  },
  {
    id: 37,
    prints: 'Go',
    patterns: [/x509: OSStatus -26276/, /tls: failed to verify certificate/],
    nature: 'unclear',
    means: mac('Go asks trustd about certificates, which is refused'),
    remedy:
      'features = ["go-tls"] in your profile; trustd runs outside the sandbox and fetches what a ' +
      'certificate names, a way past the hosts. SSL_CERT_FILE does not help',
  },
  {
    id: 38,
    prints: 'TLS clients',
    patterns: [
      /certificate verify failed: unable to get local issuer/,
      /UNABLE_TO_GET_ISSUER_CERT_LOCALLY/,
      /SELF_SIGNED_CERT_IN_CHAIN/,
    ],
    nature: 'unclear',
    means: both(
      'the file of certificate authorities cannot be read, or a proxy shows a certificate of its own',
    ),
    remedy:
      'grant reading on the bundle, and set NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or REQUESTS_CA_BUNDLE',
  },
  {
    id: 39,
    prints: 'the keychain',
    patterns: [
      /SecTrustEvaluate/,
      /errSec.{0,100}-25(?:291|308|300)/,
      /SecKeychain.{0,100} -25291/,
      /security: SecKeychainSearchCopyNext/,
      /User interaction is not allowed/,
    ],
    nature: 'sandbox',
    means: mac('the keychain is closed to what runs inside'),
    remedy:
      'give the secret by [environment.from] keychain:SERVICE/ACCOUNT: launcher reads it outside',
  },
]

/** Proxy and credentials (section H). */
export const PROXY_ROWS: readonly Row[] = [
  {
    id: 96,
    prints: 'httpx',
    patterns: [/Invalid port: ':1\]'/],
    nature: 'elsewhere',
    means: both('httpx cannot read an IPv6 address in NO_PROXY'),
    remedy: 'set NO_PROXY=localhost,127.0.0.1',
  },
  {
    id: 97,
    prints: 'httpx',
    patterns: [/ImportError.{0,200}socksio/, /Using SOCKS proxy/],
    nature: 'elsewhere',
    means: both('ALL_PROXY names a SOCKS proxy and the client has no support for it'),
    remedy: 'set ALL_PROXY to the http:// address of the proxy, or unset it',
  },
  {
    id: 98,
    prints: 'proxied clients',
    patterns: [
      /Tunnel connection failed: 403(?: .{0,100}?(?<host>[a-z0-9-]+\.[a-z0-9.-]{2,200}))?/i,
      /Received HTTP code 403 from proxy after CONNECT/,
      /CONNECT (?<host>[\w.-]{1,253}):\d{1,5}.{0,60} 403/,
    ],
    nature: 'policy',
    means: both("launcher's proxy refused the host: no entry allows it"),
    remedy: 'launcher run --allow-host HOST',
  },
  {
    id: 99,
    prints: 'proxied clients',
    patterns: [/Proxy Authentication Required/i, /HTTP(?:\/\d(?:\.\d)?)? 407/],
    nature: 'sandbox',
    means: both("the client reached the proxy without this run's token"),
    remedy:
      "start the client with the run's environment; never keep a proxy address from another run",
  },
  {
    id: 100,
    prints: 'API clients',
    patterns: [/\b401\b.{0,60}Unauthorized/i, /HTTP(?:\/\d(?:\.\d)?)? 401/],
    nature: 'unclear',
    means: both('the service refused the key: none was sent, a wrong one, or the stand-in for it'),
    remedy: 'launcher explain env NAME shows where a variable comes from',
    isGeneric: true,
  },
  {
    id: 101,
    prints: 'download tools',
    patterns: [
      /401.{0,100}(?:objects|release-assets)\.githubusercontent\.com/,
      /(?:objects|release-assets)\.githubusercontent\.com.{0,200}\b401\b/,
    ],
    nature: 'unclear',
    means: both('a key was sent to a download host that needs none'),
    remedy: 'narrow the hosts that get the credential',
  },
  {
    id: 102,
    prints: 'git',
    patterns: [/fatal: Authentication failed for '(?:https:\/\/)(?<host>[\w.-]{1,253})/],
    nature: 'unclear',
    means: both('git over HTTPS wants a Basic header; a bearer token is refused'),
    remedy: 'use x-access-token as the user name; set GIT_TERMINAL_PROMPT=0',
  },
  {
    id: 103,
    prints: 'ssh',
    patterns: [
      /ssh: connect to host (?<host>[\w.-]{1,253}) port \d{1,5}: (?:Operation not permitted|Network is unreachable|Connection refused)/,
    ],
    nature: 'policy',
    means: both('ssh does not use the proxy, and there is no direct way out'),
    remedy: 'use HTTPS remotes, or GIT_SSH_COMMAND with a ProxyCommand through the proxy',
  },
  {
    id: 104,
    prints: 'Node',
    patterns: [
      /TypeError: fetch failed/,
      /cause: .{0,40}connect (?:EPERM|ECONNREFUSED|ENETUNREACH) (?<host>[\d.]{7,15})/,
    ],
    nature: 'unclear',
    means: both("Node's fetch reads no proxy variables by default, and there is no direct way out"),
    remedy: 'set NODE_USE_ENV_PROXY=1',
  },
  {
    id: 105,
    prints: 'JVM, Bazel',
    patterns: [
      /connect EPERM ::ffff:127\.0\.0\.1:\d{1,5}/,
      /::ffff:127\.0\.0\.1.{0,60}(?:EPERM|Operation not permitted)/,
    ],
    nature: 'sandbox',
    means: mac("Seatbelt's localhost does not hold IPv4 addresses written as IPv6"),
    remedy: '-Djava.net.preferIPv4Stack=true, or an IPv4 socket',
  },
  {
    id: 106,
    prints: 'cargo, libgit2',
    patterns: [
      /(?:SecureTransport|Secure Transport|libgit2|security framework).{0,100}-9808|-9808.{0,100}(?:SecureTransport|Secure Transport|libgit2)/i,
      /code=-?9808/,
    ],
    nature: 'sandbox',
    means: mac('Secure Transport asks a keychain service that is refused'),
    remedy: 'use a build with rustls or OpenSSL; do not open the keychain for it',
  },
  {
    id: 107,
    prints: 'Claude',
    patterns: [/Not logged in\b.{0,40}(?:\/login)?/],
    nature: 'unclear',
    means: mac('the credentials lie in the keychain, which is closed inside'),
    remedy: 'claude setup-token outside, and pass the token by [environment.from]',
  },
  {
    id: 108,
    prints: 'any',
    patterns: [
      /host\.docker\.internal.{0,200}(?:refused|ENOTFOUND|not known)/i,
      /(?:refused|ENOTFOUND|resolve).{0,200}host\.docker\.internal/i,
    ],
    nature: 'elsewhere',
    means: both('that name exists only in Docker'),
    remedy: 'use 127.0.0.1, and grant the port in [network] loopback',
  },
  {
    id: 109,
    prints: 'pinning clients',
    patterns: [
      /certificate pinning|pinned (?:public key|certificate).{0,60}(?:mismatch|not match)|does not match pinned/i,
    ],
    nature: 'unclear',
    means: both('the client knows the certificate it wants, and the proxy shows its own'),
    remedy: 'no interception for that host',
  },
  {
    id: 110,
    prints: 'proxied clients',
    patterns: [/HTTP(?:\/\d(?:\.\d)?)? 421|421 Misdirected Request/],
    nature: 'sandbox',
    means: both('the Host header and the host of the connection differ'),
    remedy: 'a fault of the client: the policy decides on the host that is connected to',
  },
]
