import type { CompiledFlow } from '../compile.ts'
import type { Path } from '../document/shape.ts'
import type { Template } from '../flow.ts'
import type { Report } from './finding.ts'

/** What is evaluated before any step has run, and yet reads one; and values that wait for each other. */
export function checkEarly(flow: CompiledFlow, report: Report): void {
  const early = (template: Template | undefined, at: Path, when: string, task: boolean): void => {
    for (const name of template?.reads ?? [])
      if (flow.node(name) !== undefined)
        report.error('too_early', at, `“${name}” has not run yet when ${when}. Read variables here`)
      else if (name === 'task' && !task)
        report.error('too_early', at, `There is no task yet when ${when}. Read variables here`)
  }
  for (const { key, showIf, computed, resolve } of flow.variables) {
    const at = ['spec', 'variables', key]
    early(showIf, [...at, 'showIf'], 'the form is filled in', false)
    if (resolve === 'start') early(computed, [...at, 'computed'], 'the task starts', true)
  }
  if (flow.concurrency !== null) early(flow.concurrency.key, ['spec', 'concurrency', 'key'], 'the task starts', true)
  const computed = new Map(flow.variables.flatMap(({ key, computed }) => (computed ? [[key, computed.reads]] : [])))
  const shown = new Map(flow.variables.flatMap(({ key, showIf }) => (showIf ? [[key, showIf.reads]] : [])))
  for (const ring of ringsOf(computed))
    report.error(
      'ring',
      ['spec', 'variables', ring[0] ?? '', 'computed'],
      `${around(ring)} follow from each other, so none of them has a value. Let one be a plain variable`,
    )
  for (const ring of ringsOf(shown))
    report.error(
      'ring',
      ['spec', 'variables', ring[0] ?? '', 'showIf'],
      ring.length === 1
        ? `“${ring[0]}” is shown only when its own value says so, which nobody can set. Ask for another one`
        : `${around(ring)} are each shown only when the next one says so. Let one be shown always`,
    )
}
const around = (ring: readonly string[]): string => [...ring, ring[0] ?? ''].map((key) => `“${key}”`).join(' → ')

/** Each ring of names that read each other, once. */
function ringsOf(reads: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const rings: (readonly string[])[] = []
  const done = new Set<string>()
  for (const start of reads.keys()) {
    const way: string[] = []
    const open = [{ key: start, at: 0 }]
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { key } = top
      if (top.at === 0) way.push(key)
      const next = done.has(key) ? undefined : reads.get(key)?.[top.at++]
      if (next === undefined) {
        done.add(key)
        way.pop()
        open.pop()
      } else if (way.includes(next)) rings.push(way.slice(way.indexOf(next)))
      else if (reads.has(next) && !done.has(next)) open.push({ key: next, at: 0 })
    }
  }
  return rings
}
