import { describe } from 'vitest'
import { codexDialect } from '../../../src/audit/codex/dialect.ts'
import { file, link } from '../../fixtures/fake-host.ts'
import { type AuditOptions, PROJECT, row, testRules } from '../shared/harness.ts'

const CONFIG = '/home/u/.codex/config.toml'

const trusted = `[projects."${PROJECT}"]\ntrust_level = "trusted"\n`
const project = (text: string): AuditOptions => ({
  tree: { [`${PROJECT}/.codex/config.toml`]: text },
})
const beside = (name: string, text: string): AuditOptions => ({
  tree: { [`/home/u/.codex/${name}`]: text },
})
const server = (body: string): string => `[mcp_servers.x]\n${body}\n`
const provider = (body: string): string => `[model_providers.x]\nname = "X"\n${body}\n`

describe('the checks of Codex', () => {
  testRules(codexDialect, CONFIG, [
    row(
      'X101',
      'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n',
      'approval_policy = "on-request"\nsandbox_mode = "danger-full-access"\n',
    ),
    row('X101', '', '', { words: ['--yolo'] }, { words: ['--full-auto'] }),
    row(
      'X101',
      'sandbox_mode = "danger-full-access"\n',
      'sandbox_mode = "danger-full-access"\n',
      { words: ['-c', 'approval_policy="never"'] },
      { words: ['-c', 'approval_policy="untrusted"'] },
    ),
    row('X102', 'sandbox_mode = "danger-full-access"\n', 'sandbox_mode = "workspace-write"\n'),
    row('X103', 'approval_policy = "never"\n', 'approval_policy = "untrusted"\n'),
    row('X104', 'approval_policy = "on-failure"\n', 'approval_policy = "on-request"\n'),
    row('X105', 'approvals_reviewer = "auto_review"\n', 'approvals_reviewer = "user"\n'),
    row(
      'X106',
      'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = true\n',
      'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = false\n',
    ),
    row(
      'X107',
      '[sandbox_workspace_write]\nwritable_roots = ["/home/u"]\n',
      '[sandbox_workspace_write]\nwritable_roots = ["/home/u/cache"]\n',
    ),
    row(
      'X108',
      '[projects."/home/u"]\ntrust_level = "trusted"\n',
      '[projects."/home/u"]\ntrust_level = "untrusted"\n',
    ),
    row('X108', '[projects."/"]\ntrust_level = "trusted"\n', trusted),
    row('X109', 'sandbox_mode = "workspace_write"\n', 'sandbox_mode = "workspace-write"\n'),
    row(
      'X109',
      'approval_policy = 7\n',
      'approval_policy = { granular = { sandbox_approval = true } }\n',
    ),
    row('X110', '', 'default_permissions = "mine"\n'),
    row(
      'X111',
      'sandbox_mode = "workspace-write"\n',
      'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nexclude_slash_tmp = true\n',
    ),
    row('X112', '[profiles.fast]\napproval_policy = "never"\n', '[profiles.fast]\nmodel = "x"\n'),
    row('X201', 'notify = ["python3", "/opt/notify.py"]\n', 'notify = []\n'),
    row(
      'X202',
      '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "/opt/hook"\n',
      '',
    ),
    row(
      'X202',
      '',
      '',
      beside(
        'hooks.json',
        '{ "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": "/opt/hook" }] }] } }',
      ),
      beside('hooks.json', '{ "hooks": {} }'),
    ),
    row('X202', trusted, '', {
      tree: {
        [`${PROJECT}/.codex/hooks.json`]:
          '{ "hooks": { "Stop": [{ "hooks": [{ "command": "x" }] }] } }',
        [`${PROJECT}/.codex/config.toml`]: '',
      },
    }),
    row(
      'X203',
      '',
      '',
      beside('rules/default.rules', 'prefix_rule(pattern = ["git", "push"], decision = "allow")\n'),
      beside(
        'rules/default.rules',
        'prefix_rule(pattern = ["git", "push"], decision = "prompt")\n',
      ),
    ),
    row(
      'X203',
      '',
      '',
      beside('rules/default.rules', 'prefix_rule(pattern=["rm"])\n'),
      beside('rules/default.txt', 'prefix_rule(pattern=["rm"])\n'),
    ),
    row(
      'X204',
      trusted,
      trusted,
      project('sandbox_mode = "danger-full-access"\n'),
      project('model = "x"\n'),
    ),
    row(
      'X205',
      server('command = "/opt/x"\ndefault_tools_approval_mode = "approve"'),
      server('command = "/opt/x"\ndefault_tools_approval_mode = "prompt"'),
    ),
    row('X206', '[features]\ncomputer_use = true\n', '[features]\ncomputer_use = false\n'),
    row('X207', '[plugins."a@b"]\nenabled = true\n', '[plugins."a@b"]\nenabled = false\n'),
    row(
      'X208',
      server('command = "npx"\nargs = ["-y", "x"]'),
      server('command = "npx"\nargs = ["-y", "x@1.2.3"]'),
    ),
    row('X209', server('command = "x"'), server('command = "/opt/x"')),
    row(
      'X210',
      server('command = "/opt/x"\nenv = { API_KEY = "0123456789abcdef" }'),
      server('command = "/opt/x"\nenv_vars = ["API_KEY"]'),
    ),
    row('X211', server('url = "http://x.example/mcp"'), server('url = "https://x.example/mcp"')),
    row('X301', '', '[shell_environment_policy]\ninherit = "core"\n', {
      env: { GITHUB_TOKEN: 'x' },
    }),
    row('X301', '', '[shell_environment_policy]\nignore_default_excludes = false\n'),
    row(
      'X302',
      '[shell_environment_policy]\nset = { API_KEY = "0123456789abcdef" }\n',
      '[shell_environment_policy]\nset = { CI = "1" }\n',
    ),
    row('X302', provider('experimental_bearer_token = "x"'), provider('env_key = "X_KEY"')),
    row(
      'X303',
      provider('base_url = "https://proxy.example/v1"\nenv_key = "OPENAI_API_KEY"'),
      provider('base_url = "https://proxy.example/v1"\nenv_key = "X_KEY"'),
    ),
    row(
      'X303',
      'openai_base_url = "https://proxy.example/v1"\n',
      'openai_base_url = "https://eu.api.openai.com/v1"\n',
    ),
    row('X304', '', '[history]\npersistence = "none"\n'),
    row('X305', '', 'cli_auth_credentials_store = "keyring"\n'),
    row('X306', 'web_search = "live"\n', 'web_search = "cached"\n'),
    row('X306', '[tools]\nweb_search = true\n', '[tools]\nweb_search = false\n'),
    row('X307', '[otel]\nlog_user_prompt = true\n', '[otel]\nlog_user_prompt = false\n'),
    row('X308', '', '[analytics]\nenabled = false\n'),
    row('X401', file('', { mode: 0o620 }), file('', { mode: 0o600 })),
    row(
      'X402',
      link('/home/u/dot/config.toml'),
      '',
      { tree: { '/home/u/dot/config.toml': '' } },
      {},
    ),
    row('X403', 'approval_policy = \n', ''),
    row(
      'X404',
      '',
      '',
      beside('hooks.json', '{ "hooks": {}, "hooks": {} }'),
      beside('hooks.json', '{ "hooks": {} }'),
    ),
    row('X405', 'sandbox_mod = "read-only"\n', 'sandbox_mode = "read-only"\n'),
    row('X405', server('comand = "/opt/x"'), server('command = "/opt/x"')),
    row(
      'X406',
      '[profiles.x]\nmodel = "y"\n',
      '[profiles.x]\nmodel = "y"\n',
      { version: '0.134.0' },
      { version: '0.133.0' },
    ),
    row(
      'X407',
      '',
      '',
      { file: '/home/u/other/config.toml', tree: { '/home/u/other/config.toml': '' } },
      {},
    ),
  ])
})
