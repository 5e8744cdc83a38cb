import type { Plugin } from 'vitest/config'

export declare const sbplForVitest: (root: string) => Plugin
