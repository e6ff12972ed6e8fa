import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ExperimentError } from '@fairtrial/protocol'

/** A signature, and which key made it. */
export interface Signature {
  /** Ed25519, base64url. */
  readonly signature: string
  /** The first 16 characters of the SHA-256 of the public key (SPKI, DER), in base64url. */
  readonly key: string
}

/** Signs what clients are told. */
export interface Signer {
  readonly key: string
  /**
   * Of `fairtrial.snapshot/2`, the nonce, and the body as it is sent, each on its own line.
   *
   * @param nonce of whoever asks, so that nobody else's answer will do; empty for what is said to everybody
   */
  signSnapshot(body: string, nonce?: string): Signature
  /** Of a lease that is renewed without a body. */
  signRenewal(renewal: Renewal, nonce?: string): Signature
}

/** A lease that goes on. */
export interface Renewal {
  readonly etag: string
  readonly validForMs: number
  /** Epoch milliseconds by the issuer's clock. */
  readonly issuedAt: number
}

/** @throws ExperimentError `misconfigured` for what is no Ed25519 private key in PEM */
function createSigner(pem: string, origin = 'The signing key'): Signer {
  const privateKey = readKey(pem, origin)
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const key = createHash('sha256').update(spki).digest('base64url').slice(0, 16)
  const signText = (text: string) => ({
    signature: sign(null, Buffer.from(text), privateKey).toString('base64url'),
    key,
  })
  return {
    key,
    signSnapshot: (body, nonce = '') => signText(`fairtrial.snapshot/2\n${nonce}\n${body}`),
    signRenewal: ({ etag, validForMs, issuedAt }, nonce = '') =>
      signText(`fairtrial.renewal/2\n${nonce}\n${etag}\n${validForMs}\n${issuedAt}`),
  }
}

/** Of a file: `openssl genpkey -algorithm ed25519 -out FILE` makes one. */
export async function readSigner(path: string): Promise<Signer> {
  let pem: string
  try {
    pem = await readFile(path, 'utf8')
  } catch (cause) {
    throw unusable(path, (cause as Error).message, cause)
  }
  return createSigner(pem, path)
}

function readKey(pem: string, origin: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw unusable(origin, 'it is no private key', cause)
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw unusable(origin, `it is a key of ${key.asymmetricKeyType}`)
}

function unusable(origin: string, why: string, cause?: unknown): ExperimentError {
  return new ExperimentError(
    'misconfigured',
    `${origin} cannot sign: ${why}.`,
    'Give an Ed25519 private key in PEM: `openssl genpkey -algorithm ed25519 -out FILE`.',
    { cause },
  )
}
