/**
 * True when a variable makes a loader, an interpreter or a shell run or load something: such a name
 * never travels through a profile.
 */
export const isLoaderVariable = (name: string): boolean =>
  EXACT.has(name) || (FAMILIES.some((family) => name.startsWith(family)) && !HARMLESS.has(name))

/**
 * The loader variable (or family, with `*`) that a name or pattern of `[environment]` reaches;
 * undefined when it reaches none.
 */
export const reachedLoaderVariable = (pattern: string): string | undefined => {
  if (!pattern.endsWith('*')) return isLoaderVariable(pattern) ? pattern : undefined
  const prefix = pattern.slice(0, -1)
  if (HARMLESS_PREFIXES.some((harmless) => prefix.startsWith(harmless))) return undefined
  const family = FAMILIES.find((item) => item.startsWith(prefix) || prefix.startsWith(item))
  return family === undefined ? [...EXACT].find((name) => name.startsWith(prefix)) : `${family}*`
}

/** Whoever sets these decides what code the next process loads. */
const EXACT: ReadonlySet<string> = new Set([
  // shells
  'BASHOPTS',
  'BASH_ENV',
  'CDPATH',
  'ENV',
  'GLOBIGNORE',
  'IFS',
  'PROMPT_COMMAND',
  'PS4',
  'SHELLOPTS',
  'ZDOTDIR',
  // the C library
  'GCONV_PATH',
  'GETCONF_DIR',
  'GLIBC_TUNABLES',
  'HOSTALIASES',
  'LOCPATH',
  'MALLOC_TRACE',
  'NLSPATH',
  'RES_OPTIONS',
  // interpreters and their compilers
  'BUN_OPTIONS',
  'CLASSPATH',
  'DOTNET_STARTUP_HOOKS',
  'ELECTRON_RUN_AS_NODE',
  'GEM_HOME',
  'GEM_PATH',
  'GOFLAGS',
  'JAVA_OPTS',
  'JAVA_TOOL_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'LUA_CPATH',
  'LUA_INIT',
  'LUA_PATH',
  'MAKEFLAGS',
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_REPL_EXTERNAL_MODULE',
  'PERLLIB',
  'PYTHONBREAKPOINT',
  'PYTHONEXECUTABLE',
  'PYTHONHOME',
  'PYTHONINSPECT',
  'PYTHONPATH',
  'PYTHONPLATLIBDIR',
  'PYTHONPYCACHEPREFIX',
  'PYTHONSTARTUP',
  'PYTHONUSERBASE',
  'PYTHONWARNINGS', // imports the module that a category names
  'RUSTC_WRAPPER',
  'RUSTC_WORKSPACE_WRAPPER',
  '_JAVA_OPTIONS',
  '__PYVENV_LAUNCHER__',
  // programs that run a command named in a variable
  'LESSCLOSE',
  'LESSOPEN',
])

const FAMILIES: readonly string[] = [
  'BASH_FUNC_',
  'CORECLR_',
  'COR_',
  'DYLD_',
  'GIT_',
  'LD_',
  'PERL5',
  'RUBY',
]

/** Who the author is: the only part of git's family that names no file and no command. */
const HARMLESS: ReadonlySet<string> = new Set([
  'GIT_AUTHOR_DATE',
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_NAME',
  'GIT_COMMITTER_DATE',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_NAME',
])
const HARMLESS_PREFIXES: readonly string[] = ['GIT_AUTHOR_', 'GIT_COMMITTER_']
