import type { Source } from '../model.ts'
import { LISTS, type VibeFacts } from './facts.ts'
import { MAX_DIAGNOSED } from './patterns.ts'

/** Every file that was looked at, with what came of it, weakest layer first. */
export const sourcesOf = ({
  tools,
  user,
  projects,
  projectFile,
  trust,
  trustFile,
  hooks,
  agents,
  agent,
  environment,
  dotenv,
  version,
}: VibeFacts): Source[] => [
  version.semantics.isProjectReplacing && projects.length > 0
    ? { ...user.source, state: `replaced by ${projects.at(-1)!.file}` }
    : user.source,
  ...projects.map(({ source }) => source),
  ...(projects.includes(projectFile) ||
  projectFile.failure === 'missing' ||
  projectFile.file === user.file
    ? []
    : [
        {
          ...projectFile.source,
          state:
            trust === 'trusted' ? projectFile.source.state : 'not used: the project is not trusted',
        },
      ]),
  trustFile.source,
  ...(Object.keys(environment.values).length === 0
    ? []
    : [
        {
          layer: 'environment',
          file: '<environment>',
          hops: [],
          real: '<environment>',
          state: `used: ${Object.keys(environment.values).join(', ')}`,
        },
      ]),
  dotenv.source,
  ...hooks.map(({ source }) => source),
  ...agents.map((one) =>
    one === agent.file ? one.source : { ...one.source, state: 'not the agent that starts' },
  ),
  ...tools.flatMap(({ name, lists }) =>
    LISTS.filter((list) => lists[list].length > MAX_DIAGNOSED).map((list) => ({
      layer: `${name}.${list}`,
      file: user.file,
      hops: [],
      real: user.file,
      state: `only the first ${MAX_DIAGNOSED} entries were looked at one by one`,
    })),
  ),
]
