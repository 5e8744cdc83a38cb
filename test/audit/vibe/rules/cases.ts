import { dir, type FakeTree, file, link } from '../../../fixtures/fake-host.ts'
import { type AuditOptions, PROJECT } from '../harness.ts'

/** A check, a configuration that it is about, and a twin that it is not. */
export interface RuleCase {
  readonly id: string
  readonly bad: FakeTree[string] | undefined
  readonly good: FakeTree[string] | undefined
  readonly options?: AuditOptions
  /** Options of the twin, where they differ. */
  readonly goodOptions?: AuditOptions
}

const SECRETS = [
  '.ssh',
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/gh',
  '.config/op',
  '.docker',
  '.gnupg',
  '.kube',
  '.password-store',
  '.terraform.d',
  '.mozilla',
  '.config/google-chrome',
  '.local/share/keyrings',
]
const SECRET_FILES = [
  '.bash_history',
  '.cargo/credentials.toml',
  '.git-credentials',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.python_history',
  '.vault-token',
  '.zsh_history',
  '.vibe/.env',
]
const PERSISTENCE = [
  '.bashrc',
  '.config/fish/config.fish',
  '.gitconfig',
  '.profile',
  '.ssh',
  '.ssh/*',
  '.zshenv',
  '.zshrc',
  '.envrc',
  '.git/config',
  '.git/hooks',
  '.git/hooks/*',
  '.vscode',
  '.vscode/*',
  '.config/systemd',
  '.config/systemd/*',
  '.config/autostart',
  '.config/autostart/*',
  '.vibe/config.toml',
  '.vibe/hooks.toml',
  '.vibe/tools',
  '.vibe/tools/*',
]

const listed = (items: readonly string[]): string =>
  `[${items.map((item) => JSON.stringify(`*/${item}`)).join(', ')}]`

/** A list that denies every secret of the probes on Linux. */
export const DENY_SECRETS = listed([
  ...SECRETS.flatMap((name) => [name, `${name}/*`]),
  ...SECRET_FILES,
])
export const DENY_PERSISTENCE = listed(PERSISTENCE)

const read = (body: string): string => `[tools.read_file]\n${body}\n`
const bash = (body: string): string => `[tools.bash]\n${body}\n`
const server = (body: string): string =>
  `[[mcp_servers]]\nname = "s"\ntransport = "stdio"\ncommand = "/opt/s"\nsampling_enabled = false\n${body}\n`
const http = (url: string): string =>
  `[[mcp_servers]]\nname = "s"\ntransport = "http"\nurl = "${url}"\nsampling_enabled = false\n`
const provider = (body: string): string => `[[providers]]\nname = "x"\n${body}\n`
const TRUSTED: FakeTree = { '/home/u/.vibe/trusted_folders.toml': `trusted = ["${PROJECT}"]\n` }
const projectConfig = (text: string): AuditOptions => ({
  tree: { ...TRUSTED, [`${PROJECT}/.vibe/config.toml`]: text },
})
const hooks = (body: string): AuditOptions => ({
  tree: {
    '/home/u/.vibe/hooks.toml': file(`[[hooks]]\nname = "h"\ntype = "pre_tool"\n${body}\n`, {
      mode: 0o600,
    }),
  },
})
const beside = (tree: FakeTree): AuditOptions => ({ tree })
const row = (
  id: string,
  bad: RuleCase['bad'],
  good: RuleCase['good'],
  options: AuditOptions = {},
  goodOptions: AuditOptions = options,
): RuleCase => ({ id, bad, good, options, goodOptions })

