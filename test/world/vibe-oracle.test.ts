import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect } from 'vitest'
import { decideBash } from '../../src/audit/vibe/semantics/bash-gate.ts'
import { type BashParser, createBashParser } from '../../src/audit/vibe/semantics/bash-parse.ts'
import { defaultsOf } from '../../src/audit/vibe/semantics/defaults.ts'
import { decideFile } from '../../src/audit/vibe/semantics/file-gate.ts'
import {
  builtinAgentLayer,
  type EffectiveConfig,
  effectiveConfig,
  environmentLayer,
} from '../../src/audit/vibe/semantics/layers.ts'
import { FILE_TOOLS, type FileTool, type Layer } from '../../src/audit/vibe/semantics/types.ts'
import { semanticsOf, type VibeSemantics } from '../../src/audit/vibe/semantics/versions.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { where } from '../e2e/where.ts'
import {
  askVibe,
  installedVibe,
  type OracleAnswer,
  type OracleQuestion,
  type VibeRelease,
} from '../fixtures/vibe-oracle.ts'
import { COMMANDS, generatedCommands } from '../fixtures/vibe-oracle-commands.ts'
import {
  generatedConfigs,
  type OracleConfig,
  writtenConfigs,
} from '../fixtures/vibe-oracle-configs.ts'
import { diskWorld, makeHome } from '../fixtures/vibe-world.ts'

