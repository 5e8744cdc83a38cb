/**
 * One thing looked at on this machine. `bad` keeps an agent from starting, `warn` takes something
 * away.
 */
export interface Check {
  readonly what: string
  readonly state: 'bad' | 'ok' | 'warn'
  readonly found: string
  /** What to do; empty when it is fine. */
  readonly fix: string
}

export const ok = (what: string, found: string): Check => ({ what, state: 'ok', found, fix: '' })

export const warn = (what: string, found: string, fix: string): Check => ({
  what,
  state: 'warn',
  found,
  fix,
})

export const bad = (what: string, found: string, fix: string): Check => ({
  what,
  state: 'bad',
  found,
  fix,
})
