import {
  catalogue,
  EngineError,
  type Actor,
  type Database,
  type Directory,
  type EngineOptions,
  type HostAccess,
  type Keys,
  type Message,
  type SecretUser,
} from '../engine/index.ts'
import { placeOf, roomOf } from './delivery/place.ts'
import { waysOf } from './delivery/reach.ts'
import type { Library } from './library.ts'
import { createSecretOpener } from './modules/secret/open.ts'

export interface ServiceParts {
  readonly db: Database
  readonly keys: Keys
  readonly library: Library
  readonly directory: catalogue.LiveDirectory
  readonly platforms: () => ReadonlySet<string>
  /** Told each secret that is opened, so that logs can mask it by value. */
  readonly mask: (secret: string) => void
  readonly now: () => number
}
/** What the engine asks of the catalogue while it runs steps. */
export function engineServices(
  parts: ServiceParts,
): Pick<EngineOptions, 'loadFlow' | 'currentVersion' | 'loadHost' | 'hostKeySeen' | 'openSecret' | 'reachable'> {
  const { db, library, now } = parts
  const open = createSecretOpener(parts)
  const loadHost = async (project: string, name: string, by?: SecretUser, depth = 0): Promise<HostAccess> => {
    const host = library.host(project, name)
    if (!host) throw new EngineError('NOT_FOUND', { message: `There is no host “${name}”`, code: 'HOST_UNKNOWN' })
    if (depth > 3)
      throw new EngineError('INVALID_INPUT', { message: `${name} is behind too many hosts, or behind itself` })
    const { address, port, user, key, via, hostKey } = host.spec
    const confirmed = db.read((tx) => catalogue.hostKeyOf(tx, project, name))?.fingerprint
    return {
      name,
      address,
      port: port ?? 22,
      user,
      // The host is given its key, never the flow: which flows may use the name space says nothing here.
      key: open({ project, ref: key, flow: null, host: name, task: by?.task ?? null }),
      hostKey: confirmed ?? hostKey ?? null,
      via: via === undefined ? null : await loadHost(project, via, by, depth + 1),
    }
  }
  return {
    loadFlow: async (project, name, version) => library.flow(project, name, version),
    currentVersion: async (project, name) =>
      db.read((tx) => catalogue.flowVersionOf(tx, project, name, 'current'))?.version ?? null,
    loadHost: (project, name, by) => loadHost(project, name, by),
    hostKeySeen: async (project, name, fingerprint) => {
      await db.write((tx) => catalogue.offerHostKey(tx, project, name, fingerprint, now()))
    },
    openSecret: async (project, ref, { flow, task }) => open({ project, ref, flow, host: null, task: task ?? null }),
    reachable: async (project, message, starter) =>
      reachable({ ...parts, directory: parts.directory.within(project) }, message, starter),
  }
}
/** Who of a message's targets there is a way to tell by. */
function reachable(
  { db, directory, platforms }: Pick<ServiceParts, 'db' | 'platforms'> & { readonly directory: Directory },
  { to }: Message,
  starter: Actor,
): { accepted: string[]; unreachable: string[] } {
  const accepted = new Set<string>()
  const unreachable = new Set<string>()
  const connected = (place: string): boolean => platforms().has(placeOf(place)?.platform ?? '')
  for (const ref of to) {
    const room = roomOf(ref)
    if (room !== null) {
      ;(connected(room) ? accepted : unreachable).add(room)
      continue
    }
    const people = directory.people(ref, starter)
    if (people.length === 0) unreachable.add(directory.title(ref))
    for (const { id, name } of people) {
      const ways = db.read((tx) => waysOf(tx, id, platforms()))
      ;(ways.length > 0 ? accepted : unreachable).add(name)
    }
  }
  return { accepted: [...accepted], unreachable: [...unreachable] }
}
