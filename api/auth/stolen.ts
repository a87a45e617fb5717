import { catalogue } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { browserOf } from './browser.ts'

/** A cookie that turned up in another kind of browser opens nothing any more, in the right one either: its person signs in anew. */
export async function endStolen(
  { db, keys, access, now }: Deps,
  session: catalogue.Session,
  headers: Headers,
): Promise<void> {
  const detail = { session: catalogue.sessionId(session), givenTo: session.browser, shownBy: browserOf(headers) }
  await db.write((tx) => {
    const name = catalogue.personById(tx, session.person)?.name ?? ''
    catalogue.endSession(tx, session.hash)
    const by = { person: session.person, name, surface: 'phone' as const }
    catalogue.addAudit(tx, { at: now(), by, what: 'sessionElsewhere', allowed: false, detail }, keys.audit)
  })
  access.changed([session.person])
}
