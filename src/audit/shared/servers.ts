import type { Case, Cause, Rule, RuleInfo } from '../model.ts'
import { isLiteralSecret, redacted, redactedWords } from '../secrets.ts'
import { hostNeed, hostOf, isLoopback } from './doors.ts'
import { shown, stringsOf, type Table, tableOf } from '../../documents/values.ts'

/** An MCP server that some layer starts or connects to. */
export interface Server {
  readonly name: string
  /** Command and arguments; empty for a remote one. */
  readonly words: readonly string[]
  readonly url: unknown
  /** Variables and headers that the file gives a value. */
  readonly values: readonly { readonly key: string; readonly table: Table }[]
  /** Place of one of its keys, or of all of it. */
  at(...key: string[]): Cause
}

/** More servers than anybody has. */
const MAX_SERVERS = 200

/**
 * The servers of a table by name, at their place in a file; `secrets` are the keys whose tables may
 * hold some.
 */
export const serversIn = (
  table: Table,
  {
    file,
    layer,
    path,
  }: { readonly file: string; readonly layer: string; readonly path: readonly string[] },
  secrets: readonly string[],
): Server[] =>
  Object.keys(table)
    .slice(0, MAX_SERVERS)
    .map((name): Server => {
      const server = tableOf(table[name])
      return {
        name,
        words: wordsOf(server),
        url: server['url'],
        values: secrets.map((key) => ({ key, table: tableOf(server[key]) })),
        at: (...key) => ({ file, path: [...path, name, ...key], layer }),
      }
    })

/** A table of servers without those that are switched off. */
export const enabled = (servers: unknown): Table =>
  Object.fromEntries(
    Object.entries(tableOf(servers)).filter(([, server]) => tableOf(server)['enabled'] !== false),
  )

/** A program or a list of words, and arguments. */
const wordsOf = ({ command, args }: Table): string[] => [
  ...(typeof command === 'string' ? [command] : stringsOf(command)),
  ...stringsOf(args),
]

/** What the rules about servers read. */
export interface ServerFacts {
  readonly servers: readonly Server[]
}

/** Programs that fetch what they run. */
const FETCHERS = /^(?:npx|bunx|pnpx|uvx|pipx|docker|podman|pnpm|yarn|deno|bun)$/

/**
 * True for words that fetch a program without a version: `pkg@1.2.3`, `pkg==1.2`, an image by
 * digest or a numbered tag are pinned.
 */
export const isFetched = (words: readonly string[]): boolean => {
  const program = words[0]?.slice(words[0].lastIndexOf('/') + 1) ?? ''
  return (
    FETCHERS.test(program) &&
    !words
      .slice(1)
      .some((word) => /.@v?\d|==\d|@sha256:|:v?\d+[.\d]*$/.test(word) && !/@latest$/.test(word))
  )
}

/** Id and fix of each rule about servers, in one dialect. */
export interface ServerIds {
  readonly unpinned: string
  readonly lookedUp: string
  readonly secret: string
  readonly plain: string
}

/** The rules about servers that every agent shares. */
export const serverRules = (ids: ServerIds, reference: string): readonly Rule<ServerFacts>[] => [
  {
    ...row(
      ids.unpinned,
      'high',
      'a server that is fetched at each start',
      'Without a version the newest package of that name runs, whoever published it.',
      'Pin the version, or install it and name its absolute path.',
    ),
    find: ({ servers }) =>
      servers.flatMap(({ name, words, at }): Case[] =>
        isFetched(words)
          ? [
              {
                message: `${shown(name)} runs ${redactedWords(words.slice(0, 4)).join(' ')}`,
                cause: at('command'),
              },
            ]
          : [],
      ),
  },
  {
    ...row(
      ids.lookedUp,
      'low',
      'a server whose program is looked up',
      'Whoever can write to a directory of PATH decides what runs.',
      'Name its absolute path.',
    ),
    find: ({ servers }) =>
      servers.flatMap(({ name, words, at }): Case[] =>
        words[0] === undefined || words[0].startsWith('/') || isFetched(words)
          ? []
          : [{ message: `${shown(name)} runs ${shown(words[0])}`, cause: at('command') }],
      ),
  },
  {
    ...row(
      ids.secret,
      'medium',
      'a secret in the configuration of a server',
      'Every copy of the file holds it.',
      `Refer to it instead: ${reference}.`,
    ),
    find: ({ servers }) =>
      servers.flatMap(({ name, values, at }) =>
        values.flatMap(({ key, table }) =>
          Object.entries(table).flatMap(([variable, value]): Case[] =>
            isLiteralSecret(variable, value)
              ? [
                  {
                    message: `${key}.${variable} of ${shown(name)} looks like a key`,
                    cause: at(key, variable),
                  },
                ]
              : [],
          ),
        ),
      ),
  },
  {
    ...row(
      ids.plain,
      'high',
      'a server without encryption',
      'Whoever is on the way reads and changes what the agent sees.',
      'Use https.',
    ),
    find: ({ servers }) =>
      servers.flatMap(({ name, url, at }): Case[] =>
        typeof url === 'string' && /^(?:http|ws):/i.test(url) && !isLoopback(hostOf(url))
          ? [
              {
                message: `${shown(name)} is at ${redacted(url)}`,
                cause: at('url'),
                exposes: hostNeed(hostOf(url)),
              },
            ]
          : [],
      ),
  },
]

const row = (
  id: string,
  severity: RuleInfo['severity'],
  what: string,
  why: string,
  fix: string,
): RuleInfo => ({ id, severity, what, why, fix })
