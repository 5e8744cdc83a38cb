import { READ_ONLY_COMMANDS } from './bash-commands.ts'
import { at, type Changes } from './version-order.ts'
import type { VibeSemantics } from './versions.ts'

/**
 * The configuration this version runs with when no file says otherwise: top-level keys that it
 * reads, and every tool's table under `tools`. Keys about models are left out.
 */
export const defaultsOf = (semantics: VibeSemantics): Record<string, unknown> => {
  const top = Object.entries(TOP_LEVEL).filter(([key]) => semantics.keys.includes(key))
  return {
    ...Object.fromEntries(top.map(([key, value]) => [key, structuredClone(value)])),
    ...(semantics.keys.includes('default_agent') ? { default_agent: semantics.defaultAgent } : {}),
    ...(semantics.keys.includes('file_watcher_for_autocomplete')
      ? { file_watcher_for_autocomplete: at(semantics.release, FILE_WATCHER) }
      : {}),
    tools: Object.fromEntries(semantics.tools.map((tool) => [tool, toolDefaults(tool, semantics)])),
  }
}

/**
 * The table of one tool; of a tool that Vibe does not bring (MCP, custom), what every tool starts
 * from.
 */
export const toolDefaults = (tool: string, semantics: VibeSemantics): Record<string, unknown> => {
  const hasSensitive = semantics.sensitive !== 'none'
  const isFileTool = Object.values(semantics.toolNames).includes(tool)
  const isShell = tool === 'bash' || tool === 'git_bash' || tool === 'powershell'
  return {
    permission:
      at(semantics.release, RUNS_UNASKED).includes(tool) || tool === semantics.toolNames.read
        ? 'always'
        : 'ask',
    allowlist: isShell
      ? [...at(semantics.release, BASH_ALLOWLIST)]
      : tool === 'task'
        ? [...at(semantics.release, TASK_ALLOWLIST)]
        : [],
    denylist: isShell ? [...BASH_DENYLIST] : [],
    ...(hasSensitive
      ? {
          sensitive_patterns: isShell
            ? ['sudo']
            : isFileTool
              ? [...at(semantics.release, SENSITIVE_PATTERNS)]
              : [],
        }
      : {}),
    ...(isShell ? { denylist_standalone: [...BASH_STANDALONE] } : {}),
  }
}

const RUNS_UNASKED: Changes<readonly string[]> = [
  ['1.0.0', ['ask_user_question', 'exit_plan_mode', 'grep', 'todo']],
  ['2.8.0', ['ask_user_question', 'exit_plan_mode', 'grep', 'skill', 'todo']],
]

const TASK_ALLOWLIST: Changes<readonly string[]> = [
  ['2.0.0', []],
  ['2.3.0', ['explore']],
]

const SENSITIVE_PATTERNS: Changes<readonly string[]> = [
  ['2.6.0', ['**/.env', '**/.env.*']],
  ['2.24.1', ['**/.env', '**/.env.*', '**/.env~', '**/.envrc', '**/.envrc.*', '**/.envrc~']],
]

const GIT_READERS = ['git diff', 'git log', 'git status', 'tree', 'whoami']
const FIRST_READERS = ['head', 'ls', 'pwd', 'stat', 'tail', 'uname', 'wc', 'which']

const BASH_ALLOWLIST: Changes<readonly string[]> = [
  ['1.0.0', ['echo', 'find', ...GIT_READERS, 'cat', 'file', ...FIRST_READERS]],
  ['2.5.0', ['echo', ...GIT_READERS, 'cat', 'file', ...FIRST_READERS]],
  ['2.6.0', ['cd', 'echo', ...GIT_READERS, 'cat', 'file', ...FIRST_READERS]],
  ['2.9.0', ['cd', 'echo', ...GIT_READERS, 'cat', 'file', 'find', ...FIRST_READERS]],
  ['2.15.0', ['cd', 'echo', ...GIT_READERS, ...READ_ONLY_COMMANDS]],
]
const BASH_DENYLIST = [
  'gdb',
  'pdb',
  'passwd',
  'nano',
  'vim',
  'vi',
  'emacs',
  'bash -i',
  'sh -i',
  'zsh -i',
  'fish -i',
  'dash -i',
  'screen',
  'tmux',
]
const BASH_STANDALONE = [
  'python',
  'python3',
  'ipython',
  'bash',
  'sh',
  'nohup',
  'vi',
  'vim',
  'emacs',
  'nano',
  'su',
]

const FILE_WATCHER: Changes<boolean> = [
  ['2.2.0', false],
  ['2.26.0', true],
]

const TOP_LEVEL: Readonly<Record<string, unknown>> = {
  agent_paths: [],
  applied_migrations: [],
  auto_approve: false,
  autocopy_to_clipboard: true,
  bypass_tool_permissions: false,
  connectors: [],
  console_base_url: 'https://console.mistral.ai',
  disabled_agents: [],
  disabled_skills: [],
  disabled_tools: [],
  enable_auto_approve: true,
  enable_auto_update: true,
  enable_background_processes: true,
  enable_connectors: true,
  enable_experimental_hooks: false,
  enable_mcp: true,
  enable_notifications: true,
  enable_otel: false,
  enable_subagents: true,
  enable_system_trust_store: false,
  enable_telemetry: true,
  enable_update_checks: true,
  enabled_agents: [],
  enabled_skills: [],
  enabled_tools: [],
  experimental_enable_document_library_connector: false,
  experimental_enable_registry_skills: false,
  experiments: { enable: true, api_host: 'https://experiments.mistral.services/' },
  include_commit_signature: true,
  include_project_context: true,
  installed_agents: [],
  managed_shell_tools_enabled: false,
  mcp_servers: [],
  narrator_enabled: false,
  otel_endpoint: '',
  otel_redaction: 'default',
  outside_workdir: 'ask',
  providers: [
    {
      name: 'mistral',
      api_base: 'https://api.mistral.ai/v1',
      api_key_env_var: 'MISTRAL_API_KEY',
      backend: 'mistral',
    },
    { name: 'llamacpp', api_base: 'http://127.0.0.1:8080/v1', api_key_env_var: '' },
  ],
  session_logging: { enabled: true, save_dir: '', session_prefix: 'session' },
  skill_paths: [],
  smart_approve_available: false,
  smart_approve_default: false,
  strict_config: false,
  system_prompt_id: 'cli',
  tool_paths: [],
  vibe_base_url: 'https://chat.mistral.ai',
  vibe_code_sessions_base_url: 'https://chat.mistral.ai',
  voice_mode_enabled: false,
  worktree_limit: 15,
}
