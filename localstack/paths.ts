import { join, resolve } from 'node:path'

/** Root of the project. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '..')
/** Everything the local cloud keeps on disk; deleting it is always safe while nothing runs. */
export const SLUICE_DIR = join(PROJECT_ROOT, '.sluice')
/** The project's own executables: the emulator's functions run on the Node that is found here. */
export const BIN_DIR = join(PROJECT_ROOT, 'node_modules', '.bin')
