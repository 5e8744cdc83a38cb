import { decodeText } from '../../text/decode.ts'
import type { AbsolutePath } from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AgentVersion } from '../model.ts'
import { vibeVersionFrom } from './semantics/version-of.ts'
import { semanticsOf, type VibeSemantics } from './semantics/versions.ts'

/** The version that is audited for, and the meaning that goes with it. */
export interface VibeVersion extends AgentVersion {
  readonly semantics: VibeSemantics
  /** Minor version of the installed interpreter (`3.12`), when there is one. */
  readonly python: string | undefined
  /** True when pip or uv installed Vibe as a link to a checkout. */
  readonly editable: string | undefined
}

/**
 * The version named in the request, or the one in the metadata beside the installed code; nothing
 * is run.
 */
export const findVersion = (request: AuditRequest, world: AuditWorld): VibeVersion => {
  const found = installedVersion(world)
  const value = request.agentVersion ?? found?.version
  const { semantics, known } = semanticsOf(value)
  const from =
    request.agentVersion !== undefined
      ? '--agent-version'
      : (found?.file ??
        (world.installed ? 'no metadata beside the installed vibe' : 'vibe is not installed'))
  return {
    value,
    from,
    isKnown: known === 'exact',
    table: `the rules of ${semantics.version}`,
    semantics,
    python: found?.python,
    editable: found?.editable,
  }
}

interface Installed {
  readonly version: string
  readonly file: string
  readonly python: string | undefined
  readonly editable: string | undefined
}

const installedVersion = ({ host, installed }: AuditWorld): Installed | undefined => {
  for (const tree of installed?.trees ?? []) {
    for (const { folder, python } of packageFolders(host, tree)) {
      const name = host
        .list(folder)
        ?.find((entry) => /^mistral_vibe-[^/]*\.dist-info$/.test(entry.name))?.name
      if (name === undefined) continue
      const file = `${folder}/${name}/METADATA`
      const version = vibeVersionFrom(textOf(host, file))
      if (version !== undefined)
        return {
          version,
          file,
          python,
          editable: editableRoot(textOf(host, `${folder}/${name}/direct_url.json`)),
        }
    }
  }
  return undefined
}

/**
 * Where a virtual environment keeps its packages: `lib/python3.12/site-packages`. A tree may be
 * that folder itself.
 */
const packageFolders = (
  host: AuditWorld['host'],
  tree: AbsolutePath,
): { readonly folder: string; readonly python: string | undefined }[] => {
  const versions = host.list(`${tree}/lib`)?.filter(({ name }) => name.startsWith('python3')) ?? []
  return [
    ...versions.map(({ name }) => ({
      folder: `${tree}/lib/${name}/site-packages`,
      python: name.slice('python'.length),
    })),
    ...(tree.endsWith('/site-packages')
      ? [{ folder: tree, python: /\/python(3\.\d+)\//.exec(tree)?.[1] }]
      : []),
  ]
}

const textOf = (host: AuditWorld['host'], file: string): string => {
  const read = host.read(file, 1 << 20)
  return (read.ok && decodeText(read.bytes)) || ''
}

/** PEP 610: an editable installation names the checkout that it points to. */
const editableRoot = (directUrl: string): string | undefined =>
  /"editable"\s*:\s*true/.test(directUrl)
    ? /"url"\s*:\s*"file:\/\/([^"]*)"/.exec(directUrl)?.[1]
    : undefined
