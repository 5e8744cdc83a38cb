import type { Compiled } from './compile.ts'
import { finding, type Finding } from './finding.ts'
import { OPERATIONS } from './operations.ts'
import type { Node } from './reader.ts'
import type { Filter, Rule } from './rules.ts'
import { DANGEROUS } from './left-open.ts'

/**
 * What a profile says and a Mac was seen to take otherwise; none of it is refused by the language.
 */
export function measured(
  forms: readonly Node[],
  rules: readonly Rule[],
  decide: Compiled['decide'],
): readonly Finding[] {
  return [
    ...existence(rules),
    ...numbers(forms),
    ...ioctls(rules),
    ...wildcards(rules),
    ...linkNodes(rules, decide),
    ...leafDenials(rules, decide),
    ...bindHosts(rules),
  ]
}

function existence(rules: readonly Rule[]): readonly Finding[] {
  return rules
    .filter(
      ({ action, operations, filters }) =>
        action === 'deny' && operations.includes('file-test-existence') && filters.length === 0,
    )
    .map((rule) =>
      finding(
        rule,
        'warning',
        'existence-denied',
        'a denial of file-test-existence without a filter keeps programs from being executed, whatever is allowed beside it, and answers EPERM for names that are absent: deny it for the subtrees that are hidden',
      ),
    )
}

/** Hexadecimal and symbolic arguments of `ioctl-command`. */
function numbers(forms: readonly Node[]): readonly Finding[] {
  const findings: Finding[] = []
  const visit = (node: Node, isCommand: boolean): void => {
    if (node.kind === 'list') {
      const [head] = node.items
      const inside = head?.kind === 'symbol' && head.value === 'ioctl-command'
      for (const item of node.items.slice(inside ? 1 : 0)) visit(item, inside)
    } else if (node.kind === 'number' && node.isHex)
      findings.push(
        finding(
          node,
          isCommand ? 'error' : 'warning',
          'hexadecimal',
          `a hexadecimal number was seen to abort sandbox-exec without a word: write ${node.value}`,
        ),
      )
    else if (node.kind === 'symbol' && isCommand)
      findings.push(
        finding(
          node,
          'error',
          'ioctl-symbol',
          `${node.value} is not known to every macOS, and an unknown name refuses the profile: write the number`,
        ),
      )
  }
  for (const form of forms) visit(form, false)
  return findings
}

function ioctls(rules: readonly Rule[]): readonly Finding[] {
  return rules
    .filter(({ filters }) => filters.some((filter) => leaves(filter).some(isIoctl)))
    .map((rule) =>
      finding(
        rule,
        'notice',
        'inert-ioctl',
        'ioctl-command was seen to match nothing (macOS 26): this rule may never decide',
      ),
    )
}

const isIoctl = (filter: Filter): boolean =>
  filter.kind === 'value' && filter.name === 'ioctl-command'

/**
 * A wildcard never reaches an operation with a built-in allow: it has to be denied by its own name.
 */
function wildcards(rules: readonly Rule[]): readonly Finding[] {
  const denied = new Set(
    rules.filter(({ action }) => action === 'deny').flatMap(({ operations }) => operations),
  )
  const told = new Set<string>()
  return rules.flatMap((rule) =>
    rule.operations.flatMap((wildcard) => {
      if (rule.action !== 'deny' || !wildcard.endsWith('*')) return []
      const stem = wildcard.slice(0, -1)
      return Object.entries(OPERATIONS).flatMap(([name, { builtin }]) => {
        const isMissed = builtin === 'allow' && DANGEROUS.has(name) && name.startsWith(`${stem}-`)
        if (!isMissed || denied.has(name) || told.has(name)) return []
        told.add(name)
        return [
          finding(
            rule,
            'warning',
            'wildcard-denial',
            `deny ${wildcard} does not reach ${name}, which is allowed unless it is denied by that name`,
          ),
        ]
      })
    }),
  )
}

/**
 * Names under a link of the system are asked for by way of the link, whose metadata is its own
 * grant.
 */
function linkNodes(rules: readonly Rule[], decide: Compiled['decide']): readonly Finding[] {
  return ['etc', 'tmp', 'var'].flatMap((name) => {
    const real = `/private/${name}`
    const rule = rules.find(
      ({ action, filters }) =>
        action === 'allow' &&
        filters.flatMap(leaves).some((filter) => {
          const path = filter.kind === 'text' && filter.name === 'path' ? filter.value : ''
          return path === real || path.startsWith(`${real}/`)
        }),
    )
    if (rule === undefined) return []
    const node = { path: `/${name}`, 'vnode-type': 'SYMLINK' }
    if (decide('file-read-metadata', node).allowed) return []
    const message = `paths beneath ${real} are allowed, and programs that ask for /${name}/… are refused at the link: add (allow file-read-metadata (literal "/${name}"))`
    return [finding(rule, 'warning', 'link-node', message)]
  })
}

/**
 * Attributes that setattrlist(2) changes by the wildcard's leave; flags are checked by their own
 * name.
 */
const BY_WILDCARD = ['file-write-acl', 'file-write-mode', 'file-write-owner', 'file-write-times']

function leafDenials(rules: readonly Rule[], decide: Compiled['decide']): readonly Finding[] {
  return rules.flatMap((rule) => {
    const leaf = rule.operations.find((name) => BY_WILDCARD.includes(name))
    if (rule.action !== 'deny' || leaf === undefined) return []
    const path = rule.filters
      .flatMap(leaves)
      .find((filter) => filter.kind === 'text' && filter.name === 'path')
    if (path?.kind !== 'text' || !path.value.startsWith('/')) return []
    const plain = path.value.length > 1 ? path.value.replace(/\/$/, '') : path.value
    if (!isPlain(plain) || !decide('file-write*', { path: plain }).allowed) return []
    const message = `setattrlist(2) passes this denial: file-write* is allowed there, and only a denial of file-write* stops it`
    return [finding(rule, 'warning', 'leaf-denial', message)]
  })
}

const isPlain = (path: string): boolean => !/\/(\.{0,2}(\/|$))/.test(path) || path === '/'

function bindHosts(rules: readonly Rule[]): readonly Finding[] {
  return rules.flatMap((rule) => {
    const isBind = rule.operations.some((name) => /^network-(bind|inbound)$/.test(name))
    const promises = rule.filters
      .flatMap(leaves)
      .some(
        (filter) =>
          filter.kind === 'network' && filter.side === 'local' && filter.host === 'localhost',
      )
    if (rule.action !== 'allow' || !isBind || !promises) return []
    const message =
      'the host of a local filter does not confine: such a socket was reached from another machine; the port does'
    return [finding(rule, 'warning', 'bind-host', message)]
  })
}

/** The filters that combinators are made of. */
function leaves(filter: Filter): readonly Filter[] {
  if (filter.kind === 'not') return leaves(filter.filter)
  return filter.kind === 'all' || filter.kind === 'any' ? filter.filters.flatMap(leaves) : [filter]
}
