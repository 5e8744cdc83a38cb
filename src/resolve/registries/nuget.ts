import { lineOf, type Machine, placed } from './machine.ts'
import { address, type Finding, remark, type Setting } from './model.ts'

/**
 * The package sources of NuGet: its own file, which it writes with its default when it is first
 * started.
 */
export const nugetRegistries = (machine: Machine): readonly Finding[] => {
  if (!machine.tool('dotnet', 'nuget')) return []
  const { home } = machine.world
  const file =
    machine.file(`${home}/.nuget/NuGet/NuGet.Config`) ??
    machine.file(`${home}/.config/NuGet/NuGet.Config`)
  const sources = /<packageSources>([\s\S]*?)<\/packageSources>/.exec(file?.text ?? '')?.[1] ?? ''
  const settings = file
    ? [...sources.matchAll(/<add\s[^<>]*?value="(https?:[^"<>]+)"/g)].map(
        ([, value = '']): Setting => ({
          value,
          origin: placed(file, 'packageSources', lineOf(file.text, value)),
          isInside: file.isInside,
        }),
      )
    : []
  if (settings.length === 0)
    return [
      remark(
        'info',
        'NuGet has no file of sources yet: run `dotnet nuget list source` once, outside',
      ),
    ]
  const hidden = settings.find(({ isInside }) => !isInside)?.origin
  return [
    ...settings.map(address),
    ...(hidden
      ? [
          remark(
            'info',
            `${hidden.file} cannot be read inside; NuGet then makes one with its default`,
            hidden,
          ),
        ]
      : []),
  ]
}