/** One release of each generation of the gate, on both Pythons by turns. */
const RELEASES: readonly VibeRelease[] = [
  { version: '2.2.1', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.7.0', minor: '3.13', besides: ['mcp<2'] },
  { version: '2.13.0', minor: '3.12' },
  { version: '2.18.4', minor: '3.13' },
  { version: '2.22.0', minor: '3.12' },
  { version: '2.25.4', minor: '3.13' },
  { version: '2.26.1', minor: '3.12' },
  { version: '3.0.3', minor: '3.13', instead: ['certifi'] },
]

/**
 * Where our shell gate differs from Vibe's: every difference that is not here fails the test, and
 * every row must still be one. There is none.
 */
const KNOWN_DIFFERENCES: readonly {
  readonly version: string
  readonly command: string
  readonly why: string
}[] = []

/** By chance, besides those written by hand; the seed is printed. */
const GENERATED = 20
const GENERATED_COMMANDS = 90

const PATHS = (home: string): readonly string[] => [
  '~/.ssh/id_rsa',
  `${home}/.ssh/id_rsa`,
  '../../.ssh/id_rsa',
  '.ssh/id_rsa',
  '~/.ssh',
  '~/.ssh/keys/deep',
  '~/.SSH/id_rsa',
  '~/.aws/credentials',
  '~/.env',
  '.env',
  '.ENV',
  '.env.local',
  '.envrc',
  'src/.env/x',
  '~/.netrc',
  '~/.zshrc',
  '~',
  '..',
  '.',
  '/',
  '/etc/passwd',
  'link',
  'keys/id_rsa',
  'keys',
  'inner/a.ts',
  '~/dev/ssh/id_rsa',
  '~/dev/ssh/keys/deep',
  '~/store/a',
  'secrets/key.pem',
  'secrets/a/b.pem',
  'src/a.ts',
  'src/../src/a.ts',
  'absent/../a',
  'x[1]/y',
  'Ünï.txt',
  'a b.txt',
  ' src/a.ts ',
  'src/a.ts\n',
  '~root/x',
  '~nobody_at_all/x',
  'a\0b',
  'a\\b',
  'C:x',
  '//etc/passwd',
  '',
]

const require = createRequire(import.meta.url)
const wasm = (name: string): Uint8Array => fs.readFileSync(require.resolve(name))
const parser = await createBashParser({
  runtime: wasm('web-tree-sitter/web-tree-sitter.wasm'),
  bash: wasm('tree-sitter-bash/tree-sitter-bash.wasm'),
})
const trees = new Map<string, ReturnType<BashParser>>()
const parse: BashParser = (command) => {
  const tree = trees.get(command) ?? parser(command)
  trees.set(command, tree)
  return tree
}

const ourConfig = (
  { config, project: file, env, agent, cwd }: OracleQuestion,
  semantics: VibeSemantics,
  { home, project }: Asked,
): EffectiveConfig => {
  const layers: Layer[] = [{ name: 'user', values: config }, environmentLayer(env ?? {}, semantics)]
  if (file !== undefined && cwd === project) layers.push({ name: 'project', values: file })
  const chosen =
    agent ?? effectiveConfig(layers, semantics).values['default_agent'] ?? semantics.defaultAgent
  const profile = builtinAgentLayer(String(chosen), semantics, path.join(home, '.vibe'))
  return effectiveConfig(profile === undefined ? layers : [...layers, profile], semantics)
}

const seed = Date.now() % 2 ** 31
const corpus = [
  ...COMMANDS,
  ...fc.sample(generatedCommands(), { numRuns: GENERATED_COMMANDS, seed }),
]

/**
 * Configurations that say something about bash get the whole corpus; the others, which share its
 * defaults, a slice each.
 */
const commandsFor = ({ config, agent }: OracleConfig, index: number): readonly string[] =>
  index === 0 || agent === 'plan' || Object.hasOwn((config['tools'] ?? {}) as object, 'bash')
    ? corpus
    : corpus.filter((_, place) => place % 8 === index % 8)
/** Each release has a home of its own: they run side by side, and Vibe writes there. */
const askedOf = (release: VibeRelease) => {
  const { home, project, remove } = makeHome()
  afterAll(remove)
  const written = writtenConfigs(home, project)
  const configs = [
    ...written,
    ...fc.sample(generatedConfigs(home, project), { numRuns: GENERATED, seed }),
  ]
  const probes = FILE_TOOLS.flatMap((tool) => PATHS(home).map((file) => [tool, file] as const))
  const questions = configs.flatMap((config, index): OracleQuestion[] =>
    [project, home].flatMap((cwd, place) => {
      const isTurn = index % 2 === place
      // By chance made configurations are asked about in one place each.
      return isTurn || index < written.length
        ? [
            {
              ...config,
              cwd,
              probes,
              commands: isTurn || index === 0 ? commandsFor(config, index) : [],
            },
          ]
        : []
    }),
  )
  return { release, home, project, configs, questions, install: installedVibe(release) }
}
type Asked = ReturnType<typeof askedOf>

const asked = RELEASES.map(askedOf)

/** Two processes at a time, in the order of the tests that wait for them. */
const answered = asked.reduce<Promise<Awaited<ReturnType<typeof askVibe>> | undefined>[]>(
  (before, { home, install, questions }, index) => {
    const ask = async () =>
      'python' in install ? askVibe(install.python, home, questions) : undefined
    const run = (before[index - 2] ?? Promise.resolve(undefined)).then(ask, ask)
    run.catch(() => undefined)
    before.push(run)
    return before
  },
  [],
)

describe.each(asked.map((entry, index) => ({ entry, index, ...entry.release })))(
  'mistral-vibe $version on Python $minor',
  ({ entry, index }) => {
    const { release, install, configs, questions } = entry
    where('reason' in install ? install.reason : undefined)(
      'its own gate and ours give the same answers',
      async () => {
        const { semantics } = semanticsOf(release.version)
        const { hello, answers } = (await answered[index])!

        expect(hello.version).toBe(release.version)
        expect(hello.python.startsWith(release.minor)).toBe(true)
        expect(ourDefaults(semantics)).toEqual(
          Object.fromEntries(
            Object.keys(ourDefaults(semantics)).map((tool) => [tool, hello.defaults[tool]]),
          ),
        )

        const files = questions.flatMap((question, at) =>
          compareFiles(question, answers[at]!, semantics, entry),
        )
        const bash = questions.flatMap((question, at) =>
          compareBash(question, answers[at]!, semantics, entry),
        )
        const refused = answers.filter((answer) => 'error' in answer).length
        const differing = [
          ...new Set(bash.filter(({ isSame }) => !isSame).map(({ command }) => command)),
        ]
        console.log(
          `${release.version} (seed ${seed}): ${configs.length} configurations, ${refused} of ${questions.length} refused by Vibe; files ${agreed(files)}; bash ${agreed(bash)}, ${corpus.length - differing.length} of ${corpus.length} commands always the same`,
        )

        expect(files.filter(({ isSame }) => !isSame).slice(0, 10)).toEqual([])
        const known = KNOWN_DIFFERENCES.filter(({ version }) => version === release.version).map(
          ({ command }) => command,
        )
        expect(
          bash.filter(({ isSame, command }) => !isSame && !known.includes(command)).slice(0, 10),
        ).toEqual([])
        expect(
          known.filter((command) => !differing.includes(command)),
          'rows that are no difference any more',
        ).toEqual([])
        expect(known.length / COMMANDS.length).toBeLessThanOrEqual(0.01)
        expect(refused).toBeLessThan(questions.length / 3)
        for (const verdict of ['RUNS', 'ASKS', 'DENIED']) {
          expect(
            files.filter(({ theirs }) => theirs === verdict).length,
            `file calls that are ${verdict}`,
          ).toBeGreaterThan(100)
          expect(
            bash.filter(({ theirs }) => theirs === verdict).length,
            `commands that are ${verdict}`,
          ).toBeGreaterThan(100)
        }
      },
      180_000,
    )
  },
)

const agreed = (all: readonly { readonly isSame: boolean }[]): string =>
  `${all.filter(({ isSame }) => isSame).length}/${all.length}`

const ourDefaults = (semantics: VibeSemantics): Record<string, unknown> =>
  (defaultsOf(semantics)['tools'] ?? {}) as Record<string, unknown>

const compareFiles = (
  question: OracleQuestion,
  answer: OracleAnswer,
  semantics: VibeSemantics,
  asked: Asked,
) => {
  const config = ourConfig(question, semantics, asked)
  const world = diskWorld(asked.home, question.cwd as AbsolutePath, asked.release.minor)
  return question.probes.flatMap(([tool, file], index) => {
    const ours = decideFile(config, semantics, { tool: tool as FileTool, path: file }, world)
    if ('error' in answer) return []
    const theirs = answer.files[index]
    return [
      {
        isSame: ours.verdict === (theirs === 'NONE' ? 'DENIED' : theirs),
        tool,
        file,
        theirs,
        ours: ours.verdict,
        because: ours.because,
        config: question.config,
        project: question.project,
        agent: question.agent,
        cwd: question.cwd,
      },
    ]
  })
}

const compareBash = (
  question: OracleQuestion,
  answer: OracleAnswer,
  semantics: VibeSemantics,
  asked: Asked,
) => {
  const config = ourConfig(question, semantics, asked)
  const world = diskWorld(asked.home, question.cwd as AbsolutePath, asked.release.minor)
  return question.commands.flatMap((command, index) => {
    const ours = decideBash(config, semantics, command, parse, world)
    if ('error' in answer) return []
    const theirs = answer.bash[index]
    return [
      {
        isSame: ours.verdict === (theirs === 'NONE' ? 'DENIED' : theirs),
        command,
        theirs,
        ours: ours.verdict,
        because: ours.because,
        config: question.config,
        project: question.project,
        cwd: question.cwd,
      },
    ]
  })
}
