import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const SCRIPT = 'packages/exposure/scripts/install-confluent.sh'
const CACHE = new URL('../../../node_modules/.cache/fairtrial/confluent/', import.meta.url)

/**
 * `@confluentinc/kafka-javascript`, where it has been built; undefined where it has not, which the run says once and
 * CI does not take.
 */
export function confluentModule(): unknown {
  if (existsSync(new URL('node_modules/@confluentinc/kafka-javascript/build/Release/', CACHE)))
    return createRequire(fileURLToPath(CACHE))('@confluentinc/kafka-javascript')
  const message = `@confluentinc/kafka-javascript is not built (${SCRIPT})`
  if (process.env.CI) throw new Error(message)
  console.warn(`${message}: its tests are left out`)
  return undefined
}
