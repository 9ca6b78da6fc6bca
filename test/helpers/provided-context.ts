/** What the global setups hand to the tests, by vitest's `inject`. */
declare module 'vitest' {
  interface ProvidedContext {
    /** Databases of the contract tests. */
    dynamoEndpoints: { name: string; url: string }[]
    /** Bare emulator of the contract tests. */
    emulatorUrl: string
    /** Origin of the deployed app. */
    frontDoorUrl: string
    /** Where the deployed app's AWS is. */
    endpointUrl: string
    /** Process id of the emulator; 0 when somebody else runs it. */
    emulatorPid: number
    /** Outputs of the deployed stacks. */
    outputs: Record<string, string>
    /** An access token of the default tenant with all scopes. */
    token: string
    /** Control address of the scripted model. */
    scriptedLlmUrl: string
  }
}

export {}
