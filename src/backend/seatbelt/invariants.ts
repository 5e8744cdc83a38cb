import { CLASSES, granularitiesOf, unclassedOperations } from './granularity.ts'
import { MAX_ENTRIES, MAX_STRING_BYTES } from './limits.ts'
import { checkProtections } from './protection-invariants.ts'
import type { SeatbeltProgram } from './program.ts'
import { type Form, scanForms } from './scanner.ts'
import { SECTIONS, sectionAt, type SectionName } from './section.ts'

/** One rule as the scanner sees it. */
export interface SeenRule {
  readonly line: number
  readonly section: SectionName | undefined
  readonly action: 'allow' | 'deny'
  readonly operations: readonly string[]
  /** Words of the filters; a modifier is not among them. */
  readonly filter: readonly string[]
}

/**
 * What must hold for every program; the text is read afresh, not taken from the generator. Empty
 * when all is well.
 */
export const checkProgram = (program: SeatbeltProgram): string[] => {
  if (/[^\n -~]/.test(program.profile))
    return ['the text holds something else than printable ASCII']
  const forms = scanForms(program.profile)
  if (typeof forms === 'string') return [forms]
  const rules = rulesOf(program.profile, forms)
  return [
    ...checkHead(forms),
    ...checkParameters(program, forms),
    ...checkOrder(program.profile, rules),
    ...checkFilters(rules),
    ...forms
      .filter(({ words }) => words.includes('no-sandbox'))
      .map(({ line }) => `line ${line}: no-sandbox would free what it starts`),
    ...checkProtections(
      program,
      rules,
      granularitiesOf(rules.filter(({ section }) => section !== 'lifts')),
    ),
    ...checkOrigins(program, forms),
    ...checkCounts(rules),
  ]
}

const rulesOf = (text: string, forms: readonly Form[]): SeenRule[] => {
  const sections: (SectionName | undefined)[] = []
  let current: SectionName | undefined
  for (const line of text.split('\n')) sections.push((current = sectionAt(line) ?? current))
  return forms.flatMap(({ line, words }): SeenRule[] => {
    // A guarded rule reads (if (defined? 'NAME) (RULE)).
    const from = words[1] === 'if' ? 6 : 0
    const action = words[from + 1]
    if (action !== 'allow' && action !== 'deny') return []
    const first = words.findIndex((word, i) => i > from + 1 && (word === '(' || word === ')'))
    const modifier = words.findIndex((word, i) => word === '(' && words[i + 1] === 'with')
    return [
      {
        line,
        section: sections[line - 1],
        action,
        operations: words.slice(from + 2, first),
        filter: words.slice(first, modifier < 0 ? -1 - (from > 0 ? 1 : 0) : modifier),
      },
    ]
  })
}

const checkHead = (forms: readonly Form[]): string[] => [
  ...(forms[0]?.words.join(' ') === '( version 1 )' ? [] : ['(version 1) is not the first form']),
  ...(forms[1]?.words.slice(0, 3).join(' ') === '( deny default'
    ? []
    : ['(deny default) is not the second form']),
  ...forms
    .filter(({ words }, i) => i > 0 && words[1] === 'version')
    .map(({ line }) => `line ${line}: a second version`),
]

const checkParameters = ({ params }: SeatbeltProgram, forms: readonly Form[]): string[] => {
  const used = new Set(
    forms.flatMap(({ words }) =>
      words.filter((_, i) => words[i - 1] === 'param').map((word) => word.slice(1, -1)),
    ),
  )
  const defined = new Set(params.map(({ name }) => name))
  return [
    ...[...used]
      .filter((name) => !defined.has(name))
      .map((name) => `parameter ${name} is used and not defined`),
    ...[...defined]
      .filter((name) => !used.has(name))
      .map((name) => `parameter ${name} is defined and not used`),
    ...(defined.size === params.length ? [] : ['a parameter is defined twice']),
    ...params
      .filter(({ value }) => value.includes('\0'))
      .map(({ name }) => `parameter ${name} holds a zero byte`),
    ...params
      .filter(({ name, value }) => name.startsWith('R') && /[^ -~]|\(\?/.test(value))
      .map(({ name }) => `regex ${name} holds what the engine may not take`),
    ...params
      .filter(({ name, value }) => name.startsWith('P') && !/^\/(?!\/)/.test(value))
      .map(({ name }) => `path ${name} is not absolute`),
    ...forms.flatMap(({ line, words }) =>
      words
        .filter((word) => word.endsWith('"') && word.length > MAX_STRING_BYTES)
        .map(() => `line ${line}: a string longer than ${MAX_STRING_BYTES} bytes`),
    ),
  ]
}

const checkOrder = (text: string, rules: readonly SeenRule[]): string[] => {
  const found = text.split('\n').flatMap((line) => sectionAt(line) ?? [])
  return [
    ...(found.join() === SECTIONS.join() ? [] : [`the sections are ${found.join(', ')}`]),
    ...rules
      .filter(({ section, action }) => section === 'protections' && action === 'allow')
      .map(({ line }) => `line ${line}: an allow among the protections`),
    ...rules
      .filter(
        ({ section, operations }) =>
          section === 'grants' && operations.includes('file-read-metadata'),
      )
      .map(({ line }) => `line ${line}: a grant states metadata, which would outrank file-read*`),
    ...rules
      .filter(
        ({ section, action, operations, filter }) =>
          section === 'names' &&
          (action === 'deny' ||
            operations.some((name) => !CLASSES.stat.some((known) => known === name))) &&
          // The names in a folder, by a rule that no file can meet.
          !(operations.join() === 'file-read-data' && filter.includes('DIRECTORY')),
      )
      .map(({ line }) => `line ${line}: a bare name gives more than its metadata`),
  ]
}

const checkFilters = (rules: readonly SeenRule[]): string[] => {
  const at = (wrong: readonly SeenRule[], why: string): string[] =>
    wrong.map(({ line }) => `line ${line}: ${why}`)
  const allows = rules.filter(({ action }) => action === 'allow')
  return [
    ...at(
      rules.filter(({ action, filter }) => action === 'deny' && filter.includes('require-not')),
      'require-not in a denial',
    ),
    ...at(
      allows.filter(
        ({ operations, filter }) =>
          filter.length === 0 && operations.some((name) => NEEDS_FILTER.test(name)),
      ),
      'an allow without a filter',
    ),
    ...at(
      allows.filter(
        ({ operations, filter }) =>
          operations.includes('network-outbound') && filter.includes('local'),
      ),
      'a local filter on network-outbound admits every connection',
    ),
    ...at(
      rules.filter(({ operations }) => operations.includes('default')).slice(1),
      'a second default',
    ),
    ...unclassedOperations(new Set(allows.flatMap(({ operations }) => operations))).map(
      (name) => `no protection denies ${name}`,
    ),
  ]
}

/**
 * Everything on paths and Mach names, where "no filter" would be "all of them"; a lock needs an
 * open descriptor.
 */
const NEEDS_FILTER = /^(default|file(?!-lock)|network|process-exec|process\*|mach)/

const checkOrigins = ({ origins }: SeatbeltProgram, forms: readonly Form[]): string[] => {
  const known = new Map(origins.map(({ line, origin }) => [line, origin]))
  return forms
    .filter(({ line }) => known.get(line) === undefined)
    .map(({ line }) => `line ${line} has no origin`)
}

const checkCounts = (rules: readonly SeenRule[]): string[] => {
  const entries = rules.reduce((sum, { operations }) => sum + operations.length, 0)
  return entries > MAX_ENTRIES ? [`${entries} rules, at most ${MAX_ENTRIES}`] : []
}
