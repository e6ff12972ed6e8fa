import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { smallDiskForTests } from '@fairtrial/disks'
import { afterAll, describe, expect, it } from 'vitest'
import { fairtrial, folderWith } from '../test/terminal.ts'
import { trial } from '../test/trial.ts'
import { writeDocument } from './document-file.ts'
import { readLookFile, writeLookFile } from './look-file.ts'
import { writeLock } from './lock/lock-file.ts'

const disk = smallDiskForTests('64k')
afterAll(disk.remove)

const definition = () => folderWith({ 'trial.json': JSON.stringify(trial) })('trial.json')

describe.skipIf(disk.isMissing)('on a full disk', () => {
  const out = join(disk.place, 'ready.json')
  const GOOD = '{"good": true}\n'

  async function whileFull<T>(act: () => Promise<T>): Promise<T> {
    writeFileSync(out, GOOD)
    const filler = disk.fill()
    try {
      return await act()
    } finally {
      rmSync(filler)
    }
  }

  it('`ready --out` tells its verdict, and leaves the report that was there', async () => {
    const args = ['ready', definition(), '--out', out]
    const { code, stdout, stderr } = await whileFull(() => fairtrial(args))
    expect(stdout).toContain('0 of 5 checks have passed')
    expect(stdout).not.toContain('Written to')
    expect(stderr).toMatch(/ready\.json cannot be written: ENOSPC.* See to space and permissions\./)
    expect(code).toBe(2)
    expect(readFileSync(out, 'utf8')).toBe(GOOD)
    expect(readdirSync(disk.place)).toEqual(['ready.json'])
    const again = await fairtrial(args)
    expect([again.code, again.stdout]).toEqual([4, expect.stringContaining(`  Written to ${out}.\n`)])
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ schema: 'fairtrial.readiness/1' })
  })

  it('`ready --out --json` answers one document, the verdict', async () => {
    const { code, document } = await whileFull(() =>
      fairtrial(['ready', definition(), '--out', out, '--json']),
    )
    expect(document).toMatchObject({ schema: 'fairtrial.readiness/1', ready: false })
    expect(code).toBe(2)
  })

  it('neither a lock nor a ledger of looks is written in part', async () => {
    const lock = join(disk.place, 'trial.lock')
    await whileFull(() => expect(writeLock(lock, {} as never)).rejects.toMatchObject({ code: 'io' }))
    const looks = join(disk.place, 'looks.json')
    await whileFull(() =>
      expect(writeLookFile(looks, {} as never, undefined)).rejects.toThrow('The look has not been recorded'),
    )
    expect(readdirSync(disk.place)).toEqual(['ready.json'])
    expect(await readLookFile(looks)).toBeUndefined()
  })
})

describe('a document', () => {
  it('goes where a link points, and to what is no file at all', async () => {
    const path = folderWith({ 'kept/ready.json': '{}' })
    symlinkSync(path('kept/ready.json'), path('ready.json'))
    await writeDocument(path('ready.json'), { new: true })
    expect(JSON.parse(readFileSync(path('kept/ready.json'), 'utf8'))).toEqual({ new: true })
    await writeDocument('/dev/null', {})
    expect(readFileSync('/dev/null', 'utf8')).toBe('')
  })

  it('that is new takes the place of nothing', async () => {
    const path = folderWith({ 'trial.lock': 'mine' })
    await expect(writeLock(path('trial.lock'), {} as never)).rejects.toThrow('is there already')
    expect(readFileSync(path('trial.lock'), 'utf8')).toBe('mine')
    expect(readdirSync(path('.'))).toEqual(['trial.lock'])
  })
})
