/**
 * Held by tests, for Biome's noRestrictedImports cannot hold all of it: it compares specifiers as
 * they are written, so that `../x.ts` means another folder from each place, it does not tell types
 * from values per folder, and it sees no `process`, no `import()` of what is computed and no effect
 * beyond an import.
 */

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
  'backend',
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

const BACKENDS = ['bubblewrap', 'seatbelt'].map((name) => `backend/${name}`)

/** The members of a backend that start something; what compiles a policy stays pure. */
const startersOf = (backend: string): readonly string[] =>
  ['backend', 'collector', 'start'].map((name) => `${backend}/${name}.ts`)

const starters = (): Record<string, Direction> =>
  Object.fromEntries(
    BACKENDS.flatMap((backend) =>
      startersOf(backend).map((file) => [
        file,
        {
          values: ['backend', backend, ...startersOf(backend), 'explain', 'launch', 'policy'],
          types: [],
        },
      ]),
    ),
  )

export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  audit: { values: ['policy'], types: [] },
  backend: {
    values: BACKENDS.map((backend) => `${backend}/backend.ts`),
    types: [...BACKENDS, 'explain', 'launch', 'network', 'policy'],
  },
  'backend/bubblewrap': { values: ['backend', 'policy'], types: ['launch'] },
  // The generator runs no code of the evaluator that checks it.
  'backend/seatbelt': { values: ['backend', 'policy'], types: ['backend/seatbelt/sbpl'] },
  'backend/seatbelt/sbpl': { values: [], types: [] },
  'cli.ts': { values: ['commands', REAL, 'report'], types: ['policy'], isRim: true },
  commands: { values: [...BELOW_RUN, 'backend/seatbelt/sbpl', 'run'], types: BELOW_RUN },
  credentials: { values: [OWN, 'policy'], types: [], isRim: true },
  documents: { values: [], types: [] },
  'errors.ts': { values: [], types: [] },
  explain: { values: ['policy'], types: [] },
  launch: {
    values: [OWN, 'policy'],
    types: [...BACKENDS, 'resolve'],
    isRim: true,
  },
  library: { values: ['backend/seatbelt/sbpl', ...BELOW_RUN, 'run'], types: BELOW_RUN },
  machine: { values: [], types: [] },
  [OWN]: { values: [], types: [], isRim: true },
  [REAL]: { values: [], types: [], isRim: true },
  network: { values: [OWN, 'policy'], types: [], isRim: true },
  policy: { values: [], types: [] },
  profile: { values: ['policy'], types: [] },
  report: { values: ['policy'], types: [...BELOW_RUN, 'backend/seatbelt/sbpl'] },
  resolve: { values: ['policy'], types: [] },
  run: { values: BELOW_RUN, types: BELOW_RUN },
  text: { values: [], types: [] },
  ...starters(),
}

/**
 * Folders that see paths as people and files write them: they compare by the file system's naming.
 * Elsewhere paths are real, as the walker spells them.
 */
export const BY_NAMING = ['commands', 'launch', 'network', 'profile', 'run']

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
