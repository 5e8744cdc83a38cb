import { it, type TestContext } from 'vitest'

type Run = (context: TestContext) => unknown

interface Where {
  (title: string, run: Run, timeout?: number): void
  /** A table; each row's values are the arguments. */
  each<T extends readonly [string, ...unknown[]] | string | number>(
    rows: readonly T[],
  ): (title: string, run: (...values: T extends readonly unknown[] ? T : [T]) => unknown) => void
}

/**
 * `it` for what cannot run everywhere: with a reason the test is skipped, and the reason is printed
 * at the end of the run.
 */
export const where = (reason: string | undefined): Where =>
  Object.assign(
    (title: string, run: Run, timeout?: number): void => {
      it(title, timeout === undefined ? {} : { timeout }, async (context) => {
        if (reason !== undefined) context.skip(reason)
        await run(context)
      })
    },
    {
      each:
        <T extends readonly [string, ...unknown[]] | string | number>(rows: readonly T[]) =>
        (
          title: string,
          run: (...values: T extends readonly unknown[] ? T : [T]) => unknown,
        ): void => {
          it.for([...rows])(title, async (row, context) => {
            if (reason !== undefined) context.skip(reason)
            await Reflect.apply(run, undefined, Array.isArray(row) ? row : [row])
          })
        },
    },
  )
