import { fixesOf } from '../../audit/fixes.ts'
import type { AuditReport } from '../../audit/model.ts'
import { redactedLine } from '../../audit/secrets.ts'
import { LauncherError } from '../../errors.ts'
import { replaceFile } from '../../machine/own/replace-file.ts'
import { pathWord } from '../../policy/run-command.ts'
import { type AppliedFix, fixJson, fixText } from '../../report/audit-fix.ts'
import { paletteFor } from '../../report/text.ts'
import { screenOf } from '../../machine/real/screen.ts'
import type { CommandContext } from '../context.ts'

/**
 * `launcher audit --fix`: shows what would change as unified diffs; with `isWriting` changes it. 0
 * when nothing is left to be done by hand, else 1.
 */
export const fixCommand = async (
  report: AuditReport,
  isWriting: boolean,
  operand: string | undefined,
  context: CommandContext,
): Promise<number> => {
  const { createTwoFilesPatch } = await import('diff')
  const fixes = fixesOf(report.findings, report.documents)
  const applied: AppliedFix[] = []
  for (const { document, text, mends } of fixes.files) {
    const real = report.sources.find(({ file }) => file === document.file)?.real ?? document.file
    if (report.isFromInput)
      throw new LauncherError('E_USAGE', 'what comes from standard input cannot be written', {
        hint: 'name the file',
      })
    const patch = createTwoFilesPatch(real, real, document.text, text, undefined, undefined, {
      context: 2,
    })
      .split('\n')
      .map(redactedLine)
      .join('\n')
    const backup = isWriting
      ? replaceFile({ file: real, before: document.text, after: text }).backup
      : undefined
    applied.push({
      file: document.file,
      real,
      patch,
      mends: mends.map(({ id, message }) => ({ id, message })),
      backup,
    })
  }
  const command = isWriting
    ? undefined
    : [
        'launcher audit',
        ...(operand === undefined ? [] : [pathWord(operand, context.host.home)]),
        '--fix --write',
      ].join(' ')
  const left = fixes.byHand.filter(({ finding }) => finding.severity !== 'info')
  if (context.json) context.out(fixJson(report, applied, left))
  else
    context.out(
      fixText(report, applied, left, command, paletteFor(screenOf(1).isTerminal, context.host.env)),
    )
  return left.length === 0 && (isWriting || applied.length === 0) ? 0 : 1
}
