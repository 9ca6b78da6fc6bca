/** What the setup of the infrastructure tests hands to them, by vitest's `inject`. */
declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the pinned cfn-lint. */
    cfnLint: string
    /** Directory with one cloud assembly for each variant of the stages. */
    assemblies: string
  }
}

export {}
