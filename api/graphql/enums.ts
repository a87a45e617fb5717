import { builder, type Types } from './builder.ts'

/** Inside, states are `snake_case` words; in the schema the same words in capitals. */
export const words = <const Word extends string>(name: string, list: readonly Word[]): Enum<Word> =>
  builder.enumType(name, {
    values: Object.fromEntries(list.map((word) => [word.toUpperCase(), { value: word }])),
  }) as unknown as Enum<Word> // the values are exactly these words
type Enum<Word> = PothosSchemaTypes.EnumRef<Types, Word>

export const TaskPhase = words('TaskPhase', [
  'created',
  'requested',
  'queued',
  'running',
  'waiting',
  'attention',
  'paused',
  'succeeded',
  'failed',
  'revoked',
])
export const WaitReason = words('WaitReason', [
  'approval',
  'form',
  'confirm',
  'claim',
  'correction',
  'callback',
  'timer',
  'child',
  'retry',
])
export const Outcome = words('Outcome', ['succeeded', 'failed', 'revoked'])
export const NodeState = words('NodeState', [
  'ready',
  'running',
  'waiting',
  'failed',
  'succeeded',
  'ignored',
  'skipped',
  'byhand',
  'revoked',
])
export const Cause = words('Cause', [
  'error',
  'timeout',
  'rejected',
  'lost',
  'output_invalid',
  'child_failed',
  'child_revoked',
  'forced',
  'nobody_can_answer',
])
export const RevokeMode = words('RevokeMode', ['cancel', 'stop'])
export const AskKind = words('AskKind', ['approval', 'form', 'confirm'])
export const AskState = words('AskState', ['open', 'closed'])
export const AskEnd = words('AskEnd', [
  'granted',
  'rejected',
  'submitted',
  'confirmed',
  'expired',
  'voided',
  'revoked',
  'overridden',
])
export const Verdict = words('Verdict', ['approve', 'reject', 'submit', 'confirm'])
export const Platform = words('Platform', ['slack', 'telegram'])
export const Severity = words('Severity', ['error', 'warning', 'info'])
export const ChangeResult = words('ChangeResult', ['created', 'changed', 'unchanged'])
export const CardKind = words('CardKind', ['task', 'attention', 'ask', 'message', 'thread', 'request'])
export const LogStream = words('LogStream', ['stdout', 'stderr', 'info'])
