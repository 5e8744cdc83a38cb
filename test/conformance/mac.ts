import { expect } from 'vitest'
import { seatbeltQueries } from '../../src/backend/seatbelt/operations.ts'
import { compileSeatbelt, type SeatbeltProgram } from '../../src/backend/seatbelt/program.ts'
import { compile } from '../../src/backend/seatbelt/sbpl/compile.ts'
import type { Facts } from '../../src/backend/seatbelt/sbpl/rules.ts'
import { prepare, type Prepared } from '../../src/run/prepare.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { GrantAccess, Operation, ResolvedPolicy } from '../../src/policy/model.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { createWalker } from '../../src/machine/walk.ts'
import { fakeHost, type FakeHost, type FakeTree, link } from '../fixtures/fake-host.ts'
import { program } from '../fixtures/uv-tool.ts'
import { machBytes } from '../fixtures/mach-bytes.ts'
import { placeAt } from '../run/harness.ts'
import { shipped } from '../profile/harness.ts'

export const HOME = '/Users/u'
export const PROJECT = `${HOME}/work/p`
export const RUN_TMP = '/private/tmp/launcher-r-1'

export interface MacOptions {
  readonly project?: string
  /** Built-in profile; `default` when absent. */
  readonly profile?: string
  readonly words?: readonly string[]
  readonly grants?: readonly (readonly [GrantAccess, string])[]
  readonly request?: Partial<Request>
  readonly env?: Readonly<Record<string, string>>
  /** Features and the like that a user's profile would add. */
  readonly change?: (resolved: ResolvedPolicy) => ResolvedPolicy
  readonly purpose?: 'run' | 'explain'
  readonly tty?: string
}

/**
 * A policy of the real profiles on a made-up Mac, and what the generated Seatbelt profile says by
 * the evaluator of the language.
 */
export interface Mac {
  readonly host: FakeHost
  readonly prepared: Prepared
  readonly resolved: ResolvedPolicy
  readonly program: SeatbeltProgram
  /** An operation of `decide()`, on the path that links lead to. */
  may(operation: Operation, path: string): boolean
  /** An operation of Seatbelt itself. */
  asks(operation: string, facts?: Facts): boolean
  /** Where links lead. */
  real(path: string): AbsolutePath
}

const system: FakeTree = {
  '/etc': link('private/etc'),
  '/tmp': link('private/tmp'),
  '/var': link('private/var'),
  '/private/etc/hosts': '',
  '/private/tmp/other': '',
  '/private/var/tmp/other': '',
  '/private/var/folders/zz/other': '',
  '/bin/sh': program(machBytes([])),
  '/usr/bin/env': program(machBytes([])),
  '/usr/local/bin/tool': program(machBytes([])),
  '/usr/lib/dyld': '',
}

/**
 * Builds the machine and the policy. Paths of the tree may begin with `~` (home) or `.` (the
 * project).
 */
export const mac = async (tree: FakeTree = {}, options: MacOptions = {}): Promise<Mac> => {
  const project = options.project ?? PROJECT
  const place = (path: string): string =>
    path.startsWith('~')
      ? `${HOME}${path.slice(1)}`
      : path.startsWith('./')
        ? `${project}${path.slice(1)}`
        : path
  const entries = Object.fromEntries(
    Object.entries(tree).map(([path, value]) => [place(path), value]),
  )
  const host = fakeHost(
    { ...system, ...entries },
    {
      platform: 'macos',
      home: HOME,
      cwd: project,
      uid: 501,
      arch: 'arm64',
      env: { HOME, PATH: `${HOME}/.local/bin:/usr/bin:/bin`, ...options.env },
    },
  )
  const request: Request = {
    ...emptyRequest,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    words: options.words ?? [],
    grants: (options.grants ?? []).map(([access, path]) => ({ access, path: place(path) })),
    ...options.request,
  }
  const context = {
    host,
    builtins: shipped,
    json: false,
    screen: { isTerminal: false, columns: 100 },
    out: () => undefined,
    err: () => undefined,
  }
  const prepared = await prepare(request, context, placeAt(RUN_TMP), options.purpose ?? 'explain')
  const resolved = options.change
    ? options.change(prepared.resolution.resolved)
    : prepared.resolution.resolved
  const compiled = compileSeatbelt(resolved, {
    runId: 'r-conformance',
    ...(options.tty === undefined ? {} : { tty: options.tty }),
  })
  const { decide } = compile(
    compiled.profile,
    Object.fromEntries(compiled.params.map(({ name, value }) => [name, value])),
  )
  const decider = compilePolicy(resolved)
  const walk = createWalker(host)
  const real = (path: string): AbsolutePath => walk(place(path) as AbsolutePath).real
  return {
    host,
    prepared,
    resolved,
    program: compiled,
    real,
    asks: (operation, facts = {}) => decide(operation, facts).allowed,
    may: (operation, path) => {
      const at = NAMES.has(operation) ? nameOf(place(path), real) : real(path)
      const says = seatbeltQueries(operation).every(
        (query) =>
          decide(query.operation, {
            path: at,
            ...(query.vnodeType === undefined ? {} : { 'vnode-type': query.vnodeType }),
          }).allowed,
      )
      // The profile and the one evaluator must never part, whatever a case expects.
      expect({ operation, path: at, allowed: says }).toEqual({
        operation,
        path: at,
        allowed: decider.decide(operation, at).allowed,
      })
      return says
    },
  }
}

/** Operations on a name itself: its last link is not followed. */
const NAMES: ReadonlySet<Operation> = new Set([
  'create',
  'mkdir',
  'symlink',
  'unlink',
  'rename-from',
  'rename-to',
  'link-to',
])

const nameOf = (path: string, real: (path: string) => AbsolutePath): AbsolutePath => {
  const cut = path.lastIndexOf('/')
  const parent = real(path.slice(0, cut) || '/')
  return `${parent === '/' ? '' : parent}${path.slice(cut)}` as AbsolutePath
}

export type Question = readonly [Operation, ...string[]]

/** Holds a machine to a table; both sides must say something, since every denial has its twin. */
export const verdicts = (
  machine: Mac,
  {
    allowed,
    denied,
  }: { readonly allowed: readonly Question[]; readonly denied: readonly Question[] },
): void => {
  const answers = (questions: readonly Question[]): Record<string, boolean> =>
    Object.fromEntries(
      questions.flatMap(([operation, ...paths]) =>
        paths.map((path) => [`${operation} ${path}`, machine.may(operation, path)]),
      ),
    )
  const every = (questions: readonly Question[], value: boolean): Record<string, boolean> =>
    Object.fromEntries(
      questions.flatMap(([operation, ...paths]) =>
        paths.map((path) => [`${operation} ${path}`, value]),
      ),
    )
  expect(allowed.length * denied.length).toBeGreaterThan(0)
  expect({ allowed: answers(allowed), denied: answers(denied) }).toEqual({
    allowed: every(allowed, true),
    denied: every(denied, false),
  })
}
