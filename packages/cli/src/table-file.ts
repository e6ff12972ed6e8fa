import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ExperimentError } from '@fairtrial/protocol'
import { parse } from 'csv-parse'

/**
 * Reads a CSV file, plain or gzipped (`.gz`), row by row: the header, then a row a unit, each as its cells.
 *
 * @throws ExperimentError `invalid-table` for a file that cannot be read, has no header, names a column twice,
 *   or has a row of another length, with its line
 */
export async function* readTable(file: string): AsyncGenerator<readonly string[]> {
  const parser = parse({ bom: true, skip_empty_lines: true })
  const source = createReadStream(file)
  const ignoreError = () => {} // The parser is destroyed with the error and throws it below.
  if (file.endsWith('.gz')) pipeline(source, createGunzip(), parser, ignoreError)
  else pipeline(source, parser, ignoreError)
  let isHeader = true
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (isHeader) refuseRepeated(row)
      isHeader = false
      yield row
    }
    if (isHeader) throw new Error('it is empty')
  } catch (error) {
    throw new ExperimentError(
      'invalid-table',
      `${file} cannot be read as a table: ${(error as Error).message}.`,
      'Give a CSV file with a header line, plain or gzipped (then its name ends in .gz).',
      { cause: error },
    )
  }
}

function refuseRepeated(header: readonly string[]): void {
  const twice = header.find((column, index) => header.indexOf(column) !== index)
  if (twice !== undefined) throw new Error(`the column ${JSON.stringify(twice)} stands twice in the header`)
}
