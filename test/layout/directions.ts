/** One row of DESIGN.md section 4: what a folder of src/ may load, and what it may name in types only. errors.ts is for all, host.ts as well but for the machine behind it. */
export interface Direction {
  readonly values: readonly string[]
  readonly types: readonly string[]
  /** True where the machine may be touched: files, environment, processes, network. */
  readonly isRim?: true
}

const BELOW_COMMANDS = [
  'audit',
  'backend/bubblewrap',
  'backend/seatbelt',
  'backend/seatbelt/sbpl',
  'credentials',
  'explain',
  'launch',
  'network',
  'policy',
  'profile',
  'report',
  'resolve',
]

export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  audit: { values: ['policy'], types: [] },
  'backend/bubblewrap': { values: ['policy'], types: [] },
  'backend/seatbelt': { values: ['policy'], types: [] },
  'backend/seatbelt/sbpl': { values: [], types: [] },
  'cli.ts': { values: ['commands', 'report'], types: ['policy'], isRim: true },
  commands: { values: BELOW_COMMANDS, types: BELOW_COMMANDS },
  credentials: { values: ['policy'], types: [], isRim: true },
  'errors.ts': { values: [], types: [] },
  explain: { values: ['policy'], types: [] },
  'host.ts': { values: [], types: ['policy'], isRim: true },
  launch: {
    values: ['policy'],
    types: ['backend/bubblewrap', 'backend/seatbelt', 'resolve'],
    isRim: true,
  },
  network: { values: ['policy'], types: [], isRim: true },
  policy: { values: [], types: [] },
  profile: { values: ['policy'], types: [] },
  report: { values: ['policy'], types: BELOW_COMMANDS },
  resolve: { values: ['policy'], types: [] },
}

/** Node's modules that compute and touch nothing; every other one is for the rim. */
export const PURE_MODULES = [
  'node:assert',
  'node:buffer',
  'node:crypto',
  'node:path',
  'node:path/posix',
  'node:punycode',
  'node:querystring',
  'node:string_decoder',
  'node:url',
  'node:util',
]

/** Packages that read the disk or start programs by themselves. */
export const RIM_PACKAGES = ['execa', 'fast-glob']

/** The longest row that a path beneath src/ belongs to. */
export const rowOf = (file: string): string | undefined =>
  Object.keys(DIRECTIONS)
    .filter((row) => file === row || file.startsWith(`${row}/`))
    .sort((a, b) => b.length - a.length)[0]
