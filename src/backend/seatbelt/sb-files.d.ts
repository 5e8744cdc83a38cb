/** What the build makes of a `.sb` file, by `read-prelude.ts`: bundles hold the rules, no text. */
declare module '*.sb' {
  export const PRELUDE: import('./prelude.ts').Prelude
}
