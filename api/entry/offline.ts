/** Tokens straight from the data folder, beside a running server too: `baton token new --owner`, `… --person <name> --role <role>`. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { catalogue, keysOf, openDatabase, SYSTEM, type Tx } from '../../engine/index.ts'
import { databaseIn, keyAt } from './data.ts'
import { joinExampleRoles } from './seed.ts'

/** A full token of the first owner, who is made when there is none yet. It does not end the owner link. */
export const createOwnerToken = (dataDir: string): Promise<string> =>
  withCatalogue(dataDir, (tx, now, key) => {
    const owner =
      catalogue.ownersOf(tx)[0] ?? catalogue.addPerson(tx, { name: 'Owner', role: 'owner', named: true }, now)
    joinExampleRoles(tx, owner.id)
    return tokenFor(tx, owner, now, key)
  })
/** A full token of a person, made (or given that role) when need be. */
export const createPersonToken = (dataDir: string, name: string, role: string): Promise<string> =>
  withCatalogue(dataDir, (tx, now, key) => {
    if (!catalogue.rightsRoleIn(tx, 'default', role)) {
      const known = catalogue.rightsRolesIn(tx, 'default').map((one) => one.name)
      throw new Error(`expected one of ${known.join(', ')} as role, but got ${role}`)
    }
    const known = catalogue.personByRef(tx, name)
    const person = known ?? catalogue.addPerson(tx, { name, role, named: true }, now)
    if (person.role !== role) catalogue.changePerson(tx, person.id, { role })
    return tokenFor(tx, person, now, key)
  })

function tokenFor(tx: Tx, person: catalogue.Person, now: number, key: Uint8Array | null): string {
  const entry = { at: now, by: SYSTEM, what: 'createToken', target: person.name, allowed: true }
  catalogue.addAudit(tx, { ...entry, detail: { offline: true } }, key && keysOf(key).audit)
  return catalogue.makeToken(tx, { person: person.id, name: 'made on the machine' }, now).secret
}
async function withCatalogue(
  dataDir: string,
  work: (tx: Tx, now: number, key: Uint8Array | null) => string,
): Promise<string> {
  const file = databaseIn(dataDir)
  if (!existsSync(file))
    throw new Error(`there is no Baton in ${dataDir}: start it once, or name its folder by --data or BATON_DATA`)
  const db = openDatabase(file, { beside: true })
  try {
    const key = keyAt(dataDir, process.env)
    return await db.write((tx) => work(tx, Date.now(), key))
  } finally {
    await db.close()
  }
}

async function main(argv: readonly string[]): Promise<void> {
  const flag = (name: string): string | undefined => {
    const at = argv.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))
    return at < 0 ? undefined : (argv[at]!.split('=')[1] ?? argv[at + 1])
  }
  const data = resolve(flag('data') ?? process.env['BATON_DATA'] ?? 'data')
  const person = flag('person')
  const token =
    person === undefined
      ? await createOwnerToken(data)
      : await createPersonToken(data, person, flag('role') ?? 'starter')
  process.stdout.write(argv.includes('--json') ? `${JSON.stringify({ token })}\n` : `${token}\n`)
}
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })
}
