import { spawnSync } from 'node:child_process'

/** A Python that the sandbox can read too, for what no shell can ask of the kernel. */
export const PYTHON = '/usr/bin/python3'

/** Why there is none, or undefined. */
export const whyNoPython = (): string | undefined =>
  spawnSync(PYTHON, ['-c', 'import pty, os, ctypes; os.waitstatus_to_exitcode']).status === 0
    ? undefined
    : `no ${PYTHON} (3.9 or newer)`

/** A shell command that runs Python text; the text holds no single quotes. */
export const python = (text: string): string => `${PYTHON} -c '${text}'`
