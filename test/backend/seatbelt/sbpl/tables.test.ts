import { describe, expect, it } from 'vitest'
import { FILTER_ALIASES, FILTERS } from '../../../../src/backend/seatbelt/sbpl/filter-table.ts'
import { filterName } from '../../../../src/backend/seatbelt/sbpl/filters.ts'
import { OPERATIONS } from '../../../../src/backend/seatbelt/sbpl/operations.ts'
import {
  canonicalOperation,
  categoryApplies,
  fallbackChain,
  MODIFIER_ALIASES,
  MODIFIERS,
  OPERATION_ALIASES,
} from '../../../../src/backend/seatbelt/sbpl/tables.ts'

describe('tables', () => {
  it('is a tree: every operation ends at default or at a terminal operation', () => {
    for (const operation of Object.keys(OPERATIONS)) {
      const last = fallbackChain(operation).at(-1) ?? ''
      expect(last === 'default' || OPERATIONS[last]?.builtin !== undefined, operation).toBe(true)
    }
  })

  it('has a target for every alias', () => {
    for (const name of OPERATION_ALIASES.values()) expect(canonicalOperation(name)).toBe(name)
    for (const alias of Object.keys(FILTER_ALIASES)) expect(filterName(alias), alias).toBeDefined()
    for (const name of Object.values(MODIFIER_ALIASES)) expect(MODIFIERS).toHaveProperty(name)
  })

  it('has names for every enum filter', () => {
    for (const [name, { args, values }] of Object.entries(FILTERS))
      if (args === 'enum') expect(values?.length, name).toBeGreaterThan(0)
  })

  it.each([
    ['file-read-metadata', ['file-read-metadata', 'file-read*', 'file*', 'default']],
    ['network-bind', ['network-bind', 'network-inbound', 'network*', 'default']],
    [
      'process-exec-interpreter',
      ['process-exec-interpreter', 'process-exec*', 'process*', 'default'],
    ],
    ['file-link', ['file-link']],
    ['process-info-pidinfo', ['process-info-pidinfo', 'process-info*']],
  ])('%s falls back to %j', (operation, chain) => expect(fallbackChain(operation)).toEqual(chain))

  it.each([
    ['path', 'mach-lookup', false],
    ['path', 'network-outbound', true],
    ['mach', 'mach-lookup', true],
    ['vnode-type', 'process-exec*', false],
    ['extension', 'file-read*', true],
    ['extension', 'syscall-unix', false],
    ['anything', 'mach-task-read', true],
    ['*', 'file-read*', true],
  ])('category %s on %s: %s', (category, operation, expected) =>
    expect(categoryApplies(category, operation)).toBe(expected),
  )
})
