import type { CompiledFlow } from '../core/compile.ts'
import type { LaunchFacts } from '../core/command.ts'
import type { Directory } from '../core/env.ts'
import { EngineError, type FieldError } from '../core/error.ts'
import type { Flow } from '../core/flow.ts'
import { checkAnswers } from '../core/form.ts'
import { ownSecretsIn, type ChildWanted } from '../core/requests.ts'
import { isSecretRef, type Value, type Values } from '../core/value.ts'
import { unseal, type Keys } from '../store/seal.ts'
import { sealAll, secretContext } from './launcher.ts'

export interface ChildServices {
  /** The version that is current now; null: the flow was never published. */
  readonly currentVersion: (project: string, name: string) => Promise<number | null>
  readonly loadFlow: (project: string, ref: { name: string; version: number }) => Promise<Flow>
  readonly directory: Directory
  readonly keys: Keys
}
export interface PreparedChild {
  readonly facts: Omit<LaunchFacts, 'id' | 'number'>
  readonly flow: { readonly name: string; readonly version: number }
  /** Sealed for the child. */
  readonly secrets: { readonly [variable: string]: string }
}

/** A child as it is launched: `latest` resolved, its variables held against its own form. @throws EngineError, which its parent is told. */
export async function prepareChild(services: ChildServices, wanted: ChildWanted): Promise<PreparedChild> {
  const { project, flow: name, parent, by } = wanted
  const version = wanted.version === 'latest' ? await services.currentVersion(project, name) : wanted.version
  if (version === null) throw new EngineError('NOT_FOUND', { message: `There is no published flow “${name}”` })
  const flow = await services.loadFlow(project, { name, version })
  const { plain, secret, errors: strangers } = sorted(flow, wanted.variables)
  // What is compiled for running holds all that a form needs.
  const checked = checkAnswers(flow as CompiledFlow, null, plain, { directory: services.directory, starter: by })
  const errors = [...strangers, ...checked.errors.filter(({ field }) => !Object.hasOwn(secret, field))]
  if (errors.length > 0)
    throw new EngineError('INVALID_INPUT', {
      message: `${flow.title} does not take this: ${errors.map(({ field, message }) => `${field}: ${message}`).join('; ')}`,
      fields: errors,
    })
  const kept = ownSecrets(services.keys, wanted, secret)
  return {
    facts: {
      project,
      key: wanted.child,
      client: `task/${parent.task}`,
      title: flow.title,
      app: wanted.app,
      variables: { ...checked.values, ...kept.values },
      launched: checked.launched,
      omit: [],
      scheme: null,
      origin: null,
      rehearsal: wanted.rehearsal,
      startNow: true,
      startAt: null,
      by,
      parent,
    },
    flow: { name, version },
    secrets: sealAll(services.keys, wanted.child, { ...checked.secrets, ...kept.texts }),
  }
}

/** Secrets go into secret variables alone. */
function sorted(flow: Flow, given: Values): { plain: Values; secret: Values; errors: FieldError[] } {
  const plain: { [key: string]: Value } = {}
  const secret: { [key: string]: Value } = {}
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(given)) {
    const takesSecrets = flow.variables.find((variable) => variable.key === key)?.secret === true
    if (takesSecrets && isSecretRef(value)) secret[key] = value
    else if (hasSecret(value)) errors.push({ field: key, code: 'type', message: 'is not secret, so no secret goes in' })
    else plain[key] = value
  }
  return { plain, secret, errors }
}
const hasSecret = (value: Value): boolean =>
  isSecretRef(value) || (typeof value === 'object' && value !== null && Object.values(value).some(hasSecret))

/** The parent's own secrets become the child's own; named ones stay names, opened where they are used. */
function ownSecrets(
  keys: Keys,
  { parent, secrets = {} }: ChildWanted,
  given: Values,
): { values: Values; texts: { [key: string]: string } } {
  const values: { [key: string]: Value } = {}
  const texts: { [key: string]: string } = {}
  for (const [key, value] of Object.entries(given)) {
    const [own] = ownSecretsIn(value)
    if (own === undefined) {
      values[key] = value
      continue
    }
    const sealed = secrets[own]
    if (sealed === undefined) throw new EngineError('INVALID_INPUT', { message: `the secret ${own} has no value` })
    texts[key] = unseal(keys, secretContext(parent.task, own), sealed)
    values[key] = { $secret: `task:${key}` }
  }
  return { values, texts }
}
