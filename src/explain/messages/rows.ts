import type { Row } from './model.ts'
import { FILE_ROWS, LINUX_ROWS } from './rows/files.ts'
import { GIT_ROWS } from './rows/git.ts'
import { NETWORK_ROWS, PROXY_ROWS } from './rows/network.ts'
import { PYTHON_ROWS } from './rows/python.ts'
import { REFUSED_ROWS } from './rows/refused.ts'
import { START_ROWS } from './rows/start.ts'
import { SERVICE_ROWS, TERMINAL_ROWS } from './rows/terminal.ts'

/** The whole catalogue, by number. */
export const ROWS: readonly Row[] = [
  ...START_ROWS,
  ...GIT_ROWS,
  ...REFUSED_ROWS,
  ...NETWORK_ROWS,
  ...TERMINAL_ROWS,
  ...SERVICE_ROWS,
  ...FILE_ROWS,
  ...PYTHON_ROWS,
  ...PROXY_ROWS,
  ...LINUX_ROWS,
].sort((a, b) => a.id - b.id)

/** Rows whose numbers are later but whose words are the more telling ones. */
const FIRST: readonly number[] = [
  142, 144, 145, 78, 79, 82, 76, 26, 25, 49, 20, 21, 22, 68, 86, 88, 105, 103, 101, 108, 98, 56, 66,
  63, 61, 64, 58, 59, 60, 91, 123, 18, 31, 6, 7, 77, 119, 120,
]

const rankOf = (row: Row): number => {
  const first = FIRST.indexOf(row.id)
  return first >= 0 ? first - FIRST.length : row.isGeneric ? 1 : 0
}

/** In the order in which they are tried: what is named first, other rows, generic ones last. */
export const ORDERED: readonly Row[] = [...ROWS].sort(
  (a, b) => rankOf(a) - rankOf(b) || a.id - b.id,
)
