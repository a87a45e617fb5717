import { catalogue, EngineError, SYSTEM, unseal, type Database, type Keys, type Tx } from '../../../engine/index.ts'

/** Who wants a secret opened: a flow (for a task, or for the options of its form), or a host that is connected to. */
export interface Opening {
  readonly project: string
  /** `namespace.key` */
  readonly ref: string
  readonly flow: string | null
  readonly host: string | null
  readonly task: { readonly id: string; readonly number: number } | null
}
export interface OpenerParts {
  readonly db: Database
  readonly keys: Keys
  readonly mask: (secret: string) => void
  readonly now: () => number
}
/** A use by the same task is written down at most this often: a step that polls opens its secrets each time. */
const NOTED_MS = 60_000

/** What a SecretRef says of its name space. `flows` null: every flow of the project may use it. */
export interface NameSpace {
  readonly project: string
  readonly keys: readonly string[]
  readonly flows: readonly string[] | null
  readonly help: string | null
}
/** The document that declares a name space: one alone, in one project (`apply` sees to it). */
export function nameSpaceOf(tx: Tx, name: string): NameSpace | undefined {
  const document = catalogue.documentsNamed(tx, 'SecretRef', name)[0]
  return document && declaredBy(document)
}
/** As a SecretRef says it. */
export function declaredBy(document: catalogue.DocumentRow): NameSpace {
  const { keys, flows, help } = catalogue.specOf(document)
  return {
    project: document.project,
    keys: Array.isArray(keys) ? keys.map(String) : [],
    flows: Array.isArray(flows) ? flows.map(String) : null,
    help: typeof help === 'string' ? help : null,
  }
}

/** Why it may not be used; null: it may. A flow needs the SecretRef's word, a host only that the name space is of its project. */
function refusalOf(
  { ref, project, flow }: Opening,
  space: NameSpace | undefined,
  valueOf: string | undefined,
): string | null {
  const [namespace = '', key = ''] = ref.split('.')
  const owner = space?.project ?? valueOf
  if (owner !== undefined && owner !== project)
    return `The secret ${ref} belongs to the project ${owner}: nothing of ${project} may use it.`
  if (flow === null) return null
  if (!space?.keys.includes(key)) return `No SecretRef names the secret ${ref}: until one does, no flow may use it.`
  if (space.flows !== null && !space.flows.includes(flow))
    return `The flow ${flow} may not use the secret ${ref}: SecretRef ${namespace} keeps it for ${space.flows.join(', ') || 'no flow'}.`
  return null
}

/** Opens secrets for those who may, notes who was given them last, and leaves each refusal in the audit. */
export function createSecretOpener({ db, keys, mask, now }: OpenerParts): (opening: Opening) => string {
  return (opening) => {
    const { ref, flow, task, host } = opening
    const [namespace = '', key = ''] = ref.split('.')
    const { row, space } = db.read((tx) => ({
      row: catalogue.secretOf(tx, namespace, key),
      space: nameSpaceOf(tx, namespace),
    }))
    const at = now()
    const refusal = refusalOf(opening, space, row?.project)
    if (refusal !== null) {
      const detail = { flow, host, task: task?.number ?? null, code: 'SECRET_NOT_ALLOWED' }
      const entry = { at, by: SYSTEM, what: 'useSecret', target: ref, allowed: false, detail }
      void db.write((tx) => catalogue.addAudit(tx, entry, keys.audit)).catch(() => undefined) // the refusal itself stands in the task
      throw new EngineError('NOT_ALLOWED', { message: refusal })
    }
    if (!row)
      throw new EngineError('NOT_FOUND', {
        message: `The secret ${ref} has no value yet. Set it: baton secret set ${ref}, or on the page under Me.`,
      })
    const value = unseal(keys, catalogue.secretAad(namespace, key), row.sealed)
    mask(value)
    const last = row.lastUse
    if (last === null || last.task !== (task?.id ?? null) || last.host !== host || last.at < at - NOTED_MS) {
      const use = { at, task: task?.id ?? null, number: task?.number ?? null, flow, host }
      // A note beside what happens: a step does not wait for it, nor fail with it.
      void db.write((tx) => catalogue.noteSecretUse(tx, namespace, key, use)).catch(() => undefined)
    }
    return value
  }
}
