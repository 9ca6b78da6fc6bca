import type { Route } from '../route.ts'
import { COORDINATOR_ROUTES } from './coordinator.ts'
import { ORCHESTRATOR_ROUTES } from './orchestrator.ts'

/** Paths of other control planes, which their clients go on with; each does what a path under `/v1` does. */
export const ALIAS_ROUTES: readonly Route[] = [...ORCHESTRATOR_ROUTES, ...COORDINATOR_ROUTES]
