import { spawnSync } from 'node:child_process'
import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { kernel } from './kernel.ts'

/**
 * System calls by name and arguments; numbers are those of this processor (asm/unistd_64.h,
 * asm-generic/unistd.h).
 */
export type Call = readonly [name: keyof typeof NUMBERS, ...args: readonly (number | string)[]]

const NUMBERS = {
  add_key: [248, 217],
  bpf: [321, 280],
  clone: [56, 220],
  clone3: [435, 435],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  getpid: [39, 172],
  io_uring_setup: [425, 425],
  ioctl: [16, 29],
  keyctl: [250, 219],
  mknodat: [259, 33],
  mount: [165, 40],
  move_mount: [429, 429],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  openat: [257, 56],
  openat2: [437, 437],
  perf_event_open: [298, 241],
  pivot_root: [155, 41],
  ptrace: [101, 117],
  request_key: [249, 218],
  setns: [308, 268],
  socket: [41, 198],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
} as const

/**
 * One call a line: the number, then arguments, `s:` before a string. A child made by clone ends at
 * once.
 */
const SCRIPT = `
$| = 1;
for my $line (@ARGV) {
  my ($number, @args) = map { /^s:(.*)/s ? "$1\\0" : $_ + 0 } split /\\x1f/, $line;
  $! = 0;
  my $result = syscall($number, @args);
  exit 0 if $result == 0 && $number == ${process.arch === 'arm64' ? 220 : 56};
  print "", ($result == -1 ? $! + 0 : 0), "\\n";
}`

const words = (calls: readonly Call[]): string[] => [
  '/usr/bin/perl',
  '-e',
  SCRIPT,
  ...calls.map(([name, ...args]) =>
    [
      NUMBERS[name][process.arch === 'arm64' ? 1 : 0],
      ...args.map((arg) => (typeof arg === 'string' ? `s:${arg}` : arg)),
    ].join('\x1f'),
  ),
]

const numbers = (text: string): number[] => text.trimEnd().split('\n').map(Number)

/** errno of each call inside, 0 for none. */
export const callInside = async (
  policy: ResolvedPolicy,
  calls: readonly Call[],
): Promise<number[]> => {
  const { code, stdout, stderr } = await kernel.start(policy, words(calls), {})
  if (code !== 0) throw new Error(`perl ended with ${code}: ${stderr}`)
  return numbers(stdout)
}

/** The same without a sandbox. */
export const callOutside = (calls: readonly Call[]): number[] => {
  const [program, ...rest] = words(calls)
  return numbers(spawnSync(program!, rest, { encoding: 'utf8', input: '' }).stdout)
}
