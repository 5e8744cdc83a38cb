import type { TreeCursor } from 'web-tree-sitter'

/**
 * One node of a syntax tree, as tree-sitter gives it; operators and other words of the grammar are
 * nodes too.
 */
export interface BashNode {
  readonly type: string
  readonly text: string
  readonly parent: BashNode | undefined
  readonly children: readonly BashNode[]
}

/** The tree of one command line. */
export interface BashTree {
  readonly root: BashNode
  /** True where the grammar could not read all of it. */
  readonly hasError: boolean
}

/** Parses a command line; the tree is plain values and needs no freeing. */
export type BashParser = (command: string) => BashTree

/**
 * Loads tree-sitter's runtime and the grammar of bash from their bytes: the same grammar that
 * Vibe's Python binding has.
 */
export const createBashParser = async (wasm: {
  readonly runtime: Uint8Array
  readonly bash: Uint8Array
}): Promise<BashParser> => {
  const { Language, Parser } = await import('web-tree-sitter')
  await Parser.init({ wasmBinary: wasm.runtime })
  const parser = new Parser()
  parser.setLanguage(await Language.load(wasm.bash))
  return (command) => {
    const tree = parser.parse(command)
    if (tree === null)
      return {
        root: { type: 'program', text: command, parent: undefined, children: [] },
        hasError: true,
      }
    const cursor = tree.walk()
    const result = { root: copyTree(cursor), hasError: tree.rootNode.hasError }
    cursor.delete()
    tree.delete()
    return result
  }
}

/**
 * Every node of a tree, parents before children, in the order of the text. Without recursion: a
 * command can be nested deeper than a stack.
 */
export const nodesOf = (root: BashNode): BashNode[] => {
  const nodes: BashNode[] = []
  const pending = [root]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes.push(node)
    for (const child of node.children.toReversed()) pending.push(child)
  }
  return nodes
}

interface Copied extends BashNode {
  readonly children: Copied[]
}

const copyTree = (cursor: TreeCursor): BashNode => {
  const root = copyNode(cursor, undefined)
  let here = root
  for (;;) {
    if (cursor.gotoFirstChild()) here = copyNode(cursor, here)
    else {
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent() || here.parent === undefined) return root
        here = here.parent as Copied
      }
      here = copyNode(cursor, here.parent as Copied | undefined)
    }
  }
}

const copyNode = (cursor: TreeCursor, parent: Copied | undefined): Copied => {
  const node: Copied = { type: cursor.nodeType, text: cursor.nodeText, parent, children: [] }
  parent?.children.push(node)
  return node
}
