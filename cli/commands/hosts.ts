import { whole } from '../../api/client/index.ts'
import { text, UsageError, word } from '../args.ts'
import type { Context } from '../context.ts'
import { drawProbe, table } from '../draw.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'
import { CONFIRM_KEY, HOSTS, PROBE, SCAN, type HostState } from '../queries/hosts.ts'

export const host: Command = {
  usage: 'host list | scan <name> [--confirm <fingerprint>] | probe <name>',
  about:
    'Shows the key a host presents; --confirm pins it after you compared the fingerprint. Then, and by probe, says whether scripts can run there and what is missing.',
  flags: { confirm: 'value' },
  async run(context, parsed) {
    const verb = word(parsed, 0, 'list, scan or probe')
    if (verb === 'list') return list(context)
    const name = word(parsed, 1, 'the host')
    if (verb === 'probe') return probe(context, name)
    if (verb !== 'scan') throw new UsageError(`host ${verb} is not a command: list, scan or probe`)
    const fingerprint = text(context.flags, 'confirm')
    return fingerprint ? confirm(context, name, fingerprint) : scan(context, name)
  },
}

const projectOf = ({ project }: Context): { project?: string } => (project === undefined ? {} : { project })
async function list(context: Context): Promise<number> {
  const { client, world, json } = context
  const hosts = await whole(
    async (piece) => (await client.query(HOSTS, { ...projectOf(context), ...piece })).hosts,
    ({ project, name }) => `${project}/${name}`,
  )
  if (json) world.out(JSON.stringify(hosts))
  else
    for (const line of table(
      hosts.map((one) => [
        one.name,
        `${one.user}@${one.address}:${one.port}`,
        one.labels.map((label) => `@${label}`).join(' '),
        one.changed ? 'KEY CHANGED' : one.fingerprint ? 'key pinned' : 'key not confirmed',
        found(one),
      ]),
    ))
      world.out(line)
  return EXIT.ok
}
function found({ probe, fingerprint }: HostState): string {
  if (!probe) return fingerprint ? 'not looked at yet' : ''
  const needed = probe.missing.filter((finding) => finding.needed).length
  return {
    PROBING: 'being looked at',
    READY: 'ready',
    LACKING: `${needed} missing`,
    UNREACHABLE: 'could not be looked at',
  }[probe.state]
}

async function confirm(context: Context, name: string, fingerprint: string): Promise<number> {
  const { confirmHostKey } = await context.client.query(CONFIRM_KEY, { name, fingerprint, ...projectOf(context) })
  if (!context.json) context.world.out(`${name} is pinned to ${confirmHostKey.fingerprint}.`)
  return probe(context, name)
}
/** Waits for the look, and tells it. */
async function probe(context: Context, name: string): Promise<number> {
  const { client, world, json } = context
  const { probeHost } = await client.query(PROBE, { name, ...projectOf(context) })
  if (json) world.out(JSON.stringify(probeHost))
  else for (const line of drawProbe(probeHost)) world.out(line)
  return probeHost.probe?.state === 'READY' ? EXIT.ok : EXIT.failed
}
async function scan(context: Context, name: string): Promise<number> {
  const { client, world, json } = context
  const { scanHost } = await client.query(SCAN, { name, ...projectOf(context) })
  const offered = scanHost.offeredFingerprint
  if (!scanHost.changed && !(offered && offered !== scanHost.fingerprint)) {
    if (!json) world.out(`${name} shows its pinned key ${scanHost.fingerprint}.`)
    return probe(context, name)
  }
  if (json) world.out(JSON.stringify(scanHost))
  else if (scanHost.changed)
    world.out(
      `${name} shows ANOTHER key than the pinned one.\n  pinned  ${scanHost.fingerprint}\n  shown   ${offered}\nIf you replaced the machine: baton host scan ${name} --confirm ${offered}`,
    )
  else
    world.out(
      `${name} shows ${offered}\nCompare it on the machine (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: baton host scan ${name} --confirm ${offered}`,
    )
  return scanHost.changed ? EXIT.failed : EXIT.ok
}
