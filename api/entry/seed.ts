import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { catalogue, seal, SYSTEM, type Database, type Keys, type PluginCatalogue, type Tx } from '../../engine/index.ts'
import { applyDocuments, readDocuments } from '../modules/document/apply.ts'
import { publish } from '../modules/flow/publish.ts'
import { inWords, type Words } from './example-words.ts'

/** Field manager of everything the examples bring. */
const MANAGER = 'examples'
const BY_NAME = { en: 'Baton examples', zh: 'Baton 示例' } as const
const NOTE = { en: 'Comes with Baton', zh: '随 Baton 附带' } as const
const BY = { ...SYSTEM, name: BY_NAME.en }

export interface ExampleHost {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly privateKeyPem: string
  readonly fingerprint: string
}
export interface Seeding {
  readonly db: Database
  readonly keys: Keys
  readonly plugins: PluginCatalogue
  readonly hosts: readonly ExampleHost[]
  readonly url: string
  /** Whether people can be told in chat. */
  readonly chat: boolean
  readonly now: number
}

/** What this start knows anew: addresses and keys of the example hosts, and our own address. Applying it again changes nothing. */
export async function applyExampleHosts({ db, keys, plugins, hosts, url, chat, now }: Seeding): Promise<void> {
  const documents = [
    {
      kind: 'SecretRef',
      metadata: { name: 'examples' },
      spec: { keys: ['ssh_key'], help: 'Key of the example hosts.' },
    },
    {
      kind: 'Constant',
      metadata: { name: 'CHAT' },
      spec: { value: chat, help: 'Whether Slack or Telegram is connected: the examples tell people only then.' },
    },
    {
      kind: 'Constant',
      metadata: { name: 'STATUS_URL' },
      spec: { value: url, help: 'What the examples check by HTTP: Baton itself.' },
    },
    ...hosts.map(({ name, address, port, user }) => ({
      kind: 'Host',
      metadata: { name },
      spec: { address, port, user, key: 'examples.ssh_key', labels: [name.replace(/-\d+$/, '')] },
    })),
  ]
  const text = documents
    .map((document) => JSON.stringify({ apiVersion: 'baton/v1', ...document }, null, 2))
    .join('\n---\n')
  await applyDocuments(db, readDocuments(text), { dryRun: false, force: false, manager: MANAGER, by: BY, now, plugins })
  const key = hosts[0]?.privateKeyPem
  await db.write((tx) => {
    if (key !== undefined) {
      const sealed = seal(keys, catalogue.secretAad('examples', 'ssh_key'), key)
      catalogue.putSecret(tx, { namespace: 'examples', key: 'ssh_key', sealed, setAt: now, setBy: BY.name })
    }
    // Baton made these keys itself a moment ago: nobody has to compare fingerprints.
    for (const host of hosts) catalogue.confirmHostKey(tx, 'default', host.name, host.fingerprint, now)
  })
}

/** The example flows and apps, applied and published. Once, at the first start: what people make of them is theirs. */
export async function applyExamples(
  { db, plugins, now }: Pick<Seeding, 'db' | 'plugins' | 'now'>,
  folder: URL,
  language: 'en' | 'zh' = 'en',
): Promise<void> {
  const words = language === 'zh' ? (parse(readFileSync(new URL('chinese/words.yaml', folder), 'utf8')) as Words) : {} // a test reads every pair of it
  const by = { ...BY, name: BY_NAME[language] }
  const texts = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .map((source) => (language === 'en' ? source : inWords(source, words)))
  const read = texts.flatMap(readDocuments)
  await applyDocuments(db, read, { dryRun: false, force: false, manager: MANAGER, by, now, plugins })
  await db.write((tx) => {
    for (const { document } of read) {
      if (document.kind !== 'Flow') continue
      const { project, name } = document.metadata
      publish(tx, { project, name, note: NOTE[language], by, now, plugins })
    }
  })
}

/** One person can play every part of the examples: they join the roles that came with them and name nobody. */
export function joinExampleRoles(tx: Tx, person: string): void {
  for (const row of catalogue.documentsOf(tx, 'Role')) {
    const members = catalogue.specOf(row)['members']
    const isExample = Object.values(row.managers).some((managers) => managers.includes(MANAGER))
    if (isExample && Array.isArray(members) && members.length === 0) catalogue.addMember(tx, row.name, person)
  }
}
