import type { AuditDocument, Edit } from '../documents/document.ts'
import type { Finding } from './model.ts'

/** The new text of one file, and what a person must do. */
interface FileFix {
  readonly document: AuditDocument
  readonly text: string
  /** Findings that the text mends. */
  readonly mends: readonly Finding[]
}

/** All that can be mended mechanically, and the rest. */
export interface Fixes {
  readonly files: readonly FileFix[]
  /** Findings with a block to paste instead, or that no edit is known for, with the reason. */
  readonly byHand: readonly { readonly finding: Finding; readonly reason: string }[]
}

/**
 * Gathers the edits of findings file by file. An edit that cannot be made takes only its own
 * finding out.
 */
export const fixesOf = (
  findings: readonly Finding[],
  documents: ReadonlyMap<string, AuditDocument>,
): Fixes => {
  const byHand: { finding: Finding; reason: string }[] = []
  const byFile = new Map<string, Finding[]>()
  for (const finding of findings) {
    const document = documents.get(finding.cause.file)
    if (!finding.edits || finding.edits.length === 0 || !document)
      byHand.push({ finding, reason: finding.fix })
    else byFile.set(finding.cause.file, [...(byFile.get(finding.cause.file) ?? []), finding])
  }
  const files = [...byFile].flatMap(([file, mine]): FileFix[] => {
    const document = documents.get(file)!
    const mends: Finding[] = []
    const edits: Edit[] = []
    for (const finding of mine) {
      const tried = document.edit([...edits, ...finding.edits!])
      if ('impossible' in tried) byHand.push({ finding, reason: tried.impossible })
      else {
        mends.push(finding)
        edits.push(...finding.edits!)
      }
    }
    const done = document.edit(edits)
    return 'text' in done && done.text !== document.text
      ? [{ document, text: done.text, mends }]
      : []
  })
  return { files, byHand }
}
