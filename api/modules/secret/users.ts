import { catalogue, type Tx } from '../../../engine/index.ts'

/** `<project> <namespace>.<key>` → what names it now: `Flow release-web`, `Host web-1`. */
export type SecretUsers = ReadonlyMap<string, readonly string[]>
export const usersOf = (users: SecretUsers, project: string, name: string): readonly string[] =>
  users.get(`${project} ${name}`) ?? []

const NAMED = /\bsecrets\.([A-Za-z_]\w*\.[A-Za-z_]\w*)/g
/** A host's key is written `ssh.deploy` too. */
const KEY = /^(?:\$\{\s*secrets\.)?([A-Za-z_]\w*\.[A-Za-z_]\w*)(?:\s*\})?$/

/**
 * Every secret that something names: documents as they stand, versions that are launched (current, or pinned by an app).
 * Read once for all secrets, and only where the word stands: there may be thousands of documents.
 */
export function secretUsers(tx: Tx): SecretUsers {
  const users = new Map<string, Set<string>>()
  const use = (project: string, name: string, user: string): void => {
    const known = users.get(`${project} ${name}`)
    if (known) known.add(user)
    else users.set(`${project} ${name}`, new Set([user]))
  }
  for (const row of catalogue.documentsOf(tx, 'Host')) {
    const [, name] = KEY.exec(String(catalogue.specOf(row)['key'])) ?? []
    if (name !== undefined) use(row.project, name, `Host ${row.name}`)
  }
  for (const { project, kind, name, document } of [
    ...catalogue.documentsSaying(tx, 'secrets.'),
    ...catalogue.launchableSaying(tx, 'secrets.'),
  ])
    for (const [, secret] of JSON.stringify(document).matchAll(NAMED))
      if (secret !== undefined) use(project, secret, `${kind} ${name}`)
  return new Map([...users].map(([name, found]) => [name, [...found].sort()]))
}
