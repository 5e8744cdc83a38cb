/** One JSON document for programs: `{version, kind, …}` and a newline. */
export const envelope = (kind: string, body: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ version: 1, kind, ...body }, jsonValue, 2)}\n`

const jsonValue = (_key: string, value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries(value) : value instanceof Set ? [...value] : value
