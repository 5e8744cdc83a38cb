/** What is known of one traced process. Threads share a working directory (CLONE_FS). */
interface Traced {
  program: string
  place: { cwd: string | undefined }
  /** Lines that wait until it is known whose child this is; undefined once it is. */
  held: string[] | undefined
}

/** The traced processes, by the number the tracer knows them by. */
export interface Processes {
  get(pid: number): Traced
  /**
   * Keeps a line of a process whose parent is not known yet; the lines to read now, which is none
   * while it waits.
   */
  admit(pid: number, line: string): readonly string[]
  /** A child was made; returns the lines that waited for that. */
  born(parent: number, child: number, sharesPlace: boolean): readonly string[]
  gone(pid: number): void
  /** Lines of processes whose parent was never told. */
  orphans(): readonly string[]
}

/** More than a machine runs at once; older ones that never ended are forgotten. */
const MAX_PROCESSES = 100_000
/**
 * A child's first calls come before its parent's return from clone is printed; more than these do
 * not wait.
 */
const MAX_HELD = 2_000

/**
 * Keeps track of who is whose child and who is where. The first process is the one that was
 * started, in `cwd`.
 */
export const trackProcesses = (cwd: string): Processes => {
  const known = new Map<number, Traced>()
  const make = (pid: number, traced: Traced): Traced => {
    if (known.size >= MAX_PROCESSES) known.delete(known.keys().next().value ?? pid)
    known.set(pid, traced)
    return traced
  }
  const get = (pid: number): Traced =>
    known.get(pid) ??
    make(
      pid,
      known.size === 0
        ? { program: '', place: { cwd }, held: undefined }
        : { program: '', place: { cwd: undefined }, held: [] },
    )
  const release = (traced: Traced): readonly string[] => {
    const lines = traced.held ?? []
    traced.held = undefined
    return lines
  }
  return {
    get,
    admit: (pid, line) => {
      const traced = get(pid)
      if (traced.held === undefined) return [line]
      traced.held.push(line)
      return traced.held.length > MAX_HELD ? release(traced) : []
    },
    born: (parent, child, sharesPlace) => {
      const { program, place } = get(parent)
      const early = known.get(child)
      const traced = { program, place: sharesPlace ? place : { ...place }, held: undefined }
      make(child, traced)
      return early ? release(early) : []
    },
    gone: (pid) => void known.delete(pid),
    orphans: () => [...known.values()].flatMap(release),
  }
}
