/**
 * One row of src/README.md: what a folder of src/ may load, and what it may name in types only.
 * The rows of {@link GROUND} are for all.
 */
export interface Direction {
  readonly values: readonly string[]
  readonly types: readonly string[]
  /** True where the machine may be touched: files, environment, processes, network. */
  readonly isRim?: true
}

/** The ground floor: importable by all, it imports nothing above it and touches nothing itself. */
export const GROUND = ['documents', 'errors.ts', 'machine', 'text']

/** The machine behind the seam; who gets it is decided where commands are composed. */
const REAL = 'machine/real'

/** Writers of launcher's own and the user's files: for those that may have effects. */
const OWN = 'machine/own'

const BELOW_RUN = [
  'audit',
  'backend/bubblewrap',
  'backend/seatbelt',
  'backend/seatbelt/sbpl',
  'credentials',
  'explain',
  'launch',
  OWN,
  REAL,
  'network',
  'policy',
  'profile',
  'report',
  'resolve',
]

export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  audit: { values: ['policy'], types: [] },
  'backend/bubblewrap': { values: ['policy'], types: [] },
  // The generator runs no code of the evaluator that checks it.
  'backend/seatbelt': { values: ['policy'], types: ['backend/seatbelt/sbpl'] },
  'backend/seatbelt/sbpl': { values: [], types: [] },
  'cli.ts': { values: ['commands', REAL, 'report'], types: ['policy'], isRim: true },
  commands: { values: [...BELOW_RUN, 'run'], types: BELOW_RUN },
  credentials: { values: [OWN, 'policy'], types: [], isRim: true },
  documents: { values: [], types: [] },
  'errors.ts': { values: [], types: [] },
  explain: { values: ['policy'], types: [] },
  launch: {
    values: [OWN, 'policy'],
    types: ['backend/bubblewrap', 'backend/seatbelt', 'resolve'],
    isRim: true,
  },
  library: { values: [...BELOW_RUN, 'run'], types: BELOW_RUN },
  machine: { values: [], types: [] },
  [OWN]: { values: [], types: [], isRim: true },
  [REAL]: { values: [], types: [], isRim: true },
  network: { values: [OWN, 'policy'], types: [], isRim: true },
  policy: { values: [], types: [] },
  profile: { values: ['policy'], types: [] },
  report: { values: ['policy'], types: BELOW_RUN },
  resolve: { values: ['policy'], types: [] },
  run: { values: BELOW_RUN, types: BELOW_RUN },
  text: { values: [], types: [] },
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
  'node:zlib',
]

/** Packages that read the disk or start programs by themselves. */
export const RIM_PACKAGES = ['execa', 'fast-glob']

/** The longest row that a path beneath src/ belongs to. */
export const rowOf = (file: string): string | undefined =>
  Object.keys(DIRECTIONS)
    .filter((row) => file === row || file.startsWith(`${row}/`))
    .sort((a, b) => b.length - a.length)[0]
