import type { Case } from '../../model.ts'
import { everyDoor, hostNeed, persistenceDoors, secretDoors } from '../../shared/doors.ts'
import type { ClaudeFacts } from '../facts.ts'
import { reachOf } from '../../shared/programs.ts'
import { coversPath } from '../path-patterns.ts'
import type { PermissionRule } from '../permission-rules.ts'
import type { ClaudeRule } from './rule.ts'

/** Programs that carry data out. */
const CARRIERS = /^(?:curl|ftp|nc|ncat|rsync|scp|sftp|socat|telnet|wget)$/

const allowed = ({ rules }: ClaudeFacts, ...tools: readonly string[]): PermissionRule[] =>
  rules.filter(({ list, tool }) => list === 'allow' && tools.includes(tool))

const found = (
  { item: { text, cause, replace } }: PermissionRule,
  more: Omit<Partial<Case>, 'cause'> = {},
): Case => ({ message: `allow holds ${text}`, cause, edits: replace([]), ...more })

/**
 * The words of a rule before its open end: `npm run *` and `npm run:*` have two; a whole command
 * has none.
 */
const openWords = (specifier: string): readonly string[] | undefined =>
  /^([^*]*?)(?::\*| ?\*)$/.exec(specifier)?.[1]?.trim().split(/\s+/)

/**
 * A star in the place of the program takes in every one: `bash -c "…" --version` is what
 * `* --version` matches (docs: permissions, wildcards).
 */
const takesAnyProgram = (specifier: string): boolean =>
  /^[:\s]*\*$/.test(specifier) || /^\s*\*/.test(specifier)

/** Entries of allow that let too much through: C201 to C206. */
export const WIDE_RULES: readonly ClaudeRule[] = [
  {
    id: 'C201',
    severity: 'critical',
    what: 'every command runs',
    // docs: permissions: Bash(*) is the same as Bash.
    why: 'Commands can do whatever the user can; only deny entries are left, and those see the text alone.',
    fix: 'Allow the commands that are needed.',
    find: (facts) =>
      allowed(facts, 'Bash', 'PowerShell').flatMap((rule): Case[] =>
        rule.specifier === undefined || takesAnyProgram(rule.specifier)
          ? [found(rule, { exposes: everyDoor(facts.world) })]
          : [],
      ),
  },
  {
    id: 'C202',
    severity: 'high',
    what: 'a program that runs whatever it is told',
    why: 'Its arguments name what it executes, so that this entry allows every command; or it executes what the agent wrote into the project.',
    fix: 'Allow whole commands: Bash(npm run test), not Bash(npm *).',
    find: (facts) =>
      allowed(facts, 'Bash').flatMap((rule): Case[] => {
        const words = rule.specifier === undefined ? undefined : openWords(rule.specifier)
        const reach = words && reachOf(words)
        if (reach === undefined) return []
        const exposes = everyDoor(facts.world)
        return [found(rule, reach === 'project' ? { exposes, severity: 'medium' } : { exposes })]
      }),
  },
  {
    id: 'C203',
    severity: 'high',
    what: 'a program that carries data out',
    why: 'It sends what it is given to any host.',
    fix: 'Remove it, and allow WebFetch(domain:…) for the hosts that are needed.',
    find: (facts) =>
      allowed(facts, 'Bash').flatMap((rule): Case[] => {
        const program = /^[\w.+/-]+/.exec(rule.specifier ?? '')?.[0] ?? ''
        return rule.specifier?.includes('*') &&
          CARRIERS.test(program.slice(program.lastIndexOf('/') + 1))
          ? [found(rule, { exposes: hostNeed('attacker.example') })]
          : []
      }),
  },
  {
    id: 'C204',
    severity: 'medium',
    what: 'every host is fetched',
    // docs: permissions, WebFetch: domain:* is the same as WebFetch.
    why: 'A page can tell the agent what to do, and an address can carry data out.',
    fix: 'Allow WebFetch(domain:…) for the hosts that are needed.',
    find: (facts) =>
      allowed(facts, 'WebFetch').flatMap((rule): Case[] =>
        rule.specifier === undefined || /^domain:\s*\*\.?$/.test(rule.specifier)
          ? [found(rule, { exposes: hostNeed('attacker.example') })]
          : [],
      ),
  },
  {
    id: 'C205',
    severity: 'high',
    what: 'every file is read without a question',
    why: 'Keys and tokens of the home directory are among them.',
    fix: 'Allow the directories that are needed.',
    find: (facts) =>
      allowed(facts, 'Read').flatMap((rule): Case[] =>
        rule.specifier === undefined || coversHome(facts, rule.specifier, '.ssh/id_rsa')
          ? [found(rule, { exposes: secretDoors(facts.world) })]
          : [],
      ),
  },
  {
    id: 'C206',
    severity: 'high',
    what: 'files of the home directory are written without a question',
    why: 'What shells and other programs run at their next start is among them.',
    fix: 'Allow the directories that are needed.',
    find: (facts) =>
      allowed(facts, 'Edit', 'Write', 'MultiEdit').flatMap((rule): Case[] =>
        rule.specifier === undefined ||
        (rule.tool === 'Edit' && coversHome(facts, rule.specifier, '.zshrc'))
          ? [found(rule, { exposes: persistenceDoors(facts.world) })]
          : [],
      ),
  },
]

const coversHome = (
  { world: { host, project } }: ClaudeFacts,
  specifier: string,
  name: string,
): boolean =>
  coversPath(specifier, `${host.home}/${name}`, { home: host.home, project, cwd: project })
