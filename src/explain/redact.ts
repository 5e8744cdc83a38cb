/** Flags whose value is a secret, as far as their name tells. */
const FLAG =
  /^--?[\w-]*(?:key|token|secret|passw(?:or)?d|passphrase|credential|auth|bearer|cookie)[\w-]*$/i
const ASSIGNMENT =
  /^(-{0,2}[\w.-]*(?:key|token|secret|passw(?:or)?d|passphrase|credential|auth|bearer|cookie)[\w.-]*[=:])(.+)$/is
/**
 * Forms that issuers give their keys: OpenAI and Anthropic, GitHub, GitLab, Slack, AWS, Google,
 * JSON web tokens.
 */
const KEY =
  /\b(?:sk-[\w-]{8,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{8,}|AKIA[A-Z0-9]{12,}|AIza[\w-]{20,}|eyJ[\w-]{8,}(?:\.[\w-]*)+)/g
const LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi
/** Long and without a word's shape: what no person types. */
const OPAQUE = /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{32,}$/
const GONE = '…'
/** A record is for recognising a run, not for replaying it. */
const MAX_WORD = 200
const MAX_WORDS = 100
/** Cut before anything is matched: what is beyond is not kept in any case. */
const LOOKED_AT = 5 * MAX_WORD

/** The words of a command line with what looks like a secret taken out, each bounded. */
export const withoutSecrets = (words: readonly string[]): string[] => {
  const looked = words.slice(0, MAX_WORDS).map((word) => word.slice(0, LOOKED_AT))
  const told = looked.map((word, index) => {
    const before = looked[index - 1] ?? ''
    if (FLAG.test(before) && !word.startsWith('-')) return GONE
    const clean =
      OPAQUE.test(word) && !word.includes('/')
        ? GONE
        : word.replace(ASSIGNMENT, `$1${GONE}`).replace(KEY, GONE).replace(LOGIN, `$1${GONE}@`)
    return clean.length > MAX_WORD ? `${clean.slice(0, MAX_WORD)}${GONE}` : clean
  })
  return words.length > MAX_WORDS ? [...told, GONE] : told
}
