import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { smallDiskForTests } from './index.ts'

const disk = smallDiskForTests('64k')
afterAll(() => {
  disk.remove()
  expect(existsSync(disk.place)).toBe(false)
})

describe.skipIf(disk.isMissing)('a small disk', () => {
  const write = () => writeFileSync(join(disk.place, 'a'), 'some bytes')

  it('is full to the last byte, until what fills it is removed', () => {
    const filler = disk.fill()
    expect(write).toThrow(/ENOSPC/)
    rmSync(filler)
    write()
  })

  it('takes nothing while it is read-only, and is read', () => {
    write()
    disk.makeReadOnly()
    expect(write).toThrow(/EROFS/)
    expect(readdirSync(disk.place)).toEqual(['a'])
    disk.makeWritable()
    write()
  })
})
