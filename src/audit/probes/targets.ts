import type { Platform } from '../../machine/host.ts'

/**
 * Something worth stealing or planting, by a path from the home directory (`~/…`) or the project
 * (`./…`).
 */
export interface Target {
  readonly path: string
  readonly group: 'secret' | 'persistence'
  readonly platform?: Platform
  /** The folder that is to be closed for it; without one, the file alone. */
  readonly folder?: string
}

const files = (group: Target['group'], ...paths: readonly string[]): Target[] =>
  paths.map((path) => ({ path, group }))
const inFolders = (
  group: Target['group'],
  ...pairs: readonly (readonly [folder: string, file: string])[]
): Target[] => pairs.map(([folder, file]) => ({ path: `${folder}/${file}`, group, folder }))
const on = (platform: Platform, targets: readonly Target[]): Target[] =>
  targets.map((target) => ({ ...target, platform }))

/** What audits of every agent ask about. */
export const TARGETS: readonly Target[] = [
  ...inFolders(
    'secret',
    ['~/.ssh', 'id_rsa'],
    ['~/.ssh', 'id_ed25519'],
    ['~/.aws', 'credentials'],
    ['~/.azure', 'accessTokens.json'],
  ),
  ...files('secret', '~/.bash_history', '~/.cargo/credentials.toml'),
  ...inFolders(
    'secret',
    ['~/.config/gcloud', 'application_default_credentials.json'],
    ['~/.config/gh', 'hosts.yml'],
    ['~/.config/op', 'config'],
    ['~/.docker', 'config.json'],
  ),
  ...files('secret', '~/.git-credentials'),
  ...inFolders('secret', ['~/.gnupg', 'private-keys-v1.d/key.key'], ['~/.kube', 'config']),
  ...files('secret', '~/.netrc', '~/.npmrc'),
  ...inFolders('secret', ['~/.password-store', 'mail.gpg']),
  ...files('secret', '~/.pypirc', '~/.python_history'),
  ...inFolders('secret', ['~/.terraform.d', 'credentials.tfrc.json']),
  ...files('secret', '~/.vault-token', '~/.zsh_history'),
  ...on('macos', [
    ...inFolders(
      'secret',
      ['~/Library/Keychains', 'login.keychain-db'],
      ['~/Library/Cookies', 'Cookies.binarycookies'],
      ['~/Library/Messages', 'chat.db'],
      ['~/Library/Mail', 'V10/MailData/Envelope Index'],
    ),
    ...inFolders(
      'secret',
      ['~/Library/Application Support/Google/Chrome', 'Default/Login Data'],
      ['~/Library/Application Support/Firefox', 'Profiles/p/logins.json'],
    ),
    ...inFolders('persistence', ['~/Library/LaunchAgents', 'a.plist']),
  ]),
  ...on('linux', [
    ...inFolders(
      'secret',
      ['~/.mozilla', 'firefox/p/logins.json'],
      ['~/.config/google-chrome', 'Default/Login Data'],
      ['~/.local/share/keyrings', 'login.keyring'],
    ),
    ...inFolders(
      'persistence',
      ['~/.config/systemd', 'user/a.service'],
      ['~/.config/autostart', 'a.desktop'],
    ),
  ]),
  ...files('secret', './.env', './secrets/key.pem'),
  ...files('persistence', '~/.bashrc', '~/.config/fish/config.fish', '~/.gitconfig', '~/.profile'),
  ...inFolders('persistence', ['~/.ssh', 'authorized_keys'], ['~/.ssh', 'config']),
  ...files('persistence', '~/.zshenv', '~/.zshrc', './.envrc', './.git/config'),
  ...inFolders('persistence', ['./.git/hooks', 'pre-commit'], ['./.vscode', 'tasks.json']),
]
