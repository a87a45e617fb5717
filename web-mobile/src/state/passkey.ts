import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import { ClientError, type Client } from '../../../api/client/index.ts'
import { beginProof, prove } from '../api/account.ts'

/** The person closed the browser's sheet, or let its time run out. Nothing happened. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}
async function atBrowser<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Cancelled('expected a passkey, but none was shown', { cause: error })
  }
}
/** The library comes when it is needed: most visits never show a passkey. */
const library = () => import('@simplewebauthn/browser')

/** Has the browser make a passkey. @throws Cancelled */
export async function makePasskey(options: unknown): Promise<unknown> {
  const { startRegistration } = await library()
  const optionsJSON = options as PublicKeyCredentialCreationOptionsJSON // as the server made it
  return atBrowser(() => startRegistration({ optionsJSON }))
}
/** Has the browser show one. @throws Cancelled */
export async function showPasskey(options: unknown): Promise<unknown> {
  const { startAuthentication } = await library()
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON // as above
  return atBrowser(() => startAuthentication({ optionsJSON }))
}

/**
 * Does it; where the server first wants to know that it is really them, has them show their passkey and does it once more.
 * @throws ClientError: the refusal itself when they showed none.
 */
async function withProof<T>(client: Client, work: () => Promise<T>, show = showPasskey): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ClientError) || error.detail['reason'] !== 'PROOF_NEEDED') throw error
    if (!(await proveNow(client, show))) throw error
    return work()
  }
}
/** Has them show their passkey to the server. False: they showed none. */
export async function proveNow(client: Client, show = showPasskey): Promise<boolean> {
  const options = (await client.query(beginProof)).beginProof
  try {
    const response = await show(options)
    await client.query(prove, { response })
    return true
  } catch (error) {
    if (error instanceof Cancelled) return false
    throw error
  }
}
/** A client whose refused acts are proven when that is what they lack. */
export const provingClient = (client: Client): Client => ({
  ...client,
  query: (document, ...variables) => withProof(client, () => client.query(document, ...variables)),
})
