// Writes the JSON Schema that editors read: `pnpm --filter @fairtrial/protocol schema`.
import { writeFileSync } from 'node:fs'
import { jsonSchema } from '@fairtrial/protocol'

const file = new URL('../schemas/experiment.v1.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(jsonSchema(), null, 2)}\n`)
