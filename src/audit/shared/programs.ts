import { AGENT_COMMANDS } from '../dialects.ts'

/**
 * What an allowed beginning of a command lets run: any program its arguments name, or code that
 * lies in the project (which the agent writes).
 */
export type Reach = 'anything' | 'project'

const list = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean))

/** Programs that run what their arguments say, whatever stands first among these. */
const INTERPRETERS = list(`
  ash awk bash bun bunx busybox dash deno docker ed elixir emacs erl eval exec expect fish gawk gdb ghci groovy guile
  ipython irb java julia jshell kotlin ksh kubectl lua mawk nawk nix-shell node nodejs nvim open osascript perl php
  pipx podman pwsh python R Rscript ruby scala screen sh socat source sqlite3 ssh tclsh tmux ts-node tsx uvx vi vim zsh
  npx rsync tar find fd rg`)

/** Programs that run the program after them. */
const WRAPPERS = list(`
  builtin caffeinate chronic command doas env flock ionice nice nohup parallel setsid stdbuf strace sudo time timeout
  unbuffer watch xargs`)

/** Programs that run code of the project, whatever their arguments are. */
const PROJECT = list(`
  ant behave bazelisk ctest gradle gradlew guard invoke jest just karma lefthook make meson mix mocha mvn mvnw ninja
  nox nosetests phpunit playwright pre-commit pytest rake rspec sbt stack task tox vitest`)

/**
 * The same with their sub-command; a program named here without one runs anything through another
 * of them.
 */
const SUBCOMMANDS: Readonly<Record<string, Readonly<Record<string, Reach>>>> = {
  bazel: { build: 'project', run: 'anything', test: 'project' },
  bundle: { exec: 'anything' },
  cargo: { bench: 'project', build: 'project', run: 'project', test: 'project' },
  composer: { exec: 'anything', run: 'project', 'run-script': 'project', test: 'project' },
  conda: { run: 'anything' },
  devbox: { run: 'anything', shell: 'anything' },
  direnv: { exec: 'anything' },
  dotnet: { build: 'project', run: 'project', test: 'project' },
  git: { bisect: 'anything', commit: 'project', rebase: 'anything' },
  go: { build: 'project', generate: 'anything', run: 'anything', test: 'project' },
  hatch: { run: 'anything' },
  mise: { exec: 'anything', run: 'project', x: 'anything' },
  nix: { develop: 'anything', run: 'anything', shell: 'anything' },
  npm: { exec: 'anything', run: 'project', start: 'project', test: 'project', x: 'anything' },
  pdm: { run: 'anything' },
  pip: { install: 'anything' },
  pnpm: { dlx: 'anything', exec: 'anything', run: 'project', test: 'project' },
  poetry: { run: 'anything' },
  rye: { run: 'anything' },
  swift: { build: 'project', run: 'project', test: 'project' },
  uv: { pip: 'anything', run: 'anything', tool: 'anything' },
  yarn: { dlx: 'anything', exec: 'anything', run: 'project', test: 'project' },
}

const SCRIPT_RUNNERS = list('composer mise npm pnpm yarn')

/**
 * What the words of a command, with anything after them, can run; undefined for what only reads,
 * writes or talks. Facts: each program's own manual.
 */
export const reachOf = (words: readonly string[]): Reach | undefined => {
  const [word = '', ...rest] = words
  const name = word.slice(word.lastIndexOf('/') + 1)
  if (/^\.{0,2}[^/]*\//.test(word) && !word.startsWith('/')) return 'project'
  if (WRAPPERS.has(name)) {
    const inner = rest.findIndex((one) => !/^(?:-|\d|[A-Z_]+=)/.test(one))
    return inner < 0 ? 'anything' : reachOf(rest.slice(inner))
  }
  if (AGENT_COMMANDS.has(name) || INTERPRETERS.has(name.replace(/[\d.]+$/, '') || name))
    return rest.length === 0 || AGENT_COMMANDS.has(name) || rest[0]!.startsWith('-')
      ? 'anything'
      : undefined
  if (PROJECT.has(name)) return 'project'
  if (!Object.hasOwn(SUBCOMMANDS, name)) return undefined
  const [sub, ...inner] = rest
  if (sub === undefined) return 'anything'
  const reach = Object.hasOwn(SUBCOMMANDS[name]!, sub) ? SUBCOMMANDS[name]![sub] : undefined
  const named = inner.filter((one) => !one.startsWith('-'))
  // A script that is named is one that a person chose.
  if (sub === 'run' && SCRIPT_RUNNERS.has(name) && named.length > 0) return undefined
  return reach === 'anything' && named.length > 0 ? reachOf(named) : reach
}
