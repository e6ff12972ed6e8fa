import { crc32 } from 'node:zlib'

const CHECKSUM = /,"crc32":"([0-9a-f]{8})"\}\n?$/

/** A line of JSON whose last member is the CRC-32 of the line without it, so that a bit that has rotted is found. */
export function checkedLine(document: object): string {
  const text = JSON.stringify(document)
  return `${text.slice(0, -1)},"crc32":"${checksum(text)}"}\n`
}

/** What was written; undefined where the line is damaged. Lines of releases that had no checksum are taken as they are. */
export function readCheckedLine(line: string): unknown {
  const found = CHECKSUM.exec(line)
  const text = found === null ? line : `${line.slice(0, found.index)}}`
  if (found !== null && found[1] !== checksum(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
