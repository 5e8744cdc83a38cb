import { printFilter } from './printer.ts'
import type { Filter } from './rules.ts'

/** Whether `wide` matches whenever `narrow` does. Conservative: false when it cannot tell. */
export function covers(wide: Filter, narrow: Filter): boolean {
  if (narrow.kind === 'any') return narrow.filters.every((part) => covers(wide, part))
  if (wide.kind === 'any') return wide.filters.some((part) => covers(part, narrow))
  if (wide.kind === 'all') return wide.filters.every((part) => covers(part, narrow))
  if (narrow.kind === 'all') return narrow.filters.some((part) => covers(wide, part))
  if (wide.kind === 'text' && narrow.kind === 'text')
    return wide.name === narrow.name && coversText(wide, narrow)
  if (wide.kind === 'regex' && narrow.kind === 'text')
    return wide.name === narrow.name && narrow.match === 'equal' && wide.test(narrow.value)
  if (wide.kind === 'network' && narrow.kind === 'network') {
    return (
      wide.side === narrow.side &&
      (wide.protocol === 'ip' ||
        wide.protocol === narrow.protocol ||
        (/^(tcp|udp)$/.test(wide.protocol) && narrow.protocol.startsWith(wide.protocol))) &&
      (wide.host === '*' || wide.host === narrow.host) &&
      (wide.port === '*' || wide.port === narrow.port)
    )
  }
  return wide.kind === narrow.kind && printFilter(wide) === printFilter(narrow)
}

type Text = Extract<Filter, { kind: 'text' }>

function coversText(wide: Text, narrow: Text): boolean {
  switch (wide.match) {
    case 'equal':
      return narrow.match === 'equal' && narrow.value === wide.value
    case 'prefix':
      return narrow.value.startsWith(wide.value)
    case 'subpath':
      if (wide.value === '/') return narrow.value.startsWith('/')
      // A prefix `/a` also begins `/ab`, which is outside the subpath `/a`.
      return (
        (narrow.match !== 'prefix' && narrow.value === wide.value) ||
        narrow.value.startsWith(`${wide.value}/`)
      )
    default:
      return wide.match satisfies never
  }
}
