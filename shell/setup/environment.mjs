/** The environment as it was before npm: its own variables and the directories it put on PATH would otherwise become part of what the agent sees. */
export const userEnvironment = (environment, root) => {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^npm_/i.test(name) && name !== 'INIT_CWD',
  )
  const result = Object.fromEntries(kept)
  if (result.PATH !== undefined)
    result.PATH = result.PATH.split(':')
      .filter((entry) => !isFromNpm(entry, root))
      .join(':')
  return result
}

/** npm prepends node_modules/.bin of the package and of every directory above it, and its own node-gyp. */
const isFromNpm = (entry, root) => {
  if (entry.endsWith('/@npmcli/run-script/lib/node-gyp-bin')) return true
  if (!entry.endsWith('/node_modules/.bin')) return false
  const owner = entry.slice(0, -'/node_modules/.bin'.length)
  return root === owner || root.startsWith(`${owner}/`)
}
