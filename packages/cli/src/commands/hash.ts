import { hashUtf8 } from '@fairtrial/assignment'
import { type Console, writeLine } from '../console.ts'
import { readLines } from '../lines.ts'

/** `fairtrial hash --seed N -`: a string a line in, its unsigned 32-bit hash a line out. */
export async function hash(console: Console, seed: number): Promise<void> {
  for await (const line of readLines(console.stdin)) {
    await writeLine(console.stdout, String(hashUtf8(line, seed)))
  }
}
