import { tomlLiteral } from '../../../documents/toml-edits.ts'
import type { Case } from '../../model.ts'
import { readNeed } from '../../probes/build.ts'
import { TARGETS } from '../../probes/targets.ts'
import { shown } from '../../../documents/values.ts'
import { diagnosed, toolsFor } from './file-tool-cases.ts'
import type { VibeRule } from './rule.ts'

/** Patterns that do not do what they seem to: V104 to V111, V115, V116, V121. */
export const PATTERN_RULES: readonly VibeRule[] = [
  {
    id: 'V104',
    severity: 'high',
    what: 'a pattern with `~` or a variable',
    why: 'Patterns are compared as text with the absolute path; nothing in them is ever expanded, so that this one matches no file.',
    fix: 'Write the absolute path, or `*/` and the rest.',
    find: (facts) => diagnosed(facts, 'V104'),
  },
  {
    id: 'V105',
    severity: 'high',
    what: 'a bare directory',
    why: 'It matches the directory itself; every file in it is left open.',
    fix: 'Add the form that ends in `/*`.',
    find: (facts) => diagnosed(facts, 'V105'),
  },
  {
    id: 'V106',
    severity: 'medium',
    what: 'the content of a directory without the directory',
    why: '`X/*` does not match `X`: a search may start there, and then sees all of it.',
    fix: 'Add the directory itself.',
    find: (facts) => diagnosed(facts, 'V106'),
  },
  {
    id: 'V107',
    severity: 'high',
    what: 'a relative pattern',
    why: 'Patterns are compared with the whole absolute path, which begins with a slash.',
    fix: 'Begin it with `*/`.',
    find: (facts) => diagnosed(facts, 'V107'),
  },
  {
    id: 'V108',
    severity: 'high',
    what: 'a pattern that goes through a link',
    why: 'Links are resolved before patterns are compared: the path never contains this name.',
    fix: 'Name the place that the link leads to.',
    versions: '≥ 2.3.0',
    find: (facts) =>
      facts.version.semantics.matching === 'resolved' && !facts.version.semantics.isPatternResolved
        ? diagnosed(facts, 'V108')
        : [],
  },
  {
    id: 'V109',
    severity: 'medium',
    what: 'case that differs, or does not protect',
    why: 'Comparison is case-sensitive; on macOS the file system is not, so that `~/.SSH/id_rsa` opens the same file and matches nothing.',
    fix: 'Spell it as on disk; on macOS only the kernel closes other spellings.',
    find: (facts) => [
      ...diagnosed(facts, 'V109'),
      ...(facts.world.host.platform === 'macos'
        ? toolsFor(facts, 'read', 'grep', 'write', 'edit').flatMap((tool): Case[] =>
            tool.lists.denylist.some((pattern) => /[a-z]/i.test(pattern)) &&
            facts.isSet('tools', tool.name, 'denylist')
              ? [
                  {
                    message: `${tool.name}.denylist is evaded by another case of the same names`,
                    severity: 'low',
                    cause: facts.causeOf(['tools', tool.name, 'denylist']),
                    exposes: TARGETS.filter(
                      ({ group, path, platform }) =>
                        group === 'secret' && path.startsWith('~') && platform !== 'linux',
                    ).map(({ path }) => readNeed(facts.world, path)),
                  },
                ]
              : [],
          )
        : []),
    ],
  },
  {
    id: 'V110',
    severity: 'medium',
    what: 'syntax that file patterns do not have',
    why: 'Braces, a leading `!`, backslashes and `re:` are taken for text.',
    fix: 'Write one pattern for each case, with `*`, `?` and `[…]` only.',
    find: (facts) => diagnosed(facts, 'V110'),
  },
  {
    id: 'V111',
    severity: 'low',
    what: 'brackets that mean something else',
    why: '`[…]` is a choice of characters; a reversed range matches nothing, and a literal bracket is written `[[]`.',
    fix: 'Write `[[]` for a bracket.',
    find: (facts) => diagnosed(facts, 'V111'),
  },
  {
    id: 'V115',
    severity: 'medium',
    what: 'a sensitive pattern with `**` on both sides',
    why: 'Here `**` stands for one name: `**/x/**` misses everything deeper.',
    fix: 'Put `*/x/*` into the denylist.',
    find: (facts) =>
      facts.patterns.flatMap(({ tool, list, pattern, path }): Case[] =>
        list === 'sensitive_patterns' && /\*\*\/.*\/\*\*$/.test(pattern)
          ? [
              {
                message: `${shown(pattern)} in ${tool.name}.sensitive_patterns covers one level`,
                ...facts.mendItem(path, pattern, undefined),
                paste: `[tools.${tool.name}]\ndenylist = [${tomlLiteral(pattern.replaceAll('**', '*'))}]`,
              },
            ]
          : [],
      ),
  },
  {
    id: 'V116',
    severity: 'low',
    what: 'an empty pattern',
    why: 'In sensitive_patterns it is an error at the first use of the tool; elsewhere it matches nothing.',
    fix: 'Remove it.',
    find: (facts) =>
      facts.patterns.flatMap(({ tool, list, pattern, path }): Case[] =>
        pattern === ''
          ? [
              {
                message: `an empty pattern in ${tool.name}.${list}`,
                ...facts.mendItem(path, pattern, []),
              },
            ]
          : [],
      ),
  },
  {
    id: 'V121',
    severity: 'low',
    what: 'a pattern about a place that is not there',
    why: 'Neither the path nor its directory exists: it may be a slip.',
    fix: 'Check the spelling.',
    find: (facts) =>
      facts.patterns.flatMap(({ tool, list, pattern, path, diagnosis }): Case[] => {
        if (diagnosis || list !== 'denylist' || !/^\/[^*?[]+$/.test(pattern)) return []
        const parent = pattern.slice(0, pattern.lastIndexOf('/'))
        return parent !== '' && facts.world.host.stat(parent) === undefined
          ? [
              {
                message: `${shown(pattern)} in ${tool.name}.denylist: ${parent} does not exist`,
                ...facts.mendItem(path, pattern, undefined),
              },
            ]
          : []
      }),
  },
]
