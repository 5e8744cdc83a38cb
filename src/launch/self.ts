/** launcher's own process: the program that runs it, its version and number. */
export const self = (): {
  readonly node: string
  readonly version: string
  readonly pid: number
} => ({ node: process.execPath, version: process.versions.node, pid: process.pid })
