import type { Variable } from '../flow.ts'
import type { Value } from '../value.ts'

/** A value a rehearsal can go on with where nothing was done: the variable's own default or first option, else the plainest of its type. */
export function sampleOf({ type, title, default: preset, options, min }: Variable): Value {
  if (preset !== undefined) return preset
  const first = options?.[0]?.value
  switch (type) {
    case 'select':
    case 'radio':
      return first ?? null
    case 'multiselect':
      return first === undefined ? [] : [first]
    case 'integer':
    case 'number':
      return min ?? 0
    case 'boolean':
      return true
    case 'hosts':
    case 'people':
    case 'list':
    case 'table':
      return []
    case 'json':
      return {}
    case 'text':
    case 'textarea':
      return `(${title})`
    case 'duration':
      return '0s'
    default:
      return null // a date, a person, a host: nothing plain stands for one
  }
}
