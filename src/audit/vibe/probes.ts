import { decodeText } from '../../text/decode.ts'
import { join } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { AnsweredProbe, GateAnswer, ProbeCwd } from '../model.ts'
import { commandProbes, type FileProbe, fileProbes, type FileUse } from '../probes/build.ts'
import type { Target } from '../probes/targets.ts'
import type { VibeLoaded } from './load.ts'
import { decideBash } from './semantics/bash-gate.ts'
import { type BashParser, createBashParser } from './semantics/bash-parse.ts'
import { decideFile } from './semantics/file-gate.ts'
import type { FileTool, GateWorld } from './semantics/types.ts'

/** Vibe's own files: the key, and what decides its next run. */
const OWN: readonly Target[] = [
  { path: '~/.vibe/.env', group: 'secret' },
  { path: '~/.vibe/config.toml', group: 'persistence' },
  { path: '~/.vibe/hooks.toml', group: 'persistence' },
  { path: '~/.vibe/tools/a.py', group: 'persistence', folder: '~/.vibe/tools' },
  { path: './.vibe/config.toml', group: 'persistence' },
]

const TOOL_OF: Readonly<Record<FileUse, FileTool>> = {
  read: 'read',
  grep: 'grep',
  'grep parent': 'grep',
  write: 'write',
  edit: 'edit',
}

/** Every probe of a file tool with the gate's answer. */
export const answerFileProbes = (
  loaded: VibeLoaded,
  world: AuditWorld,
): (FileProbe & AnsweredProbe)[] => {
  const { toolNames, offers } = loaded.version.semantics
  const names = {
    read: toolNames.read,
    write: toolNames.write,
    edit: toolNames.edit,
    ...(offers.includes('grep') ? { grep: toolNames.grep, 'grep parent': toolNames.grep } : {}),
  }
  return fileProbes(world, names, OWN).map((probe) => ({
    ...probe,
    gate: fileGate(loaded, world, probe),
  }))
}

const fileGate = (
  loaded: VibeLoaded,
  world: AuditWorld,
  { use, path, cwd }: FileProbe,
): GateAnswer =>
  decideFile(
    loaded.config,
    loaded.version.semantics,
    { tool: TOOL_OF[use], path },
    gateWorld(loaded, world, cwd),
  )

/** Every command line of the corpus with the gate's answer; without a parser none. */
export const answerCommandProbes = (
  loaded: VibeLoaded,
  world: AuditWorld,
  parse: BashParser | undefined,
): AnsweredProbe[] => (parse === undefined ? [] : answeredCommands(loaded, world, keptTrees(parse)))

const answeredCommands = (
  loaded: VibeLoaded,
  world: AuditWorld,
  parse: BashParser,
): AnsweredProbe[] =>
  commandProbes(world, 'bash').map((probe) => ({
    ...probe,
    gate: decideBash(
      loaded.config,
      loaded.version.semantics,
      probe.subject,
      parse,
      gateWorld(loaded, world, probe.cwd),
    ),
  }))

/** Each command is asked about in two places: it is parsed once. */
const keptTrees = (parse: BashParser): BashParser => {
  const trees = new Map<string, ReturnType<BashParser>>()
  return (command) => {
    const tree = trees.get(command) ?? parse(command)
    trees.set(command, tree)
    return tree
  }
}

const gateWorld = (
  { version }: VibeLoaded,
  { host, project, resolve }: AuditWorld,
  cwd: ProbeCwd,
): GateWorld => ({
  home: host.home,
  cwd: cwd === 'home' ? host.home : project,
  resolve,
  readText: (path) => {
    const read = host.read(path, MAX_TEXT)
    return read.ok ? decodeText(read.bytes) : undefined
  },
  kindOf: (path) => {
    const type = host.stat(path)?.type
    return type === 'file' || type === 'directory' ? type : undefined
  },
  isMacOS: host.platform === 'macos',
  ...(version.python === undefined
    ? {}
    : { python: Number(version.python.split('.')[1]) >= 13 ? '3.13' : '3.12' }),
})

/** Larger files are no configuration of git. */
const MAX_TEXT = 1 << 18

/**
 * The parser from the files of the installation (a checkout keeps them with its packages);
 * undefined when they are missing.
 */
export const loadBashParser = async ({ host }: AuditWorld): Promise<BashParser | undefined> => {
  const bytes = (...names: readonly string[]): Uint8Array | undefined => {
    for (const name of names) {
      const read = host.read(join(host.installation, name), MAX_WASM)
      if (read.ok) return read.bytes
    }
    return undefined
  }
  const runtime = bytes(
    'dist/web-tree-sitter.wasm',
    'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  )
  const bash = bytes(
    'dist/tree-sitter-bash.wasm',
    'node_modules/tree-sitter-bash/tree-sitter-bash.wasm',
  )
  return runtime && bash && createBashParser({ runtime, bash })
}

const MAX_WASM = 16 << 20
