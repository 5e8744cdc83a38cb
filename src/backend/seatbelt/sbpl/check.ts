import { deadPaths } from './dead-paths.ts'
import { type CompileOptions, decider } from './compile.ts'
import { excerpt, SbplError } from './error.ts'
import { finding, type Finding } from './finding.ts'
import { interpret, type Parameters } from './interpreter.ts'
import { leftOpen } from './left-open.ts'
import { measured } from './measured.ts'
import { read, type Node } from './reader.ts'
import { riskyFilters } from './risky-filters.ts'
import { shadowed } from './shadow.ts'
import { longStrings, MAX_STRING_BYTES } from './strings.ts'
import { undefinedParameters } from './undefined-parameters.ts'

/**
 * More rules than this, and sandbox_init is close to the number at which it crashes (nono: about
 * 17,770, measured).
 */
const MAX_RULES = 17_000

/**
 * What is wrong with a profile's text, in the order of its lines; empty for a clean one. Never
 * throws an SbplError: those are findings. Evaluation goes on after an error with the next rule, so
 * that several are found at once.
 */
export function checkProfile(
  text: string,
  parameters: Parameters = {},
  options: CompileOptions = {},
): readonly Finding[] {
  return limited(
    [...characters(text), ...expressions(text, parameters, options)].sort(
      (a, b) => a.line - b.line || a.column - b.column,
    ),
  )
}

function expressions(
  text: string,
  parameters: Parameters,
  { macos }: CompileOptions,
): readonly Finding[] {
  const findings: Finding[] = []
  const report = (error: SbplError): void =>
    void findings.push(
      finding(
        error.line === 0 ? { line: 1, column: 1 } : error,
        'error',
        error.code,
        error.message,
      ),
    )
  let forms: readonly Node[]
  try {
    forms = read(text)
  } catch (error) {
    if (!(error instanceof SbplError)) throw error
    report(error)
    return findings
  }
  const profile = interpret(forms, parameters, { macos, recover: report })
  const { rules, imports, macros, missing } = profile
  findings.push(
    ...strings(forms),
    ...undefinedParameters(forms, missing),
    ...deadPaths(forms, rules),
    ...riskyFilters(rules),
    ...shadowed(rules),
    ...measured(forms, rules, decider(rules)),
  )
  for (const { name, ...at } of imports)
    findings.push(
      finding(
        at,
        'notice',
        'import',
        `import of ${JSON.stringify(name)} is not followed: its rules are not known here`,
      ),
    )
  for (const { name, ...at } of macros)
    findings.push(
      finding(
        at,
        'notice',
        'import-macro',
        `(${excerpt(name)} …) is a macro of what is imported, if anything: its rules are not known here`,
      ),
    )
  // What an import or a rule that failed would say about these is not known.
  if (imports.length === 0) findings.push(...leftOpen(rules, macos))
  const tooMany = rules[MAX_RULES]
  if (tooMany !== undefined)
    findings.push(
      finding(
        tooMany,
        'error',
        'rule-limit',
        `${rules.length} rules: sandbox_init crashes above about 17,770, at most ${MAX_RULES} are safe`,
      ),
    )
  return findings
}

function strings(forms: readonly Node[]): readonly Finding[] {
  return [...longStrings(forms)].map(({ node, bytes }) =>
    bytes > MAX_STRING_BYTES
      ? finding(
          node,
          'error',
          'string-length',
          `Error reading string: ${bytes} bytes, at most ${MAX_STRING_BYTES}; pass it with -D`,
        )
      : finding(
          node,
          'warning',
          'string-length',
          `string of ${bytes} bytes is close to the limit of ${MAX_STRING_BYTES}; pass it with -D`,
        ),
  )
}

// libsandbox was seen to abort on one such byte in a comment (h5i); other profiles ship them.
// Unresolved, so a warning.
function characters(text: string): readonly Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const column = line.search(/[^\u0000-\u007f]/)
    return column === -1
      ? []
      : [
          finding(
            { line: index + 1, column: column + 1 },
            'warning',
            'non-ascii',
            'character outside ASCII: libsandbox may abort; pass paths with -D',
          ),
        ]
  })
}

/** At most `MAX_PER_CODE` findings of one code, and how many were left out. */
function limited(findings: readonly Finding[]): readonly Finding[] {
  const counts = new Map<string, number>()
  const kept = findings.filter(({ code, severity }) => {
    const key = `${severity} ${code}`
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count <= MAX_PER_CODE
  })
  const last = kept.at(-1)
  for (const [key, count] of counts) {
    if (count > MAX_PER_CODE && last !== undefined)
      kept.push(finding(last, 'notice', 'more', `${count - MAX_PER_CODE} more of: ${key}`))
  }
  return kept
}

const MAX_PER_CODE = 200
