/** Names of metrics, the same in Prometheus text and in CloudWatch. Those of `orchestrator` are printed in its document, and never change. */
export const METRIC = {
  activeAgents: 'agent_orchestrator_active_agents',
  sessions: 'agent_orchestrator_total_sessions',
  sessionDuration: 'agent_orchestrator_session_duration_seconds',
  successRate: 'agent_orchestrator_task_success_rate',
  requests: 'agent_orchestrator_requests_total',
  errors: 'agent_orchestrator_errors_total',
  agents: 'sluice_agents',
  agentHealth: 'sluice_agents_by_health',
  accepted: 'sluice_executions_accepted_total',
  ended: 'sluice_executions_ended_total',
  retries: 'sluice_execution_retries_total',
  queueWait: 'sluice_execution_queue_wait_seconds',
  tokens: 'sluice_tokens_total',
  modelCost: 'sluice_model_cost_dollars_total',
  connections: 'sluice_connections',
  /** `gen_ai.client.operation.duration` of OpenTelemetry, in the form that Prometheus gives to such names; in CloudWatch alone. */
  modelDuration: 'gen_ai_client_operation_duration_seconds',
  /** CloudWatch has no label for the direction of tokens that would not be a dimension. */
  inputTokens: 'sluice_input_tokens',
  outputTokens: 'sluice_output_tokens',
} as const
