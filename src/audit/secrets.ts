/** Beginnings and shapes of keys and tokens. */
const SECRET_VALUE = /^(?:sk-[\w-]{8,}|ghp_\w+|gho_\w+|github_pat_\w+|glpat-\S+|xox[abp]-\S+|AKIA\w+|Bearer\s+\S{12,}|[A-Za-z0-9_-]{32,}|[A-Fa-f0-9]{32,})$/
const SECRET_NAME = /key|token|secret|password|authorization/i

/** True for a value that looks like a secret by itself, or by the name it is given to; a reference to a variable is none. */
export const isLiteralSecret = (name: string, value: unknown): boolean => typeof value === 'string' && !/^\$|^\{\{/.test(value) && (SECRET_VALUE.test(value) || (SECRET_NAME.test(name) && value.length >= 8))

/** A text without what may be a secret: words that look like one, what follows `key=`, and a user's part of a URL. */
export const redacted = (text: string): string =>
  text
    .replace(/\/\/[^/@\s]*@/g, '//…@')
    .split(' ')
    .map((word) => (SECRET_VALUE.test(word) ? '…' : word.replace(/((?:key|token|secret|password)[\w-]*[=:]).+/i, '$1…')))
    .join(' ')
