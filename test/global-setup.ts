import fs from 'node:fs'

/**
 * One installation for all workers of a run, made by the first that needs it and removed here at
 * the end.
 */
export const setup = (): void => {
  process.env['LAUNCHER_TEST_INSTALLATION'] = `/var/tmp/launcher-installed-${process.pid}`
}

export const teardown = (): void => {
  const installation = process.env['LAUNCHER_TEST_INSTALLATION']
  if (installation !== undefined) fs.rmSync(installation, { recursive: true, force: true })
}
