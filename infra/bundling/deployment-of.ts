import { FileSystem } from 'aws-cdk-lib/core'

/** Names a build by what is in its bundles. */
export const deploymentOf = (functionsDirectory: string): string => FileSystem.fingerprint(functionsDirectory)
