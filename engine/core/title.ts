import type { Language } from './expression/expression.ts'
import { compileTemplate, textOf, type CompiledTemplate } from './template.ts'
import type { Values } from './value.ts'

const LONGEST = 200

/** Makes titles of an app's `taskTitle` and a task's values, in one line; null where they give none. Each template is compiled once for a flow. */
export function titlesIn(language: Language): (template: string, values: Values) => string | null {
  const compiled = new Map<string, CompiledTemplate>()
  return (source, values) => {
    try {
      const template = compiled.get(source) ?? compileTemplate(source, language)
      compiled.set(source, template)
      const title = textOf(
        template.evaluate((name) => (Object.hasOwn(values, name) ? (values[name] ?? null) : undefined)),
      )
      const line = title.replaceAll(/\s+/g, ' ').trim()
      return line === '' ? null : line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
    } catch {
      return null // a value that is not there yet
    }
  }
}
