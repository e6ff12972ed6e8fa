import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { KeptToken } from '../src/access/tokens.ts'

/** One token of each role, and its file. */
export const TOKENS = {
  service: 'service-secret',
  viewer: 'viewer-secret',
  operator: 'operator-secret',
  admin: 'admin-secret',
} as const

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export const kept = (token: string, change: Partial<KeptToken> = {}): KeptToken => ({
  name: token,
  role: 'viewer',
  sha256: createHash('sha256').update(token).digest('hex'),
  ...change,
})

export async function writeTokens(path: string, more: readonly KeptToken[] = []): Promise<void> {
  const roles = Object.entries(TOKENS).map(([role, token]) =>
    kept(token, { name: `the ${role}`, role: role as keyof typeof TOKENS }),
  )
  await writeFile(path, JSON.stringify([...roles, ...more]))
}