export const RULE_CASES: readonly RuleCase[] = [
  row('V001', 'bypass_tool_permissions = true\n', 'bypass_tool_permissions = false\n'),
  row('V002', 'auto_approve = true\n', 'auto_approve = false\n', { version: '2.8.0' }),
  row('V002', 'auto_approve = true\n', ''),
  row('V003', 'default_agent = "auto-approve"\n', 'default_agent = "ask"\n'),
  row('V003', '', '', { words: ['--agent', 'auto-approve'] }, { words: ['--agent', 'plan'] }),
  row(
    'V004',
    '',
    '',
    beside({ '/home/u/.vibe/agents/x.toml': 'bypass_tool_permissions = true\n' }),
    beside({ '/home/u/.vibe/agents/x.toml': 'display_name = "X"\n' }),
  ),
  row('V005', '', 'default_agent = "ask"\n'),
  row('V006', '', 'disabled_agents = ["auto-*"]\n'),
  row('V007', 'smart_approve_default = true\n', 'smart_approve_default = false\n'),
  row(
    'V008',
    '',
    '',
    { env: { PATH: '/usr/bin', VIBE_BYPASS_TOOL_PERMISSIONS: 'true' } },
    { env: { PATH: '/usr/bin', VIBE_THEME: 'x' } },
  ),
  row(
    'V008',
    '',
    '',
    beside({ '/home/u/.vibe/.env': 'export VIBE_DEFAULT_AGENT=auto-approve\n' }),
    beside({ '/home/u/.vibe/.env': 'MISTRAL_API_KEY=x\n' }),
  ),
  row('V009', '', '', projectConfig('theme = "x"\n'), {
    tree: { [`${PROJECT}/.vibe/config.toml`]: 'theme = "x"\n' },
  }),
  row(
    'V010',
    read('denylist = ["*/.ssh/*"]'),
    read('denylist = ["*/.ssh/*"]'),
    projectConfig('[tools.read_file]\ndenylist = []\n'),
    projectConfig('theme = "x"\n'),
  ),
  row('V010', read('denylist = ["*/.ssh/*"]'), '', {
    ...projectConfig('theme = "x"\n'),
    version: '2.18.4',
  }),
  row(
    'V011',
    '',
    '',
    beside({ '/home/u/.vibe/trusted_folders.toml': 'trusted = ["/home/u"]\n' }),
    beside(TRUSTED),
  ),
  row(
    'V011',
    '',
    '',
    beside({
      '/home/u/.vibe/trusted_folders.toml': 'trusted = ["/home/u/dev"]\n',
      '/home/u/dev/a/.git': dir(),
    }),
    beside({
      '/home/u/.vibe/trusted_folders.toml': 'trusted = ["/home/u/dev"]\n',
      '/home/u/dev/.git': dir(),
      '/home/u/dev/a/.git': dir(),
    }),
  ),
  row(
    'V012',
    '',
    '',
    { version: '2.11.0', words: ['-p', 'x'] },
    { version: '2.11.1', words: ['-p', 'x'] },
  ),
  row('V013', '', '', { version: '2.25.3' }, { version: '2.25.4' }),
  row('V014', '', '', { version: '99.0.0' }, { version: '2.25.8' }),
  row('V015', '', '', { version: '2.24.0' }, { version: '2.23.0' }),
  row('V101', '', read(`denylist = ${DENY_SECRETS}`)),
  row('V102', '', `[tools.grep]\ndenylist = ${DENY_SECRETS}\n`),
  row(
    'V103',
    '',
    `[tools.write_file]\ndenylist = ${DENY_PERSISTENCE}\n[tools.edit]\ndenylist = ${DENY_PERSISTENCE}\n`,
  ),
  row('V104', read('denylist = ["~/.ssh/*"]'), read('denylist = ["*/.ssh", "*/.ssh/*"]')),
  row('V104', read('denylist = ["$HOME/.ssh"]'), read('denylist = ["/home/u/a$"]')),
  row(
    'V105',
    read('denylist = ["/home/u/.ssh"]'),
    read('denylist = ["/home/u/.ssh", "/home/u/.ssh/*"]'),
  ),
  row('V105', read('denylist = ["*/.ssh/"]'), read('denylist = ["*/.zshrc"]')),
  row('V106', read('denylist = ["*/.ssh/*"]'), read('denylist = ["*/.ssh", "*/.ssh/*"]')),
  row('V107', read('denylist = [".env"]'), read('denylist = ["*/.env"]')),
  row('V108', read('denylist = ["/tmp/x"]'), read('denylist = ["/private/tmp/x"]'), {
    platform: 'macos',
  }),
  row(
    'V108',
    read('denylist = ["/home/u/l/x"]'),
    read('denylist = ["/home/u/d/x"]'),
    beside({ '/home/u/l': link('d'), '/home/u/d/x': '' }),
  ),
  row(
    'V109',
    read('denylist = ["/home/u/Secret/x"]'),
    read('denylist = ["/home/u/secret/x"]'),
    beside({ '/home/u/secret/x': '' }),
  ),
  row('V109', read('denylist = ["*/.ssh", "*/.ssh/*"]'), read(''), { platform: 'macos' }),
  row('V110', read('denylist = ["/home/u/{.ssh,.aws}/*"]'), read('denylist = ["/home/u/{x}/y"]')),
  row('V110', read('denylist = ["re:.*"]'), read('denylist = ["*/re:x"]')),
  row('V111', read('denylist = ["/x[1/a"]'), read('denylist = ["/x[[]1/a"]')),
  row(
    'V111',
    read('denylist = ["/home/u/x[1]/a"]'),
    read('denylist = ["/home/u/y[1]/a"]'),
    beside({ '/home/u/x[1]/a': '' }),
  ),
  row('V112', read('allowlist = ["*"]'), read('allowlist = ["/opt/docs/*"]')),
  row('V112', read('allowlist = ["*/.ssh/*"]'), read('allowlist = ["*/.sshx/*"]'), {
    version: '2.18.4',
  }),
  row('V113', read('allowlist = ["/opt/docs/*"]'), read('allowlist = ["/opt/docs/a.md"]')),
  row('V114', read('sensitive_patterns = []'), read('sensitive_patterns = ["**/.env"]')),
  row(
    'V115',
    read('sensitive_patterns = ["**/.env", "**/secrets/**"]'),
    read('sensitive_patterns = ["**/.env", "**/secrets/*"]'),
  ),
  row(
    'V116',
    read('sensitive_patterns = ["**/.env", ""]'),
    read('sensitive_patterns = ["**/.env"]'),
  ),
  row(
    'V117',
    read('permission = "never"\nallowlist = ["/opt/a"]'),
    read('permission = "never"\nallowlist = []'),
  ),
  row('V118', '[tools.edit]\npermission = "always"\n', '[tools.edit]\npermission = "ask"\n', {
    words: ['--agent', 'ask'],
  }),
  row('V119', '', '', { project: '/home/u' }, {}),
  row(
    'V120',
    '',
    '',
    beside({ [`${PROJECT}/l`]: link('/home/u/.ssh'), '/home/u/.ssh/id_rsa': 'k' }),
    beside({ [`${PROJECT}/l`]: link('d'), [`${PROJECT}/d/x`]: '' }),
  ),
  row('V121', read('denylist = ["/hmoe/u/x"]'), read('denylist = ["/home/u/x"]')),
  row(
    'V122',
    read('denylist = ["*/.zshrc"]'),
    `${read('denylist = ["*/.zshrc"]')}[tools.grep]\ndenylist = ["*/.zshrc"]\n`,
  ),
  row(
    'V123',
    '[tools.grep]\nexclude_patterns = [".ssh/"]\n',
    '[tools.grep]\nexclude_patterns = ["build/"]\n',
  ),
  row('V201', bash('permission = "always"'), bash('permission = "ask"')),
  row('V202', bash('allowlist = ["python3"]'), bash('allowlist = ["pwd"]')),
  row('V202', bash('allowlist = ["claude -p"]'), bash('allowlist = ["jq"]')),
  row('V202', bash('allowlist = ["./scripts/test.sh"]'), bash('allowlist = ["rev"]')),
  row('V202', bash('allowlist = ["timeout"]'), bash('allowlist = ["timeout 5 ls"]')),
  row('V203', bash('allowlist = ["git push"]'), bash('allowlist = ["git status"]')),
  row('V204', bash('allowlist = ["tee"]'), bash('allowlist = ["pwd"]')),
  row('V205', bash('allowlist = ["*"]'), bash('allowlist = ["pwd"]')),
  row('V206', '', bash('allowlist = ["pwd"]\n'), { version: '2.12.0' }, { version: '2.25.8' }),
  row('V207', '', bash('allowlist = ["pwd"]'), { bash: true }, { bash: true, version: '2.13.0' }),
  row('V208', bash('allowlist = ["git"]'), bash('allowlist = ["git status"]')),
  row('V209', bash('denylist = []'), bash('allowlist = ["pwd"]')),
  row('V210', bash('denylist = ["rm *"]'), bash('denylist = ["vim"]')),
  row('V211', bash('denylist = ["rm"]'), bash('denylist = ["vim"]')),
  row(
    'V212',
    bash('sensitive_patterns = ["sudo", "rm -rf"]'),
    bash('sensitive_patterns = ["sudo", "rm"]'),
  ),
  row('V213', bash('deny = ["rm"]'), bash('denylist = ["rm"]')),
  row('V214', bash('allowlist = ["pwd"]'), 'theme = "x"\n'),
  row('V215', read('allowlist = ["vibe-path:exact:/opt/a"]'), read('allowlist = ["/opt/a"]')),
  row('V216', 'managed_shell_tools_enabled = true\n', 'managed_shell_tools_enabled = false\n'),
  row('V301', '', 'enable_telemetry = false\n'),
  row('V302', '', '[experiments]\nenable = false\n'),
  row('V303', '', 'enable_update_checks = false\n'),
  row('V304', 'enable_auto_update = true\n', 'enable_auto_update = false\n', { version: '2.13.0' }),
  row(
    'V305',
    'enable_otel = true\notel_endpoint = "https://x.example/v1"\n',
    'enable_otel = true\notel_endpoint = "http://localhost:4318"\n',
  ),
  row('V306', '', 'enable_connectors = false\n'),
  row(
    'V307',
    '[tools.web_fetch]\npermission = "always"\n',
    '[tools.web_fetch]\npermission = "ask"\n',
  ),
  row(
    'V308',
    '[tools.web_search]\npermission = "always"\n',
    '[tools.web_search]\npermission = "ask"\n',
  ),
  row(
    'V309',
    provider('api_base = "http://x.example/v1"'),
    provider('api_base = "http://127.0.0.1:8080/v1"'),
  ),
  row(
    'V310',
    provider('api_base = "https://x.example/v1"'),
    provider('api_base = "https://api.mistral.ai/v1"'),
  ),
  row(
    'V310',
    'vibe_base_url = "https://x.example"\n',
    'vibe_base_url = "https://chat.mistral.ai"\n',
  ),
  row(
    'V311',
    provider('api_base = "https://api.openai.com/v1"\napi_key_env_var = "MISTRAL_API_KEY"'),
    provider('api_base = "https://api.openai.com/v1"\napi_key_env_var = "OPENAI_API_KEY"'),
  ),
  row('V312', 'enable_system_trust_store = true\n', 'enable_system_trust_store = false\n'),
  row('V313', 'voice_mode_enabled = true\n', 'voice_mode_enabled = false\n'),
  row('V314', '', 'autocopy_to_clipboard = false\n'),
  row(
    'V401',
    server('').replace('"/opt/s"', '"npx -y pkg@latest"'),
    server('').replace('"/opt/s"', '"npx -y pkg@1.2.3"'),
  ),
  row('V402', server('').replace('"/opt/s"', '"s"'), server('')),
  row('V403', server('env = { TOKEN = "abcdefgh12345" }'), server('env = { MODE = "fast" }')),
  row('V404', http('http://x.example/mcp'), http('https://x.example/mcp')),
  row('V405', '[[mcp_servers]]\nname = "s"\ntransport = "stdio"\ncommand = "/opt/s"\n', server('')),
  row(
    'V406',
    `${server('')}[tools.s_run]\npermission = "always"\n`,
    `${server('')}[tools.s_run]\npermission = "ask"\n`,
  ),
  row('V407', server(''), ''),
  row(
    'V408',
    '',
    '',
    beside({ '/home/u/.vibe/tools/x.py': 'pass' }),
    beside({ '/home/u/.vibe/tools/README.md': 'x' }),
  ),
  row('V408', 'tool_paths = ["/opt/t"]\n', 'tool_paths = []\n', beside({ '/opt/t/x.py': 'pass' })),
  row('V409', `skill_paths = ["${PROJECT}/skills"]\n`, 'skill_paths = ["/opt/skills"]\n'),
  row('V410', '', '', hooks('command = "/opt/h"\nstrict = true'), {}),
  row('V411', '', '', hooks('command = "/opt/h"'), hooks('command = "/opt/h"\nstrict = true')),
  row('V412', '', '', hooks('command = "h.sh"'), hooks('command = "/opt/h"')),
  row('V413', 'system_prompt_id = "mine"\n', 'system_prompt_id = "cli"\n'),
  row('V414', '', '', beside({ '/home/u/.vibe/AGENTS.md': 'x' }), {}),
  row(
    'V415',
    '[tools.task]\nallowlist = ["explore", "x"]\n',
    '[tools.task]\nallowlist = ["explore"]\n',
  ),
  row('V501', file('', { mode: 0o666 }), file('', { mode: 0o600 })),
  row('V501', file('', { mode: 0o600, uid: 77 }), file('', { mode: 0o600 })),
  row('V502', link('/home/u/dot/config.toml'), '', beside({ '/home/u/dot/config.toml': '' }), {}),
  row(
    'V503',
    '',
    '',
    beside({ '/home/u/.vibe/.env': file('A=b', { mode: 0o644 }) }),
    beside({ '/home/u/.vibe/.env': file('A=b', { mode: 0o600 }) }),
  ),
  row(
    'V503',
    '',
    '',
    beside({
      '/home/u/.vibe/.env': link('/home/u/dot/env'),
      '/home/u/dot/env': file('A=b', { mode: 0o600 }),
      '/home/u/dot/.git': dir(),
    }),
    beside({
      '/home/u/.vibe/.env': link('/home/u/dot/env'),
      '/home/u/dot/env': file('A=b', { mode: 0o600 }),
    }),
  ),
  row(
    'V504',
    provider('api_base = "https://api.mistral.ai/v1"\napi_key = "abcdefgh12345678"'),
    provider('api_base = "https://api.mistral.ai/v1"\napi_key_env_var = "A_B_C"'),
  ),
  row(
    'V505',
    '[session_logging]\nsave_dir = "~/Dropbox/vibe"\n',
    '[session_logging]\nsave_dir = "~/logs"\n',
  ),
  row('V506', 'enable_telemtry = false\n', 'enable_telemetry = false\n'),
  row('V507', 'disable_telemetry = true\n', 'enable_telemetry = false\n'),
  row(
    'V507',
    '[tools.edit]\npermission = "never"\n',
    '[tools.search_replace]\npermission = "never"\n',
    { version: '2.13.0' },
  ),
  row('V508', read('permission = "Never"'), read('permission = "never"')),
  row('V508', '[tools]\nread_file = "never"\n', read('')),
  row(
    'V509',
    'enabled_tools = ["bash"]\ndisabled_tools = ["grep"]\n',
    'disabled_tools = ["grep"]\n',
    { version: '2.18.4' },
  ),
  row('V510', 'disabled_tools = ["read_fiel"]\n', 'disabled_tools = ["read_*"]\n'),
  row('V511', 'a = \n', ''),
  row('V512', '', '', { env: { PATH: '/usr/bin', VIBE_HOME: '/v' } }, {}),
  row('V513', `${provider('')}${provider('')}`, provider('')),
  row(
    'V514',
    '',
    '',
    { installed: '2.25.8', mayWrite: (path) => path === '/v' },
    { installed: '2.25.8', mayWrite: () => false },
  ),
  row('V515', '', '', { env: { PATH: '/none' } }, {}),
  row('V516', undefined, ''),
  row('V516', link('/gone'), link('/there'), beside({}), beside({ '/there': '' })),
  row(
    'V517',
    '',
    '',
    { installed: '2.25.8', python: '3.14' },
    { installed: '2.25.8', python: '3.13' },
  ),
]
