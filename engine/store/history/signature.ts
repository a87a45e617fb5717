import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'

/** What an Ed25519 key looks like before its 32 bytes (RFC 8410). */
const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex')

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: 'der', type: 'pkcs8' })

/** The public half: 32 bytes, base64url. It verifies and makes nothing. */
export function publicKeyOf(seed: Uint8Array): string {
  const der = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' })
  return der.subarray(PUBLIC.length).toString('base64url')
}
export const signText = (seed: Uint8Array, text: string): string =>
  sign(null, Buffer.from(text), privateKeyOf(seed)).toString('base64url')

/** False also when key or signature are not what they should be. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  const bytes = Buffer.from(publicKey, 'base64url')
  const signed = Buffer.from(signature, 'base64url')
  // Decoding is lenient (it passes over strange characters and left-over bits): there is one way to write a signature.
  if (bytes.length !== 32 || signed.toString('base64url') !== signature) return false
  const key = createPublicKey({ key: Buffer.concat([PUBLIC, bytes]), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(text), key, signed)
}
/** Where a history stands, for somebody who keeps it elsewhere. */
export const headText = (task: string, version: number, hash: string): string =>
  `baton.head\n${task}\n${version}\n${hash}`
/** What the last line of an export signs. */
export const signedText = (lines: number, sha256: string): string => `baton.history\n${lines}\n${sha256}`
