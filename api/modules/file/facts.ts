import type { FieldError, Value, Values, Variable } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'

type Declared = Pick<Variable, 'key' | 'type' | 'title'>
/** Values with their files as they were kept: name, size and sum are what people decide by, so nobody says them but Baton. */
export async function asKept(
  { files }: Pick<Context, 'files'>,
  declared: readonly Declared[],
  values: Values,
): Promise<{ readonly values: Values; readonly errors: readonly FieldError[] }> {
  const kept: { [key: string]: Value } = { ...values }
  const errors: FieldError[] = []
  for (const { key, type, title } of declared) {
    const id = type === 'file' ? idOf(values[key]) : null
    if (id === null || files === null) continue
    const facts = await files.facts(id)
    if (!facts) errors.push({ field: key, code: 'unknown', message: `${title}: this file is not kept here. Upload it` })
    else kept[key] = { file: facts.file, name: facts.name, bytes: facts.bytes, sha256: facts.sha256 }
  }
  return { values: kept, errors }
}
function idOf(value: Value | undefined): string | null {
  const { file } = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {}
  return typeof file === 'string' ? file : null
}
