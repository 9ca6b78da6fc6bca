import * as z from 'zod'
import { entryName, putModel } from '#shared/models/put-model.ts'
import { shownModels } from '#shared/models/shown-models.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { modelEntrySchema, modelFactsSchema, modelListSchema, modelParamsSchema, vendorSchema } from '#shared/protocol/model.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const MAX_PAGE = 200

export const MODEL_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/models',
    operation: 'listModels',
    summary: 'What is known of models: limits, prices, abilities',
    description:
      'The catalogue that we bring along, and what the tenant says over it (`source` is `tenant`). A name that ends with `*` stands for all that begin like it; the ' +
      'longest one that fits counts. A model that is not listed can be used all the same: nothing of it is checked, and its cost is not known.',
    tag: 'Models',
    scope: 'models:read',
    query: z.strictObject({ provider: vendorSchema.optional(), ...pageQuery({ byDefault: 100, max: MAX_PAGE }) }),
    status: 200,
    response: modelListSchema,
    async handle({ principal: { tenant }, query }, { modelOverrides }) {
      return { body: shownModels(await modelOverrides.list(tenant), query) }
    },
  }),

  route({
    method: 'PUT',
    path: '/v1/models/{provider}/{model}',
    operation: 'putModel',
    summary: 'Says of a model what counts for the tenant',
    description:
      'Over the catalogue, field by field; abilities one by one. Counts from the next minute on. A name with a slash is given by its beginning: `meta-llama*`.',
    tag: 'Models',
    errors: ['conflict'],
    scope: 'models:write',
    params: modelParamsSchema,
    body: modelFactsSchema,
    status: 200,
    response: modelEntrySchema,
    async handle({ principal: { tenant }, params, body }, dependencies) {
      return { body: await putModel(dependencies, tenant, params, body) }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/models/{provider}/{model}',
    operation: 'deleteModel',
    summary: 'Takes back what the tenant said of a model',
    tag: 'Models',
    errors: ['not_found'],
    scope: 'models:write',
    params: modelParamsSchema,
    status: 204,
    response: z.undefined(),
    async handle({ principal: { tenant }, params: { provider, model } }, { modelOverrides }) {
      const result = await modelOverrides.remove(tenant, entryName({ provider, model }))
      if (result === 'missing') throw new NotFoundError('override', `${provider}/${model}`)
      return {}
    },
  }),
]
