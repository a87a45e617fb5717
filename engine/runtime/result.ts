import type { Result } from '../core/command.ts'
import type { Value, Values } from '../core/value.ts'
import { isJson, jsonSize } from './json.ts'
import { sampleOutputs } from '../plugin/sample.ts'
import type { Masker } from './mask.ts'
import type { Plugin, Result as PluginResult } from '../plugin/index.ts'

/** What a plugin may hand over to its next call, and what a node may give. */
export const MAX_STATE_BYTES = 64 * 1024
export const MAX_OUTPUT_BYTES = 1024 * 1024
const MAX_MESSAGE = 2_000

/** What a plugin returned, checked and masked, as the core takes it. Anything unfit is a failure of the node, never an exception. */
export function resultOf(plugin: Plugin, returned: PluginResult<unknown>, masker: Masker): Result {
  switch (returned?.kind) {
    case 'done':
      return returned.notPerformed === true
        ? sampledOf(plugin, returned.outputs, masker)
        : doneOf(plugin, returned.outputs, masker)
    case 'fail': {
      const { code, message, cause = 'error', outputs } = returned
      const given =
        outputs === undefined || !isJson(outputs) || jsonSize(outputs) > MAX_OUTPUT_BYTES
          ? undefined
          : (masker.value(outputs) as Values)
      return { ...failure(cause, code, masker.text(message)), ...(given && { outputs: given }) }
    }
    case 'poll':
    case 'callback': {
      const { state } = returned
      const problem = stateProblem(state)
      if (problem) return failure('error', 'STATE_UNFIT', `${plugin.code} ${problem}`)
      const kept = masker.value(state) as Value
      return returned.kind === 'callback'
        ? {
            kind: 'callback',
            state: kept,
            ...(returned.pollAfterS !== undefined && { pollAfterMs: millis(returned.pollAfterS) }),
          }
        : { kind: 'poll', afterMs: millis(returned.afterS), state: kept }
    }
    default:
      return failure('error', 'PLUGIN_BROKEN', `${plugin.code} ended without a result`)
  }
}

const millis = (seconds: number): number => Math.max(0, Math.round(seconds * 1000)) || 0

/** Null: fit to be kept. */
export function stateProblem(state: unknown): string | null {
  if (!isJson(state)) return 'handed over a state that is not JSON'
  return jsonSize(state) > MAX_STATE_BYTES ? `handed over a state of more than ${MAX_STATE_BYTES / 1024} KiB` : null
}

/** What a plugin threw. Only the message: a stack is for the log. */
export function thrown(error: unknown, masker: Masker): Result & { kind: 'fail' } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'ERROR'
  return failure('error', code, masker.text(error instanceof Error ? messageOf(error) : String(error)))
}

/** `fetch failed` says nothing: what lies beneath it does. */
const messageOf = ({ message, cause }: Error): string =>
  cause instanceof Error && cause.message !== '' && !message.includes(cause.message)
    ? `${message}: ${cause.message}`
    : message

export const failure = (
  cause: 'error' | 'timeout' | 'lost' | 'output_invalid',
  code: string,
  message: string,
): Result & { kind: 'fail' } => ({
  kind: 'fail',
  cause,
  code,
  message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message,
})

function doneOf(plugin: Plugin, outputs: unknown, masker: Masker): Result {
  if (!isJson(outputs))
    return failure('output_invalid', 'OUTPUT_INVALID', `${plugin.title} gave outputs that are not JSON`)
  if (jsonSize(outputs) > MAX_OUTPUT_BYTES)
    return failure(
      'output_invalid',
      'OUTPUT_TOO_LARGE',
      `${plugin.title} gave outputs of more than ${MAX_OUTPUT_BYTES / 1024} KiB`,
    )
  const parsed = plugin.outputs?.safeParse(outputs)
  if (parsed && !parsed.success) {
    const issue = parsed.error.issues[0]
    const at = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''
    const message = masker.text(
      `${plugin.title} gave an output that breaks its schema: ${at}${issue?.message ?? 'not valid'}`,
    )
    return { ...failure('output_invalid', 'OUTPUT_INVALID', message), outputs: rawOf(outputs, masker) }
  }
  const checked = parsed ? parsed.data : outputs
  if (typeof checked !== 'object' || checked === null || Array.isArray(checked)) {
    return {
      ...failure('output_invalid', 'OUTPUT_INVALID', `${plugin.title} gave something else than named outputs`),
      outputs: rawOf(outputs, masker),
    }
  }
  return { kind: 'done', outputs: masker.value(checked) as Values }
}
/** What a rehearsal that did nothing stands for: the plugin's own words on it, else samples. */
function sampledOf(plugin: Plugin, outputs: unknown, masker: Masker): Result {
  const isGiven = typeof outputs === 'object' && outputs !== null && Object.keys(outputs).length > 0
  const result = isGiven ? doneOf(plugin, outputs, masker) : null
  if (result !== null && result.kind !== 'done') return result
  return { kind: 'done', outputs: result?.outputs ?? (sampleOutputs(plugin) as Values), notPerformed: true }
}
/** Kept so that people can look at it. */
const rawOf = (outputs: unknown, masker: Masker): Values => {
  const raw = masker.value(outputs) as Value
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Values) : { raw }
}
