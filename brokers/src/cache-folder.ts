import { fileURLToPath } from 'node:url'

/** Where what was fetched or compiled is kept: `FAIRTRIAL_KAFKA_CACHE`, or a folder that git does not see. */
export function cacheFolder(): string {
  const chosen = process.env.FAIRTRIAL_KAFKA_CACHE
  if (chosen !== undefined && chosen !== '') return chosen
  return fileURLToPath(new URL('../../node_modules/.cache/fairtrial', import.meta.url))
}
