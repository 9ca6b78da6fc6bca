/** What the global setups hand to the tests, by vitest's `inject`. */
declare module 'vitest' {
  interface ProvidedContext {
    /** Databases of the contract tests. */
    dynamoEndpoints: { name: string; url: string }[]
    /** Bare emulator of the contract tests. */
    emulatorUrl: string
  }
}

export {}
