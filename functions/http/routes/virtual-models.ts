import * as z from 'zod'
import { putVirtualModel } from '#shared/models/put-virtual-model.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  namedVirtualModelSchema,
  virtualModelListSchema,
  virtualModelParamsSchema,
  virtualModelSchema,
} from '#shared/protocol/model.ts'
import { type Route, route } from '../route.ts'
import { shownVirtualModels } from '../shown-virtual-models.ts'

export const VIRTUAL_MODEL_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/virtual-models',
    operation: 'listVirtualModels',
    summary: 'Models that are rules: which one of several is asked',
    description:
      'Those that the tenant has made, and the built-in ones that it has not replaced. Of a built-in one the models count that have a key; `now` is the one that would be asked ' +
      'first at the moment, `reason` why there is none.',
    tag: 'Models',
    scope: 'models:read',
    status: 200,
    response: virtualModelListSchema,
    async handle({ principal: { tenant } }, dependencies) {
      return { body: { virtualModels: await shownVirtualModels(dependencies, tenant) } }
    },
  }),

  route({
    method: 'PUT',
    path: '/v1/virtual-models/{name}',
    operation: 'putVirtualModel',
    summary: 'Makes a model of a rule, or changes it',
    description: 'Agents use it as `{"provider": "virtual", "model": "<name>"}`. Counts from the next minute on.',
    tag: 'Models',
    errors: ['conflict'],
    scope: 'models:write',
    params: virtualModelParamsSchema,
    body: virtualModelSchema,
    status: 200,
    response: namedVirtualModelSchema,
    async handle({ principal: { tenant }, params: { name }, body }, dependencies) {
      return { body: await putVirtualModel(dependencies, tenant, name, body) }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/virtual-models/{name}',
    operation: 'deleteVirtualModel',
    summary: 'Removes a model that is a rule',
    description:
      'Agents that use it cannot be answered from the next minute on; under the name of a built-in one, that one counts again.',
    tag: 'Models',
    errors: ['not_found'],
    scope: 'models:write',
    params: virtualModelParamsSchema,
    status: 204,
    response: z.undefined(),
    async handle({ principal: { tenant }, params: { name } }, { virtualModelRules }) {
      const result = await virtualModelRules.remove(tenant, name)
      if (result === 'missing') throw new NotFoundError('virtual model of your own', name)
      return {}
    },
  }),
]
