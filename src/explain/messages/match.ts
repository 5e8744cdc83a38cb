import type { Row } from './model.ts'
import { ORDERED } from './rows.ts'

/** A row found in a line, with what it captured. */
export interface RowMatch {
  readonly row: Row
  readonly groups: Readonly<Record<string, string | undefined>>
}

/** Words one of which stands in every line that any row knows; most lines of a log have none. */
const GATE =
  /permi|denied|error|fail|not found|no such|cannot|can't|can.t|could|unable|invalid|unbound|illegal|host must|expected|abort|killed|trap|sandbox|dyld|xcode|fatal|EPERM|EACCES|EROFS|ENOENT|ENOTTY|ENOTFOUND|EAI_|EXDEV|EBUSY|ENOSPC|EMFILE|ENETUNREACH|EAFNOSUPPORT|uv_cwd|interpreter|listen|bind|x509|tls|certificate|CERT_|SecTrust|SecKeychain|errSec|interaction|\^\[\[|ioctl|pty|fork|LSOpen|author|pbcopy|pbpaste|docker|agent|SemLock|sem_open|OMP|SHM|shm_open|shared memory|sysctl|sudo|kill|read-only|utimes|link|clone|rename|mkdir|temp|cache|cargo|CPU type|manifest|namespace|helper|bootstrap|connection|XPC|admin|exit|additional paths|trusted|default|missing|upgrade|NULL object|encodings|init_fs|module|Python\.app|getpwuid|terminfo|terminals database|locale|time ?zone|SIGTRAP|port: '|socks|CONNECT|407|401|421|address family|authentication|logged in|pinned|pinning|too long|exceeded|process group|job control|io_uring|TIOCSTI|enforce|landlock|privileges|left|^\?\?|unreachable|libsecret|9808|unknown option|unshare|hangs|license|developer|SUID|open|stat|remove|unlink|chdir/i

/**
 * Rows that recognise one of the lines, the most telling first; of rows that say the same of one
 * path only the first. The last line speaks first.
 */
export const matchLines = (lines: readonly string[]): readonly RowMatch[] => {
  const found: RowMatch[] = []
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at] ?? ''
    const match = GATE.test(line) ? matchLine(line) : undefined
    if (
      match &&
      !found.some(
        (one) =>
          one.groups['path'] === match.groups['path'] &&
          (one.row === match.row || match.groups['path'] !== undefined),
      )
    )
      found.push(match)
  }
  return found.sort((a, b) => ORDERED.indexOf(a.row) - ORDERED.indexOf(b.row))
}

const matchLine = (line: string): RowMatch | undefined => {
  for (const row of ORDERED) {
    for (const pattern of row.patterns) {
      const match = pattern.exec(line)
      if (match) return { row, groups: match.groups ?? {} }
    }
  }
  return undefined
}
