/** Beginnings of keys that providers hand out, and long runs of letters and digits. */
const SECRET_VALUE = /^(?:sk-|ghp_|gho_|github_pat_|glpat-|xox[abp]-|AKIA|Bearer\s+\S{12,}|[A-Za-z0-9_-]{32,}$)/

/** True for a value that looks like a key, or that stands under a name of one. References (`$X`, `${X}`, `{env:X}`, `{file:x}`) are none. */
export const isLiteralSecret = (name: string, value: unknown): boolean =>
  typeof value === 'string' && !/^(?:Bearer\s+)?(?:\$|\{(?:env|file):)/.test(value) && (SECRET_VALUE.test(value) || (/key|token|secret|password|authorization/i.test(name) && value.length >= 8 && !/^(?:true|false|\d+)$/.test(value)))
