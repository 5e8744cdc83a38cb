import { join } from '../../policy/paths.ts'
import { textOf } from './bytes.ts'
import { findings, isThere, noticeOf, show } from './context.ts'
import type { Findings, Place, ResolveContext } from './context.ts'

const RECEIPT_LIMIT = 256 * 1024

/** What uv's receipt in a tool's environment says that the environment itself does not: sources that were not copied into it. */
export const uvReceipt = (context: ResolveContext, root: Place): Findings => {
  const file = join(root.file, 'uv-receipt.toml')
  if (!isThere(context, file, 'file')) return findings('venv')
  const text = textOf(context.host, file, RECEIPT_LIMIT) ?? ''
  // uv writes `editable = "/path"` since 0.6 and `editable = true` beside `directory` before.
  const sources = [...text.matchAll(/\beditable\s*=\s*"([^"]+)"|\bdirectory\s*=\s*"([^"]+)"[^}]*\beditable\s*=\s*true/g)].map((match) => match[1] ?? match[2] ?? '')
  return findings('uv-tool', {
    notices: sources.map((source) => {
      const path = show(context, source)
      const message = `a package of this tool is installed as a link to its source in ${path}, which is not granted: --read ${path} would`
      return noticeOf('warning', 'editable-package', message, root.chain)
    }),
  })
}
