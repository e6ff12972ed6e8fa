import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Snapshot } from '@fairtrial/protocol'

/** Signs as a control plane does. */
export function signingKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    sign: (text: string) => signBy(privateKey, text),
  }
}

function signBy(key: KeyObject, text: string): string {
  return sign(null, Buffer.from(text), key).toString('base64url')
}

export const snapshotText = (body: string, nonce = '') => `fairtrial.snapshot/2\n${nonce}\n${body}`

export const renewalText = (etag: string, validForMs: number, issuedAt: number, nonce = '') =>
  `fairtrial.renewal/2\n${nonce}\n${etag}\n${validForMs}\n${issuedAt}`

/** What a request is told apart by; it is signed with the answer. */
export const nonceOf = ({ headers }: IncomingMessage): string => String(headers['fairtrial-nonce'] ?? '')

/** The tag of a snapshot, as a control plane computes it. */
export function etagOf({ states }: Snapshot): string {
  return `"${createHash('sha256').update(JSON.stringify(states)).digest('base64url').slice(0, 22)}"`
}

/** As if it had been issued so many milliseconds after now. */
export const issued = (snapshot: Snapshot, afterMs = 0): Snapshot => {
  const issuedAt = Date.now() + afterMs
  return { ...snapshot, issuedAt, validUntil: issuedAt + 30_000 }
}
