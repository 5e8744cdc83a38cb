import type { KnownKeys } from '../shared/file-rules.ts'

/**
 * Keys of opencode.json (Config.Info in packages/opencode/src/config/config.ts of
 * anomalyco/opencode; opencode.ai/docs/config).
 */
export const OPENCODE_KEYS: KnownKeys = {
  '': [
    ...[
      '$schema',
      'agent',
      'attachment',
      'autoshare',
      'autoupdate',
      'command',
      'compaction',
      'default_agent',
      'disabled_providers',
      'enabled_providers',
      'enterprise',
      'experimental',
      'fallbacks',
      'formatter',
      'instructions',
      'keybinds',
    ],
    ...[
      'layout',
      'logLevel',
      'lsp',
      'mcp',
      'mode',
      'model',
      'permission',
      'plugin',
      'provider',
      'references',
      'server',
      'share',
      'shell',
      'skills',
      'small_model',
      'snapshot',
      'theme',
      'tools',
      'tui',
      'username',
      'watcher',
    ],
  ],
  'mcp.*': [
    'command',
    'cwd',
    'enabled',
    'environment',
    'headers',
    'oauth',
    'timeout',
    'type',
    'url',
  ],
}

/**
 * Names of permissions (the same file; opencode.ai/docs/permissions). Tools of servers and plugins
 * have names of their own.
 */
export const PERMISSIONS: readonly string[] = [
  '*',
  'bash',
  'codesearch',
  'doom_loop',
  'edit',
  'external_directory',
  'glob',
  'grep',
  'list',
  'lsp',
  'plan_enter',
  'plan_exit',
  'question',
  'read',
  'skill',
  'task',
  'todoread',
  'todowrite',
  'webfetch',
  'websearch',
]

export const ACTIONS = ['allow', 'ask', 'deny'] as const
export type Action = (typeof ACTIONS)[number]
