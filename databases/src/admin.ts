import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

export async function isAnswering(connectionString: string): Promise<boolean> {
  try {
    await ask(connectionString, 'SELECT 1')
    return true
  } catch {
    return false
  }
}

/** Makes a database on the server of `connectionString`, by a name that no other has. */
export async function createDatabase(connectionString: string): Promise<string> {
  const name = `fairtrial_${randomBytes(6).toString('hex')}`
  await ask(connectionString, `CREATE DATABASE ${name}`)
  const url = new URL(connectionString)
  url.pathname = `/${name}`
  return url.href
}

async function ask(connectionString: string, text: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 })
  // A server that goes away ends the query too, which tells.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
