/**
 * Vendors of models. `azure` and `custom` speak OpenAI's API: Azure with deployments and an API version, `custom` for every compatible server. `virtual`
 * is none: its models are rules that choose one of the others. `default` is what the stage says (`LLM_MODEL` and its neighbours).
 */
export const LLM_PROVIDERS = [
  'openai',
  'azure',
  'custom',
  'anthropic',
  'google',
  'ollama',
  'bedrock',
  'scripted',
  'virtual',
  'default',
] as const
