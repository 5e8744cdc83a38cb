import type { GateAnswer } from '../../model.ts'
import { analyzeShell } from './bash-analysis.ts'
import { denialOf } from './bash-lists.ts'
import type { ShellQuestion } from './bash-old.ts'
import type { HardenedSemantics } from './bash-versions.ts'
import { repositoryAsks } from './git-repository.ts'
import { strip } from './python-text.ts'
import { expandHome, joinPaths, pureText } from './python-path.ts'
import { commandPolicy } from './shell-policies.ts'
import { shellWords } from './shell-words.ts'
import type { GateWorld } from './types.ts'

/**
 * What the denylist and the rules for options say to these commands and to what `eval` and `exec`
 * start: a denial, a question, nothing, or `fails` where Python does.
 */
export const guard = (
  commands: readonly string[],
  question: ShellQuestion & { readonly hardened: HardenedSemantics },
): GateAnswer | 'fails' | undefined => {
  const { table, semantics, hardened, world } = question
  const cwds = new Set([world.resolve(world.cwd)])
  let isLost = false
  let asked: GateAnswer | undefined
  for (const command of withWrapped(commands, question)) {
    const denied = denialOf(command, table, semantics.bash)
    if (denied) return denied
    const words = shellWords(command)
    const policy = commandPolicy(words, hardened)
    const move = hardened.inspectsRepository ? moveOf(words, cwds, world) : 'stays'
    if (move === 'fails') return 'fails'
    isLost ||= move === 'lost'
    const asksRepository =
      hardened.inspectsRepository &&
      policy.readsRepository &&
      (isLost || [...cwds].some((cwd) => repositoryAsks(words[1] ?? '', cwd, world)))
    if (policy.asks)
      asked ??= {
        verdict: 'ASKS',
        because: `options of ${JSON.stringify(command)} write or execute`,
      }
    else if (asksRepository)
      asked ??= {
        verdict: 'ASKS',
        because: `${JSON.stringify(command)} may run what the repository's own git configuration names`,
      }
  }
  return asked
}

/**
 * More than any sane line; `eval` in `eval` is followed no further, neither by number nor by what
 * is parsed again in all.
 */
const MANY = 200
const MOST_LETTERS = 200_000

const withWrapped = (
  commands: readonly string[],
  { semantics, parse }: ShellQuestion,
): string[] => {
  const all = [...commands]
  let letters = 0
  for (let at = 0; at < Math.min(all.length, MANY) && letters < MOST_LETTERS; at++) {
    const [name, ...rest] = shellWords(all[at] ?? '')
    letters += name === 'eval' ? (all[at]?.length ?? 0) : 0
    if (name === 'eval' && rest.length > 0)
      all.push(...analyzeShell(rest.join(' '), semantics.bash, parse).commands)
    if (name === 'exec') all.push(...executed(rest))
  }
  return all
}

const executed = (words: readonly string[]): string[] => {
  let at = 0
  while (at < words.length && words[at]?.startsWith('-') && words[at] !== '--')
    at += words[at] === '-a' ? 2 : 1
  const rest = words.slice(words[at] === '--' ? at + 1 : at)
  return rest.length > 0 ? [rest.join(' ')] : []
}

const MOVING = ['cd', 'chdir', 'pushd', 'push-location', 'set-location', 'sl']

/** Directories double with every relative `cd`; beyond this the place counts as lost. */
const MOST_PLACES = 64

/** Adds to `cwds` where a command may go; `lost` when nobody can tell. */
const moveOf = (
  words: readonly string[],
  cwds: Set<string>,
  world: GateWorld,
): 'stays' | 'lost' | 'fails' => {
  const [name = '', to = ''] = words
  const command = (name.replaceAll('\\', '/').split('/').at(-1) ?? '').toLowerCase()
  if (command === 'popd' || command === 'pop-location') return words.length === 1 ? 'stays' : 'lost'
  if (!MOVING.includes(command)) return 'stays'
  if ((command === 'pushd' || command === 'push-location') && words.length === 1) return 'stays'
  if (words.length !== 2 || to.startsWith('-') || /[*?[]/.test(to) || cwds.size > MOST_PLACES)
    return 'lost'
  if (to === '') return 'stays'
  const expanded = to.includes('\0') ? undefined : expandHome(pureText(strip(to)), world)
  if (expanded === undefined) return 'fails'
  for (const cwd of [...cwds]) cwds.add(world.resolve(joinPaths(cwd, expanded)))
  return 'stays'
}
