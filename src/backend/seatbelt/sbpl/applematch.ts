import { parsePattern } from './applematch-parser.ts'
import { compileNfa, type Nfa } from './applematch-nfa.ts'
import type { Position } from './error.ts'

/**
 * A matcher for an AppleMatch expression: `^ $ . [] [^] * + ? | ()`, unanchored, case-sensitive, on
 * UTF-8 bytes. It runs in time linear in the text (states of the automaton are made when first
 * needed): no backtracking exists.
 * @throws SbplError `regex` for what AppleMatch ignores or does not know: `(?:`, `\d`, lookaround,
 * backreferences, `{n,m}`.
 */
export function compilePattern(source: string, at?: Position): (text: string) => boolean {
  const pattern = parsePattern(bytes(source), at)
  let test: ((text: string) => boolean) | undefined
  // The automaton is made at the first use: a profile is often read for less than all its rules.
  return (text) => (test ??= automaton(compileNfa(pattern)))(text)
}

function automaton(nfa: Nfa): (text: string) => boolean {
  const start = makeState(nfa, [nfa.start], true)
  let states = new Map<string, State>()

  function step(state: State, byte: number): State {
    const targets: number[] = [nfa.start]
    for (const node of state.nodes)
      if (nfa.classes[node]?.[byte] === 1) targets.push(nfa.next[node] ?? 0)
    const made = makeState(nfa, targets, false)
    const key = `${made.accepts}${made.acceptsAtEnd}${made.nodes.join()}`
    const known = states.get(key)
    if (known !== undefined) return known
    // Memory is bounded by forgetting: the automaton has at most 2^n states.
    if (states.size >= MAX_STATES) states = new Map()
    states.set(key, made)
    return made
  }

  return (text) => {
    const subject = bytes(text)
    if (subject.length === 0) return start.acceptsAtEnd
    let state = start
    for (let index = 0; index < subject.length; index++) {
      if (state.accepts || state.dead) return state.accepts
      const byte = subject.charCodeAt(index)
      state = state.steps[byte] ??= step(state, byte)
    }
    return state.acceptsAtEnd
  }
}

interface State {
  /** NFA nodes that read a byte, ascending. */
  readonly nodes: readonly number[]
  readonly accepts: boolean
  readonly acceptsAtEnd: boolean
  /** No byte leads on, and a match cannot begin later. */
  readonly dead: boolean
  readonly steps: State[]
}

function makeState(nfa: Nfa, from: readonly number[], atStart: boolean): State {
  const { nodes, accepts } = closure(nfa, from, atStart, false)
  const canRestart = closure(nfa, [nfa.start], false, false).nodes.length > 0
  const atEnd = accepts || closure(nfa, from, atStart, true).accepts
  return {
    nodes,
    accepts,
    acceptsAtEnd: atEnd,
    dead: nodes.length === 0 && !canRestart && !atEnd && !accepts,
    steps: [],
  }
}

function closure(
  nfa: Nfa,
  from: readonly number[],
  atStart: boolean,
  atEnd: boolean,
): { nodes: number[]; accepts: boolean } {
  const seen = new Set<number>()
  const stack = [...from]
  const nodes: number[] = []
  let accepts = false
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    const kind = nfa.kinds[node]
    if (kind === 'byte') nodes.push(node)
    else if (kind === 'match') accepts = true
    else if (kind === 'split') stack.push(nfa.next[node] ?? 0, nfa.other[node] ?? 0)
    else if (kind === 'start' ? atStart : atEnd) stack.push(nfa.next[node] ?? 0)
  }
  return { nodes: nodes.sort((a, b) => a - b), accepts }
}

/** UTF-8 bytes of a text as one character each: AppleMatch compares bytes. */
function bytes(text: string): string {
  if (/^[\u0000-\u007f]*$/.test(text)) return text
  let result = ''
  for (const byte of new TextEncoder().encode(text)) result += String.fromCharCode(byte)
  return result
}

const MAX_STATES = 2000
