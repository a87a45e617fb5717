import { line } from './card.ts'
import type { Acting, Reply } from './contract.ts'
import { signInLinkMutation } from './queries/index.ts'

/** A page of Baton, with a link that signs this person in, once. */
export async function openPage(acting: Acting, path: string, answers?: unknown): Promise<Reply> {
  const { texts, client } = acting
  const { signInLink } = await client.query(signInLinkMutation, { path, ...(answers === undefined ? {} : { answers }) })
  return { kind: 'open', label: texts.verb['open'] ?? '', url: signInLink, lines: [line(texts.openLink)] }
}
