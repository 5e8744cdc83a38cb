/**
 * The order of a profile. Denials at every granularity follow every allow but those of holes in
 * them.
 */
export const SECTIONS = [
  'prelude',
  'network',
  'grants',
  'names',
  'sockets',
  'protections',
  'lifts',
] as const
export type SectionName = (typeof SECTIONS)[number]

/** The line that opens a section. */
export const sectionMark = (name: SectionName): string => `;;; ${name}`

/** The section that a line opens, if it is such a line. */
export const sectionAt = (line: string): SectionName | undefined =>
  SECTIONS.find((name) => line === sectionMark(name))
