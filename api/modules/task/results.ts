import type { Flow, TaskState, Value, Values, Variable } from '../../../engine/index.ts'

/** What came of a task, with the name and the words of where it was declared. */
export interface Result {
  readonly key: string
  readonly title: string
  readonly value: Value
  readonly variable?: Pick<Variable, 'type' | 'options'> | undefined
}
interface Declared {
  readonly title: string
  readonly variable: Pick<Variable, 'type' | 'options'>
}

/** Results in the order of the flow; what is empty is none. A title is that of the variable or the answer that a result is, else its name. */
export function resultsOf({ flow, state }: { readonly flow: Flow; readonly state: Readonly<TaskState> }): Result[] {
  return Object.entries(state.outputs ?? {})
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => {
      const declared = declaredAt(flow, state, flow.outputs[key]?.source) ?? ofVariable(flow, key)
      return { key, title: declared?.title ?? key, value, variable: declared?.variable }
    })
}
/** One reference and nothing else: `${rating}`, `${evaluate.outputs.rating}`, `${evaluate.outputs.?rating.orValue('')}`. */
const ONE = /^\$\{\s*([A-Za-z_]\w*)(?:\.outputs\.\??([A-Za-z_]\w*))?(?:\.orValue\([^()]*\))?\s*\}$/
function declaredAt(flow: Flow, state: Readonly<TaskState>, source: Value | undefined): Declared | null {
  const [, name, output] = (typeof source === 'string' && ONE.exec(source)) || []
  if (name === undefined) return null
  return output === undefined ? ofVariable(flow, name) : ofAnswer(state, name, output)
}
function ofVariable(flow: Flow, key: string): Declared | null {
  const variable = flow.variables.find((one) => one.key === key)
  return variable ? { title: variable.title, variable } : null
}
/** A field that somebody filled in, as it was asked of them. */
function ofAnswer(state: Readonly<TaskState>, nodeId: string, key: string): Declared | null {
  const asked = [...state.asks.values()].findLast((ask) => ask.nodeId === nodeId)
  const field = asked?.fields.find((one) => one['key'] === key)
  if (!field) return null
  const { title, ...variable } = field as Values & Variable // frozen from checked declarations
  return { title: title ?? key, variable }
}
